/* SPDX-License-Identifier: MIT */
#include "tests/unit/fake_redis.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>
#include <hiredis/hiredis.h>

#include "common/base/memory.h"

/* Outlives its connection by the time that uv_close() takes. */
struct conversation {
    uv_poll_t poll;
    struct fake_redis *fake;
};

static const struct fake_answer polite[] = {
    {"AUTH ", "+OK\r\n"},   {"CLIENT SETNAME ", "+OK\r\n"},
    {"SELECT ", "+OK\r\n"}, {"INFO server", "$32\r\n# Server\r\nredis_version:7.0.15\r\n\r\n"},
    {"PING", "+PONG\r\n"},  {NULL, NULL},
};

static void free_handle(uv_handle_t *handle)
{
    free(handle->data);
}

static void end_connection(struct fake_redis *fake)
{
    if (fake->peer < 0)
        return;
    uv_close((uv_handle_t *)&fake->conversation->poll, free_handle);
    (void)close(fake->peer);
    redisReaderFree(fake->reader);
    fake->peer = -1;
    fake->reader = NULL;
}

void fake_say(struct fake_redis *fake, const char *bytes)
{
    size_t length = strlen(bytes);

    assert_int_equal(send(fake->peer, bytes, length, MSG_NOSIGNAL), length);
}

/* Writes the command's words to the end of what was heard, and gives it back. */
static const char *note(struct fake_redis *fake, const redisReply *command)
{
    size_t start = strlen(fake->heard);
    size_t end = start;

    for (size_t i = 0; i < command->elements; i++) {
        end += (size_t)snprintf(fake->heard + end, sizeof fake->heard - end, "%s%s",
                                i > 0 ? " " : "", command->element[i]->str);
        assert_true(end + 1 < sizeof fake->heard);
    }
    fake->commands++;
    return fake->heard + start;
}

static const struct fake_answer *find_answer(const struct fake_answer *answers, const char *command)
{
    for (; answers && answers->command; answers++)
        if (strncmp(command, answers->command, strlen(answers->command)) == 0)
            return answers;
    return NULL;
}

static void hear(struct fake_redis *fake, const redisReply *command)
{
    const char *words = note(fake, command);
    const struct fake_answer *answer = find_answer(fake->answers, words);

    if (!answer)
        answer = find_answer(polite, words);
    if (answer && answer->reply && fake->peer >= 0)
        (void)send(fake->peer, answer->reply, strlen(answer->reply), MSG_NOSIGNAL);
    size_t end = strlen(fake->heard);
    memcpy(fake->heard + end, "\n", 2);
}

static void on_talk(uv_poll_t *poll, int status, int events)
{
    struct fake_redis *fake = ((struct conversation *)poll->data)->fake;
    char bytes[4096];
    void *command;
    ssize_t length = status < 0 ? 0 : recv(fake->peer, bytes, sizeof bytes, MSG_DONTWAIT);

    (void)events;
    if (length < 0 && errno == EAGAIN)
        return;
    if (length <= 0) {
        end_connection(fake);
        return;
    }
    assert_int_equal(redisReaderFeed(fake->reader, bytes, (size_t)length), REDIS_OK);
    while (fake->peer >= 0 && redisReaderGetReply(fake->reader, &command) == REDIS_OK && command) {
        hear(fake, command);
        freeReplyObject(command);
    }
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
    struct fake_redis *fake = poll->data;
    struct conversation *conversation = memory_new(sizeof *conversation);

    (void)status;
    (void)events;
    end_connection(fake);
    fake->peer = accept4(fake->listener, NULL, NULL, SOCK_CLOEXEC);
    assert_true(fake->peer >= 0);
    fake->conversation = conversation;
    fake->reader = redisReaderCreate();
    fake->heard[0] = '\0';
    fake->commands = 0;
    fake->connections++;
    conversation->fake = fake;
    conversation->poll.data = conversation;
    assert_int_equal(uv_poll_init(fake->loop, &conversation->poll, fake->peer), 0);
    assert_int_equal(uv_poll_start(&conversation->poll, UV_READABLE, on_talk), 0);
}

static void bind_to(struct fake_redis *fake, const struct sockaddr *address, socklen_t length)
{
    fake->listener = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fake->listener >= 0);
    assert_int_equal(bind(fake->listener, address, length), 0);
}

/* The system's own choice of a free port lies above 20000. */
void fake_bind_tcp(struct fake_redis *fake, uv_loop_t *loop)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;

    *fake = (struct fake_redis){.loop = loop, .peer = -1};
    bind_to(fake, (const struct sockaddr *)&address, length);
    assert_int_equal(getsockname(fake->listener, (struct sockaddr *)&address, &length), 0);
    fake->port = ntohs(address.sin_port);
    assert_true(fake->port > 20000);
}

void fake_bind_unix(struct fake_redis *fake, uv_loop_t *loop)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    *fake = (struct fake_redis){.loop = loop, .peer = -1};
    (void)snprintf(fake->folder, sizeof fake->folder, "/tmp/fake_redis.XXXXXX");
    assert_non_null(mkdtemp(fake->folder));
    (void)snprintf(fake->path, sizeof fake->path, "%s/socket", fake->folder);
    memcpy(address.sun_path, fake->path, strlen(fake->path));
    bind_to(fake, (const struct sockaddr *)&address, sizeof address);
}

void fake_listen(struct fake_redis *fake)
{
    assert_int_equal(listen(fake->listener, 8), 0);
    fake->listening = memory_new(sizeof *fake->listening);
    assert_int_equal(uv_poll_init(fake->loop, fake->listening, fake->listener), 0);
    fake->listening->data = fake;
    assert_int_equal(uv_poll_start(fake->listening, UV_READABLE, on_connection), 0);
}

void fake_finish(struct fake_redis *fake)
{
    assert_int_equal(shutdown(fake->peer, SHUT_WR), 0);
}

void fake_reset(struct fake_redis *fake)
{
    const struct linger at_once = {.l_onoff = 1};

    assert_int_equal(setsockopt(fake->peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
    end_connection(fake);
}

static void free_listening(uv_handle_t *handle)
{
    free(handle);
}

void fake_close(struct fake_redis *fake)
{
    end_connection(fake);
    if (fake->listening)
        uv_close((uv_handle_t *)fake->listening, free_listening);
    (void)close(fake->listener);
    if (!fake->path[0])
        return;
    (void)unlink(fake->path);
    assert_int_equal(rmdir(fake->folder), 0);
}
