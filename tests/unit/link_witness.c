/* SPDX-License-Identifier: MIT */
#include "tests/unit/link_witness.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/redis/reply.h"

enum { PATIENCE_MS = 10000 };

struct question {
    struct witness *witness;
    char words[256];
};

void witness_tell(struct witness *witness, const char *format, ...)
{
    size_t length = strlen(witness->story);
    va_list arguments;

    if (length > 0)
        length += (size_t)snprintf(witness->story + length, sizeof witness->story - length, " | ");
    va_start(arguments, format);
    (void)vsnprintf(witness->story + length, sizeof witness->story - length, format, arguments);
    va_end(arguments);
    assert_true(strlen(witness->story) + 100 < sizeof witness->story);
}

static void on_up(void *owner)
{
    struct witness *witness = owner;

    witness_tell(witness, "up");
    witness->ups++;
    if (witness->when_up)
        witness->when_up(witness);
}

static void on_down(void *owner, const char *reason, uint64_t retry_ms)
{
    struct witness *witness = owner;

    witness_tell(witness, "down: %s", reason);
    witness->downs++;
    witness->retry_ms = retry_ms;
    if (witness->when_down)
        witness->when_down(witness);
}

static const struct link_events events = {.up = on_up, .down = on_down};

static void begin(struct witness *witness)
{
    (void)signal(SIGPIPE, SIG_IGN); /* as the programs do */
    *witness = (struct witness){.config = {.address = &witness->address,
                                           .name = "test",
                                           .connect_timeout_ms = PATIENCE_MS,
                                           .reply_timeout_ms = PATIENCE_MS,
                                           .backoff_min_ms = 4,
                                           .backoff_max_ms = 64}};
    assert_int_equal(uv_loop_init(&witness->loop), 0);
    assert_int_equal(uv_timer_init(&witness->loop, &witness->watchdog), 0);
    witness->watchdog.data = witness;
}

void witness_begin(struct witness *witness)
{
    begin(witness);
    fake_bind_tcp(&witness->fake, &witness->loop);
    witness->address.host = memory_text("127.0.0.1");
    witness->address.port = witness->fake.port;
}

void witness_begin_unix(struct witness *witness)
{
    begin(witness);
    fake_bind_unix(&witness->fake, &witness->loop);
    witness->address.path = memory_text(witness->fake.path);
}

void witness_open(struct witness *witness)
{
    witness->link = link_new(&witness->loop, &witness->config, &events, witness);
    assert_false(link_is_up(witness->link));
    link_open(witness->link);
}

void witness_begin_up(struct witness *witness)
{
    witness_begin(witness);
    fake_listen(&witness->fake);
    witness_open(witness);
    witness_wait(witness, &witness->ups, 1);
    witness_expect(witness, "up");
    assert_true(link_is_up(witness->link));
}

static void on_watchdog(uv_timer_t *timer)
{
    struct witness *witness = timer->data;

    fail_msg("waited in vain; so far: %s", witness->story);
}

void witness_wait(struct witness *witness, const int *number, int least)
{
    uv_update_time(&witness->loop);
    (void)uv_timer_start(&witness->watchdog, on_watchdog, PATIENCE_MS, 0);
    while (*number < least)
        (void)uv_run(&witness->loop, UV_RUN_ONCE);
    (void)uv_timer_stop(&witness->watchdog);
}

static void on_answer(void *data, const redisReply *reply)
{
    struct question *question = data;
    struct witness *witness = question->witness;
    struct reply_text text;
    int64_t number;

    if (!reply)
        witness_tell(witness, "%s: lost", question->words);
    else if (reply_is_error(reply))
        witness_tell(witness, "%s: %s", question->words, reply_complaint(reply));
    else if (reply_read_text(reply, &text))
        witness_tell(witness, "%s: %.*s", question->words, (int)text.length, text.bytes);
    else if (reply_read_integer(reply, &number))
        witness_tell(witness, "%s: %lld", question->words, (long long)number);
    else
        witness_tell(witness, "%s: (%zu)", question->words, reply->elements);
    witness->answers++;
    free(question);
    if (witness->when_answered)
        witness->when_answered(witness);
}

static int ask(struct witness *witness, const char *words, uint64_t deadline_ms)
{
    struct question *question = memory_new(sizeof *question);
    struct command command = {0};
    char copy[sizeof question->words];
    char *rest;

    question->witness = witness;
    (void)snprintf(question->words, sizeof question->words, "%s", words);
    (void)snprintf(copy, sizeof copy, "%s", words);
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        command_add(&command, word);
    int refused = link_send(witness->link, &command, deadline_ms, on_answer, question);
    command_free(&command);
    if (refused)
        free(question);
    return refused;
}

int witness_try(struct witness *witness, const char *words)
{
    return ask(witness, words, witness->config.reply_timeout_ms);
}

void witness_ask(struct witness *witness, const char *words)
{
    assert_int_equal(witness_try(witness, words), 0);
}

void witness_ask_within(struct witness *witness, const char *words, uint64_t deadline_ms)
{
    assert_int_equal(ask(witness, words, deadline_ms), 0);
}

void witness_expect(struct witness *witness, const char *story)
{
    assert_string_equal(witness->story, story);
    witness->story[0] = '\0';
}

void witness_begin_on(struct witness *witness, const char *socket)
{
    witness_begin_unix(witness);
    free(witness->address.path);
    witness->address.path = memory_text(socket);
    witness_open(witness);
    witness_wait(witness, &witness->ups, 1);
    witness_ask(witness, "PING");
    witness_wait(witness, &witness->answers, 1);
    witness->story[0] = '\0';
}

static void on_closed(void *data)
{
    struct witness *witness = data;

    witness->closed++;
}

void witness_close_link(struct witness *witness)
{
    struct link *link = witness->link;

    witness->link = NULL;
    link_close(link, on_closed, witness);
}

void witness_end(struct witness *witness)
{
    witness->when_up = witness->when_down = witness->when_answered = NULL;
    if (witness->link)
        witness_close_link(witness);
    witness_wait(witness, &witness->closed, 1);
    fake_close(&witness->fake);
    uv_close((uv_handle_t *)&witness->watchdog, NULL);
    (void)uv_run(&witness->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&witness->loop), 0);
    assert_int_equal(witness->closed, 1);
    redis_address_release(&witness->address);
}
