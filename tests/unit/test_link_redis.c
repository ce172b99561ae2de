/* SPDX-License-Identifier: MIT */
/* A link to a true redis-server, on a unix socket in a temporary folder. */
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/memory.h"
#include "common/redis/reply.h"
#include "common/redis/script.h"
#include "tests/unit/link_witness.h"

struct server {
    uv_process_t process;
    char folder[32];
    char socket[64];
    int exits;
};

static void on_exit_seen(uv_process_t *process, int64_t status, int by_signal)
{
    struct server *server = process->data;

    (void)status;
    (void)by_signal;
    server->exits++;
    uv_close((uv_handle_t *)process, NULL);
}

/* It is there when the link says so. */
static void start(struct server *server, uv_loop_t *loop)
{
    char words[][16] = {"redis-server", "--port", "0",  "--save", "",      "--user",      "test",
                        "on",           ">pass",  "~*", "+@all",  "--dir", "--unixsocket"};
    enum { WORDS = sizeof words / sizeof *words, DIR = WORDS - 1 };
    char *arguments[WORDS + 3];
    uv_process_options_t options = {.file = words[0], .args = arguments, .exit_cb = on_exit_seen};

    for (size_t i = 0; i < DIR; i++)
        arguments[i] = words[i];
    arguments[DIR] = server->folder;
    arguments[DIR + 1] = words[DIR];
    arguments[DIR + 2] = server->socket;
    arguments[DIR + 3] = NULL;
    server->process.data = server;
    server->exits = 0;
    int error = uv_spawn(loop, &server->process, &options);
    if (error)
        fail_msg("redis-server: %s", uv_strerror(error));
}

static void kill_server(struct server *server, struct witness *witness)
{
    assert_int_equal(uv_process_kill(&server->process, SIGKILL), 0);
    witness_wait(witness, &server->exits, 1);
}

static void begin(struct server *server, struct witness *witness)
{
    witness_begin_unix(witness);
    (void)snprintf(server->folder, sizeof server->folder, "/tmp/test_link_redis.XXXXXX");
    assert_non_null(mkdtemp(server->folder));
    (void)snprintf(server->socket, sizeof server->socket, "%s/redis.sock", server->folder);
    free(witness->address.path);
    witness->address.path = memory_text(server->socket);
    witness->address.user = memory_text("test");
    witness->address.database = 3;
    start(server, &witness->loop);
}

/* The link was trying since before the server could listen. */
static void begin_up(struct server *server, struct witness *witness)
{
    begin(server, witness);
    witness->address.password = memory_text("pass");
    witness_open(witness);
    witness_wait(witness, &witness->ups, 1);
    witness->story[0] = '\0';
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

static void end(struct server *server, struct witness *witness)
{
    if (server->exits == 0)
        kill_server(server, witness);
    witness_end(witness);
    assert_int_equal(nftw(server->folder, remove_entry, 4, FTW_DEPTH | FTW_PHYS), 0);
}

static void logs_in_and_says_its_name(void **state)
{
    struct witness witness;
    struct server server;

    (void)state;
    begin_up(&server, &witness);
    witness_ask(&witness, "ACL WHOAMI");
    witness_ask(&witness, "CLIENT GETNAME");
    witness_ask(&witness, "SET k v");
    witness_ask(&witness, "MOVE k 4");
    witness_ask(&witness, "SELECT 4");
    witness_ask(&witness, "GET k");
    witness_wait(&witness, &witness.answers, 6);
    witness_expect(&witness, "ACL WHOAMI: test | CLIENT GETNAME: test | SET k v: OK | MOVE k 4: 1 "
                             "| SELECT 4: OK | GET k: v");
    end(&server, &witness);
}

static void a_wrong_password_is_named(void **state)
{
    static const char complaint[] =
        "down: WRONGPASS invalid username-password pair or user is disabled.";
    struct witness witness;
    struct server server;

    (void)state;
    begin(&server, &witness);
    witness.address.password = memory_text("wrong");
    witness_open(&witness);
    for (int downs = 1; !strstr(witness.story, complaint); downs++) {
        witness_wait(&witness, &witness.downs, downs);
        assert_int_equal(witness.ups, 0);
        assert_true(downs < 100);
    }
    end(&server, &witness);
}

static void comes_back_to_a_server_that_was_killed(void **state)
{
    struct witness witness;
    struct server server;

    (void)state;
    begin_up(&server, &witness);
    witness_ask(&witness, "BLPOP none 0");
    kill_server(&server, &witness);
    witness_wait(&witness, &witness.downs, 1);
    witness_wait(&witness, &witness.answers, 1);
    assert_memory_equal(witness.story, "BLPOP none 0: lost | down: ", 27);
    start(&server, &witness.loop);
    witness_wait(&witness, &witness.ups, 2);
    witness.story[0] = '\0';
    witness_ask(&witness, "GET k");
    witness_wait(&witness, &witness.answers, 2);
    witness_expect(&witness, "GET k: (0)");
    end(&server, &witness);
}

static void on_loaded(void *data, const char *complaint)
{
    struct witness *witness = data;

    assert_null(complaint);
    witness->answers++;
}

static void on_called(void *data, const redisReply *reply)
{
    struct witness *witness = data;
    int64_t number = 0;

    if (!reply_read_integer(reply, &number))
        fail_msg("%s", reply_complaint(reply));
    witness_tell(witness, "called: %d", (int)number);
    witness->answers++;
}

static void call(struct witness *witness, const struct script *script)
{
    struct command command;

    script_command(script, 0, &command);
    command_add_int(&command, 7);
    assert_int_equal(script_call(script, witness->link, &command, 5000, on_called, witness), 0);
}

static void teaches_a_script_that_was_flushed(void **state)
{
    struct script script = {.source = "return tonumber(ARGV[1])"};
    struct witness witness;
    struct server server;

    (void)state;
    begin_up(&server, &witness);
    assert_int_equal(script_load(&script, witness.link, on_loaded, &witness), 0);
    witness_wait(&witness, &witness.answers, 1);
    assert_int_equal(strlen(script.hash), SCRIPT_HASH_MAX - 1);
    call(&witness, &script);
    witness_ask(&witness, "SCRIPT FLUSH");
    call(&witness, &script);
    call(&witness, &script);
    witness_wait(&witness, &witness.answers, 5);
    witness_expect(&witness, "called: 7 | SCRIPT FLUSH: OK | called: 7 | called: 7");
    end(&server, &witness);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logs_in_and_says_its_name),
        cmocka_unit_test(a_wrong_password_is_named),
        cmocka_unit_test(comes_back_to_a_server_that_was_killed),
        cmocka_unit_test(teaches_a_script_that_was_flushed),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
