/* SPDX-License-Identifier: MIT */
/*
 * quantumctl check stream: the last entries of a stream, the newest first. The signal stream is
 * held against the rules of signals, every other against the schema of intents.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/options/program.h"
#include "common/redis/reply.h"
#include "ctl/check/proof.h"
#include "ctl/frame/ask.h"
#include "ctl/look/stream_look.h"
#include "ctl/why/outlook.h"

enum { PAGE = 500 };

struct reading {
    struct ask ask;
    char *stream;
    const struct router_settings *settings;
    struct outlook_rules form; /* of signals */
    bool is_of_signals;
    char before[STREAM_ID_TEXT_MAX + 1]; /* the next page ends here */
    int64_t left;
    struct proof proof;
    struct entry entry;
};

/* Neither its age nor its confidence is a question of form. */
static void take_signal(struct reading *reading, const char *place)
{
    struct outlook outlook =
        outlook_of(&reading->form, &reading->entry, NULL, stream_id_time_ms(reading->entry.id));

    proof_violate(&reading->proof, place, outlook.field, outlook.is_good ? NULL : outlook.words);
    outlook_release(&outlook);
}

static void take_entry(struct reading *reading, const redisReply *reply)
{
    char place[STREAM_ID_TEXT_MAX];

    if (!reply_read_entry(reply, &reading->entry))
        return;
    stream_id_print(reading->entry.id, place);
    (void)snprintf(reading->before, sizeof reading->before, "(%s", place);
    if (reading->is_of_signals)
        take_signal(reading, place);
    else
        proof_take_intent(&reading->proof, place, &reading->entry);
}

/* Positive: there is more. */
static int read_page(struct reading *reading)
{
    int64_t wanted = reading->left < PAGE ? reading->left : PAGE;
    struct command question = {0};
    redisReply *reply;

    command_add_all(&question, "XREVRANGE", reading->stream, reading->before, "-", "COUNT", NULL);
    command_add_int(&question, wanted);
    if (ask_for(&reading->ask, escaped(reading->stream).text, &question, &reply) < 0)
        return -1;
    int64_t count = (int64_t)reply->elements;
    for (int64_t i = 0; i < count; i++)
        take_entry(reading, reply->element[i]);
    freeReplyObject(reply);
    reading->left -= count;
    return count == wanted && reading->left > 0;
}

static int read_all(struct reading *reading, const struct check_values *values)
{
    int more;

    proof_open(&reading->proof, reading->ask.command,
               reading->is_of_signals ? "the router" : "the executor");
    do
        more = read_page(reading);
    while (more > 0);
    int status = more < 0 ? EXIT_FAILED : proof_conclude(&reading->proof, values);
    proof_close(&reading->proof);
    return status;
}

/* One that is not there is a wrong name, and not one without violations. */
static int must_be_there(const struct reading *reading)
{
    struct command question = {0};
    redisReply *reply;

    command_add_all(&question, "TYPE", reading->stream, NULL);
    if (ask_for(&reading->ask, escaped(reading->stream).text, &question, &reply) < 0)
        return -1;
    bool is_there = !reply_is_text(reply, "none");
    freeReplyObject(reply);
    if (is_there)
        return 0;
    (void)command_fail(reading->ask.command, "there is no stream %s",
                       escaped(reading->stream).text);
    return -1;
}

static int open_stream(struct reading *reading, const char *name)
{
    const struct keys *keys = &reading->settings->keys;

    reading->stream = stream_name_find(&reading->ask, keys->prefix, name);
    if (!reading->stream || must_be_there(reading) < 0)
        return -1;
    reading->is_of_signals = strcmp(reading->stream, keys->signals) == 0;
    return 0;
}

int check_stream(const struct invocation *invocation)
{
    const struct check_values *values = invocation->values;
    struct reading reading = {.ask = *invocation->ask,
                              .settings = invocation->settings,
                              .form = outlook_rules(invocation->settings, true),
                              .before = "+",
                              .left = values->last};

    int status = open_stream(&reading, invocation->words->list[1]) < 0 ? EXIT_FAILED
                                                                       : read_all(&reading, values);
    free(reading.stream);
    return status;
}
