/* SPDX-License-Identifier: MIT */
#include "tests/unit/redis_server.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/memory.h"
#include "tests/unit/support.h"

enum { TRIES = 1000, PAUSE_US = 10000 };

static void become_redis(const struct redis_server *server)
{
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)dup2(nowhere, STDOUT_FILENO);
    (void)execlp("redis-server", "redis-server", "--port", "0", "--save", "", "--dir",
                 server->folder, "--enable-debug-command", "local", "--unixsocket", server->socket,
                 (char *)NULL);
    _exit(127);
}

void redis_server_start(struct redis_server *server)
{
    *server = (struct redis_server){.folder = "/tmp/test_redis.XXXXXX"};
    assert_non_null(mkdtemp(server->folder));
    (void)snprintf(server->socket, sizeof server->socket, "%s/redis.sock", server->folder);
    server->process = fork();
    assert_true(server->process >= 0);
    if (server->process == 0)
        become_redis(server);
    for (int i = 0; i < TRIES; i++) {
        server->connection = redisConnectUnix(server->socket);
        if (server->connection && !server->connection->err)
            return;
        redisFree(server->connection);
        (void)usleep(PAUSE_US);
    }
    fail_msg("redis-server does not answer");
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

void redis_server_stop(struct redis_server *server)
{
    redisFree(server->connection);
    (void)kill(server->process, SIGKILL);
    (void)waitpid(server->process, NULL, 0);
    assert_int_equal(nftw(server->folder, remove_entry, 4, FTW_DEPTH | FTW_PHYS), 0);
}

static redisReply *ask(struct redis_server *server, const char *format, va_list arguments)
{
    redisReply *reply = redisvCommand(server->connection, format, arguments);

    if (!reply)
        fail_msg("%s: %s", format, server->connection->errstr);
    return reply;
}

redisReply *redis_server_ask(struct redis_server *server, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    redisReply *reply = ask(server, format, arguments);
    va_end(arguments);
    return reply;
}

void redis_server_expect(struct redis_server *server, const char *answer, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    redisReply *reply = ask(server, format, arguments);
    va_end(arguments);
    const char *shown = reply_shown(reply);
    size_t length = answer[0] == '-' ? strlen(answer) : strlen(shown) + 1;
    if (strncmp(shown, answer, length) != 0)
        fail_msg("%s: %s, not %s", format, shown, answer);
    freeReplyObject(reply);
}

void redis_server_expect_between(struct redis_server *server, int64_t least, int64_t most,
                                 const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    redisReply *reply = ask(server, format, arguments);
    va_end(arguments);
    if (reply->type != REDIS_REPLY_INTEGER || reply->integer < least || reply->integer > most)
        fail_msg("%s: %s, not %lld to %lld", format, reply_shown(reply), (long long)least,
                 (long long)most);
    freeReplyObject(reply);
}

char *redis_server_digest(struct redis_server *server, const char *stream, const char *group)
{
    redisReply *keys = redis_server_ask(server, "DEBUG DIGEST");
    redisReply *pending = redis_server_ask(server, "XPENDING %s %s", stream, group);

    if (keys->type != REDIS_REPLY_STATUS)
        fail_msg("DEBUG DIGEST: %s", reply_shown(keys));
    char *text = memory_format("%s %s", keys->str, reply_shown(pending));
    freeReplyObject(keys);
    freeReplyObject(pending);
    return text;
}

redisReply *redis_server_send(struct redis_server *server, struct command *command)
{
    void *reply = NULL;
    size_t length;
    const char *wire = command_wire(command, &length);

    assert_int_equal(redisAppendFormattedCommand(server->connection, wire, length), REDIS_OK);
    command_free(command);
    assert_int_equal(redisGetReply(server->connection, &reply), REDIS_OK);
    return reply;
}

void redis_server_teach(struct redis_server *server, struct script *script)
{
    redisReply *reply = redis_server_ask(server, "SCRIPT LOAD %s", script->source);

    if (reply->type == REDIS_REPLY_ERROR)
        fail_msg("%s", reply->str);
    (void)snprintf(script->hash, sizeof script->hash, "%s", reply->str);
    freeReplyObject(reply);
}

static size_t show(const redisReply *reply, char *text, size_t room)
{
    size_t length = 0;

    switch (reply->type) {
    case REDIS_REPLY_INTEGER:
        return (size_t)snprintf(text, room, "%lld", reply->integer);
    case REDIS_REPLY_NIL:
        return (size_t)snprintf(text, room, "(nil)");
    case REDIS_REPLY_ERROR:
        return (size_t)snprintf(text, room, "-%s", reply->str);
    case REDIS_REPLY_ARRAY:
        text[length++] = '[';
        for (size_t i = 0; i < reply->elements; i++) {
            if (i > 0)
                text[length++] = ' ';
            length += show(reply->element[i], text + length, room - length);
            assert_true(length + 2 < room);
        }
        return length + (size_t)snprintf(text + length, room - length, "]");
    default:
        return (size_t)snprintf(text, room, "%s", reply->str);
    }
}

const char *reply_shown(const redisReply *reply)
{
    static char text[8192];

    assert_true(show(reply, text, sizeof text) < sizeof text);
    return text;
}
