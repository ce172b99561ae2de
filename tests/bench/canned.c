/* SPDX-License-Identifier: MIT */
#include "tests/bench/canned.h"

#include <hiredis/hiredis.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <valgrind/callgrind.h>

#include "common/base/memory.h"
#include "common/redis/acks.h"
#include "common/redis/group_reader.h"
#include "router/act/scripts.h"
#include "tests/bench/plain.h"

enum { READ_ROOM = 1 << 16, PER_MS = 1000 };

/* The fixed moment at which all takes place. */
#define MOMENT_SEC UINT64_C(1768824000)

static const char stream_name[] = "quantum:stream:ai.decision.made";

/* What is being answered. */
struct answer {
    uv_write_t request; /* first */
    struct canned *canned;
    char *bytes;
    size_t length;
    FILE *out;
};

static uint64_t cpu_ns(void)
{
    struct timespec spent;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return (uint64_t)spent.tv_sec * 1000000000 + (uint64_t)spent.tv_nsec;
}

/* Our own work begins, and ends. */
static void enter(struct canned *canned)
{
    if (canned->is_collected)
        CALLGRIND_TOGGLE_COLLECT;
    canned->spent_ns += cpu_ns() - canned->since_ns;
}

static void leave(struct canned *canned)
{
    canned->since_ns = cpu_ns();
    if (canned->is_collected)
        CALLGRIND_TOGGLE_COLLECT;
}

void canned_start_clock(struct canned *canned)
{
    canned->spent_ns = 0;
    canned->is_collected = true;
    leave(canned);
}

uint64_t canned_stop_clock(struct canned *canned)
{
    enter(canned);
    canned->is_collected = false;
    return canned->spent_ns;
}

static struct answer *begin(void)
{
    struct answer *answer = memory_new(sizeof *answer);

    answer->out = open_memstream(&answer->bytes, &answer->length);
    if (!answer->out)
        plain_fail("out of memory");
    return answer;
}

static void on_written(uv_write_t *request, int status)
{
    struct answer *answer = (struct answer *)request;

    if (status != 0 && status != UV_ECANCELED)
        plain_fail("writing to the router: %s", uv_strerror(status));
    struct canned *canned = answer->canned;
    enter(canned);
    free(answer->bytes);
    free(answer);
    leave(canned);
}

static void finish(struct canned_connection *connection, struct answer *answer)
{
    (void)fclose(answer->out);
    answer->canned = connection->canned;
    uv_buf_t buffer = uv_buf_init(answer->bytes, (unsigned)answer->length);
    int status =
        uv_write(&answer->request, (uv_stream_t *)&connection->pipe, &buffer, 1, on_written);
    if (status != 0)
        plain_fail("writing to the router: %s", uv_strerror(status));
}

static void say(struct canned_connection *connection, const char *text)
{
    struct answer *answer = begin();

    (void)fputs(text, answer->out);
    finish(connection, answer);
}

static void put(FILE *out, const char *text)
{
    (void)fprintf(out, "$%zu\r\n%s\r\n", strlen(text), text);
}

static void put_entry(FILE *out, const struct deck *deck, uint64_t number)
{
    char id[64], bytes[DECK_BYTES_MAX];

    (void)snprintf(id, sizeof id, "%" PRIu64 "-%" PRIu64, MOMENT_SEC * 1000 + number / PER_MS,
                   number % PER_MS);
    size_t length = deck_write(deck, number, bytes);
    (void)fputs("*2\r\n", out);
    put(out, id);
    (void)fprintf(out, "*%d\r\n", DECK_WORDS);
    (void)fwrite(bytes, 1, length, out);
}

static void give(struct canned *canned, struct canned_connection *connection, uint64_t count)
{
    uint64_t left = canned->end - canned->next;
    struct answer *answer = begin();

    if (count > left)
        count = left;
    (void)fputs("*1\r\n*2\r\n", answer->out);
    put(answer->out, stream_name);
    (void)fprintf(answer->out, "*%" PRIu64 "\r\n", count);
    for (uint64_t i = 0; i < count; i++)
        put_entry(answer->out, &canned->deck, canned->next++);
    finish(connection, answer);
}

/* XREADGROUP GROUP group consumer COUNT n [BLOCK ms] STREAMS stream id */
static void read_group(struct canned_connection *connection, const redisReply *command)
{
    struct canned *canned = connection->canned;
    uint64_t count = plain_number(command->element[5]->str);

    if (strcmp(command->element[command->elements - 1]->str, ">") != 0)
        give(canned, connection, 0);
    else if (canned->next < canned->end)
        give(canned, connection, count);
    else
        connection->wanted = count;
}

static void load(struct canned_connection *connection, const char *source)
{
    const struct {
        const char *source, *name;
    } scripts[] = {{lease_take_lua, "take"}, {lease_renew_lua, "renew"}, {snapshot_lua, "snapshot"},
                   {commit_lua, "commit"},   {ack_lua, "ack"},           {pending_lua, "pending"}};
    const char *name = "release";
    char text[32];

    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
        if (strcmp(source, scripts[i].source) == 0)
            name = scripts[i].name;
    (void)snprintf(text, sizeof text, "$%zu\r\n%s\r\n", strlen(name), name);
    say(connection, text);
}

static void take(struct canned_connection *connection, redisReply *const *arguments)
{
    struct canned *canned = connection->canned;
    struct answer *answer = begin();

    (void)snprintf(canned->epoch, sizeof canned->epoch, "%s", arguments[3]->str);
    (void)fprintf(answer->out, "*10\r\n$5\r\ntaken\r\n:%" PRIu64 "\r\n:0\r\n:0\r\n", MOMENT_SEC);
    for (int i = 0; i < 3; i++)
        put(answer->out, "");
    put(answer->out, canned->epoch);
    (void)fputs(":-1\r\n", answer->out);
    put(answer->out, "");
    finish(connection, answer);
}

/* As snapshot.lua orders it. */
static void snapshot(struct canned_connection *connection, uint64_t marks)
{
    const struct canned *canned = connection->canned;
    struct answer *answer = begin();

    (void)fprintf(answer->out, "*24\r\n:%" PRIu64 "\r\n:0\r\n", MOMENT_SEC);
    put(answer->out, "text:0");
    put(answer->out, "missing");
    (void)fputs(":-2\r\n", answer->out);
    put(answer->out, canned->epoch);
    (void)fprintf(answer->out, ":%" PRIu64 "\r\n$%" PRIu64 "\r\n", canned->sequence, marks);
    for (uint64_t i = 0; i < marks; i++)
        (void)fputc('0', answer->out);
    (void)fputs("\r\n", answer->out);
    put(answer->out, "");
    (void)fputs(":0\r\n:0\r\n", answer->out);
    put(answer->out, "text:0");
    (void)fputs(":0\r\n", answer->out);
    for (int i = 0; i < 4; i++)
        put(answer->out, "");
    for (int i = 0; i < 4; i++)
        put(answer->out, "0");
    put(answer->out, "missing");
    (void)fputs("*0\r\n", answer->out);
    put(answer->out, "0-0");
    finish(connection, answer);
}

static void ack(struct canned_connection *connection)
{
    struct answer *answer = begin();

    (void)fprintf(answer->out, "*3\r\n:%" PRIu64 "\r\n:0\r\n:1\r\n", MOMENT_SEC);
    finish(connection, answer);
}

static void commit(struct canned_connection *connection, redisReply *const *arguments)
{
    struct canned *canned = connection->canned;
    uint64_t intents = plain_number(arguments[11]->str);
    struct answer *answer = begin();

    canned->sequence++;
    canned->intents += intents;
    (void)fprintf(answer->out, "*%" PRIu64 "\r\n", 3 + intents);
    put(answer->out, "done");
    put(answer->out, "1768824000000-0");
    put(answer->out, "");
    for (uint64_t i = 0; i < intents; i++)
        put(answer->out, "1768824000000-0");
    finish(connection, answer);
}

/* Waits for EXEC: what is asked beside it is the hash of what is held, and there is none. */
static void queue(struct canned_connection *connection, redisReply *const *arguments)
{
    connection->marks = plain_number(arguments[1]->str);
    say(connection, "+QUEUED\r\n");
}

static void execute(struct canned_connection *connection)
{
    connection->is_queueing = false;
    say(connection, "*2\r\n");
    snapshot(connection, connection->marks);
    say(connection, "*0\r\n");
}

/* EVALSHA name number-of-keys key… argument… */
static void evaluate(struct canned_connection *connection, const redisReply *command)
{
    const char *name = command->element[1]->str;
    redisReply *const *arguments = command->element + 3 + plain_number(command->element[2]->str);

    if (strcmp(name, "take") == 0)
        take(connection, arguments);
    else if (strcmp(name, "snapshot") == 0 && connection->is_queueing)
        queue(connection, arguments);
    else if (strcmp(name, "snapshot") == 0)
        snapshot(connection, plain_number(arguments[1]->str));
    else if (strcmp(name, "commit") == 0)
        commit(connection, arguments);
    else if (strcmp(name, "ack") == 0)
        ack(connection);
    else if (strcmp(name, "pending") == 0)
        give(connection->canned, connection, 0);
    else
        say(connection, "$0\r\n\r\n");
}

static void acknowledge(struct canned_connection *connection, const redisReply *command)
{
    char text[32];

    connection->canned->acked += command->elements - 3;
    (void)snprintf(text, sizeof text, ":%zu\r\n", command->elements - 3);
    say(connection, text);
}

static void answer_to(struct canned_connection *connection, const redisReply *command)
{
    const char *name = command->element[0]->str;

    connection->is_queueing = connection->is_queueing || strcmp(name, "MULTI") == 0;
    if (strcmp(name, "XREADGROUP") == 0)
        read_group(connection, command);
    else if (strcmp(name, "XACK") == 0)
        acknowledge(connection, command);
    else if (strcmp(name, "EVALSHA") == 0)
        evaluate(connection, command);
    else if (strcmp(name, "EXEC") == 0)
        execute(connection);
    else if (strcmp(name, "SCRIPT") == 0)
        load(connection, command->element[2]->str);
    else if (strcmp(name, "INFO") == 0)
        say(connection, "$20\r\nredis_version:7.0.15\r\n");
    else if (strcmp(name, "XREVRANGE") == 0)
        say(connection, "*0\r\n");
    else if (strcmp(name, "HSETNX") == 0)
        say(connection, ":1\r\n");
    else if (strcmp(name, "PING") == 0)
        say(connection, "+PONG\r\n");
    else
        say(connection, "+OK\r\n");
}

/* What stands behind a read that waits has to wait too. */
static void work_off(struct canned_connection *connection)
{
    void *command = NULL;

    while (connection->wanted == 0) {
        if (redisReaderGetReply(connection->reader, &command) != REDIS_OK)
            plain_fail("the router speaks in riddles: %s", connection->reader->errstr);
        if (!command)
            return;
        answer_to(connection, command);
        freeReplyObject(command);
    }
}

static void make_room(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buffer)
{
    struct canned_connection *connection = (struct canned_connection *)handle;

    (void)suggested;
    *ret_buffer = uv_buf_init(connection->read_buffer, READ_ROOM);
}

static void on_heard(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
    struct canned_connection *connection = (struct canned_connection *)stream;

    if (length < 0) {
        (void)uv_read_stop(stream);
        return;
    }
    enter(connection->canned);
    if (redisReaderFeed(connection->reader, buffer->base, (size_t)length) != REDIS_OK)
        plain_fail("the router speaks in riddles: %s", connection->reader->errstr);
    work_off(connection);
    leave(connection->canned);
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct canned *canned = listener->data;

    if (status != 0 || canned->count == CANNED_CONNECTIONS_MAX)
        plain_fail("the router connects too often");
    struct canned_connection *connection = &canned->connections[canned->count++];
    connection->canned = canned;
    connection->reader = redisReaderCreate();
    connection->read_buffer = memory_raw(READ_ROOM);
    (void)uv_pipe_init(listener->loop, &connection->pipe, 0);
    if (uv_accept(listener, (uv_stream_t *)&connection->pipe) != 0 ||
        uv_read_start((uv_stream_t *)&connection->pipe, make_room, on_heard) != 0)
        plain_fail("the router cannot be answered");
}

void canned_start(struct canned *canned, uv_loop_t *loop, const char *path)
{
    *canned = (struct canned){.listener.data = canned};
    (void)uv_pipe_init(loop, &canned->listener, 0);
    canned->listener.data = canned;
    if (uv_pipe_bind(&canned->listener, path) != 0 ||
        uv_listen((uv_stream_t *)&canned->listener, CANNED_CONNECTIONS_MAX, on_connection) != 0)
        plain_fail("nobody can listen at %s", path);
}

void canned_offer(struct canned *canned, const struct deck *deck, uint64_t count)
{
    enter(canned);
    canned->deck = *deck;
    canned->end += count;
    for (unsigned i = 0; i < canned->count; i++) {
        struct canned_connection *connection = &canned->connections[i];
        uint64_t wanted = connection->wanted;
        if (wanted == 0 || canned->next == canned->end)
            continue;
        connection->wanted = 0;
        give(canned, connection, wanted);
        work_off(connection);
    }
    leave(canned);
}

bool canned_is_drained(const struct canned *canned)
{
    bool waits = false;

    for (unsigned i = 0; i < canned->count; i++)
        waits = waits || (canned->connections[i].wanted > 0 &&
                          canned->connections[i].pipe.write_queue_size == 0);
    return waits && canned->next == canned->end;
}

void canned_close(struct canned *canned)
{
    uv_close((uv_handle_t *)&canned->listener, NULL);
    for (unsigned i = 0; i < canned->count; i++) {
        uv_close((uv_handle_t *)&canned->connections[i].pipe, NULL);
        redisReaderFree(canned->connections[i].reader);
        free(canned->connections[i].read_buffer);
    }
}
