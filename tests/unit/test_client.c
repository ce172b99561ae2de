/* SPDX-License-Identifier: MIT */
/* What a tool's connection says when things go wrong. A small server of our own, which sends what
 * it was told to and reads what comes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/redis/client.h"
#include "tests/unit/support.h"

#define GREETING "+OK\r\n+PONG\r\n"

static char folder[] = "/tmp/test_client.XXXXXX";
static char path[64];
static struct redis_settings settings;
static pid_t server;

static int make_folder(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/redis.sock", folder);
    settings = (struct redis_settings){
        .connect_timeout_ms = 2000, .reply_timeout_ms = 200, .address = {.path = path}};
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static int end(void **state)
{
    (void)state;
    if (server > 0)
        (void)waitpid(server, NULL, 0);
    server = 0;
    settings.address.password = NULL;
    (void)unlink(path);
    return 0;
}

/* Answers with this at once; then hangs up, or waits until the other side does. */
static void serve(int listener, const char *answer, bool hangs_up)
{
    char bytes[4096];
    int peer = accept(listener, NULL, NULL);

    (void)!write(peer, answer, strlen(answer));
    if (hangs_up)
        (void)shutdown(peer, SHUT_WR);
    while (read(peer, bytes, sizeof bytes) > 0)
        continue;
    _exit(0);
}

static void start_server(const char *answer, bool hangs_up)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)snprintf(name.sun_path, sizeof name.sun_path, "%s", path);
    assert_int_equal(bind(listener, (const struct sockaddr *)&name, sizeof name), 0);
    assert_int_equal(listen(listener, 1), 0);
    server = fork();
    assert_true(server >= 0);
    if (server == 0)
        serve(listener, answer, hangs_up);
    assert_int_equal(close(listener), 0);
}

static void expect_error(const struct client *client, const char *reason)
{
    char whole[256];

    (void)snprintf(whole, sizeof whole, "Redis at %s: %s", path, reason);
    assert_string_equal(client_error(client), whole);
}

static void expect_refused(const char *reason)
{
    struct client *client = client_new(&settings, "test");

    assert_true(client_open(client) < 0);
    expect_error(client, reason);
    client_free(client);
}

static struct client *must_open(void)
{
    struct client *client = client_new(&settings, "test");

    assert_int_equal(client_open(client), 0);
    assert_string_equal(client_error(client), "");
    return client;
}

static void append_ping(struct client *client)
{
    struct command command = {0};

    command_add(&command, "PING");
    client_append(client, &command);
}

static void nobody_listens(void **state)
{
    (void)state;
    expect_refused("No such file or directory");
}

static void nobody_answers(void **state)
{
    (void)state;
    start_server("", false);
    expect_refused("no answer in time");
}

static void it_hangs_up(void **state)
{
    (void)state;
    start_server("", true);
    expect_refused("Server closed the connection");
}

static void it_is_loading(void **state)
{
    (void)state;
    start_server("+OK\r\n-LOADING wait a moment\r\n", false);
    expect_refused("LOADING wait a moment");
}

static void it_refuses_the_password(void **state)
{
    static char password[] = "guess";

    (void)state;
    settings.address.password = password;
    start_server("-WRONGPASS no\r\n", false);
    expect_refused("WRONGPASS no");
}

static void the_name_is_a_courtesy(void **state)
{
    (void)state;
    start_server("-NOPERM no\r\n+PONG\r\n", false);
    client_free(must_open());
}

static void replies_come_in_order(void **state)
{
    redisReply *reply;

    (void)state;
    start_server(GREETING ":1\r\n-ERR two\r\n:3\r\n", false);
    struct client *client = must_open();
    for (int i = 0; i < 3; i++)
        append_ping(client);
    assert_int_equal(client_flush(client), 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(client_collect(client, &reply), 0);
        assert_int_equal(reply->type, i == 1 ? REDIS_REPLY_ERROR : REDIS_REPLY_INTEGER);
        freeReplyObject(reply);
    }
    client_free(client);
}

static void the_first_loss_stays(void **state)
{
    redisReply *reply;

    (void)state;
    start_server(GREETING ":1\r\n", true);
    struct client *client = must_open();
    append_ping(client);
    append_ping(client);
    assert_int_equal(client_collect(client, &reply), 0);
    freeReplyObject(reply);
    assert_true(client_collect(client, &reply) < 0);
    expect_error(client, "Server closed the connection");
    append_ping(client);
    assert_true(client_flush(client) < 0);
    assert_true(client_collect(client, &reply) < 0);
    expect_error(client, "Server closed the connection");
    client_free(client);
}

#define TEST(name) cmocka_unit_test_teardown(name, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nobody_listens),        TEST(nobody_answers),          TEST(it_hangs_up),
        TEST(it_is_loading),         TEST(it_refuses_the_password), TEST(the_name_is_a_courtesy),
        TEST(replies_come_in_order), TEST(the_first_loss_stays),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
