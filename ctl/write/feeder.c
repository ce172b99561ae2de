/* SPDX-License-Identifier: MIT */
#include "ctl/write/feeder.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "common/base/wall.h"
#include "common/redis/reply.h"

#define SECOND_NS   1e9
#define TICK_NS_MIN 2e6 /* a socket is not written to more often than this */

void pace_init(struct pace *pace, double rate, uint64_t total, uint64_t now_ns)
{
    double tick_ns = fmax(SECOND_NS / rate, TICK_NS_MIN);

    *pace = (struct pace){
        .rate = rate,
        .total = total,
        .start_ns = now_ns,
        .tick_ns = (uint64_t)tick_ns,
        .per_tick_max = (uint64_t)ceil(2 * rate * tick_ns / SECOND_NS),
        .next_ns = now_ns,
    };
}

/* The first at once, the last one interval before the end. */
static uint64_t due(const struct pace *pace, uint64_t now_ns)
{
    double elapsed = (double)(now_ns - pace->start_ns) / SECOND_NS;
    double count = floor(elapsed * pace->rate) + 1;

    return count < (double)pace->total ? (uint64_t)count : pace->total;
}

uint64_t pace_take(struct pace *pace, uint64_t now_ns)
{
    if (now_ns < pace->next_ns)
        return 0;
    uint64_t owed = due(pace, now_ns) - pace->given;
    uint64_t taken = owed < pace->per_tick_max ? owed : pace->per_tick_max;

    pace->given += taken;
    pace->next_ns += pace->tick_ns;
    if (pace->next_ns <= now_ns)
        pace->next_ns = now_ns + pace->tick_ns;
    return taken;
}

void feeder_init(struct feeder *feeder, struct client *client,
                 const struct router_settings *settings, enum draft_form form, int64_t seed)
{
    *feeder = (struct feeder){
        .client = client,
        .stream = settings->keys.signals,
        .form = form,
        .gate = settings->signal.min_confidence,
        .super = settings->plan.capacity.super_confidence,
    };
    generator_init(&feeder->generator, seed > 0 ? (uint64_t)seed : wall_ns());
}

void feeder_deinit(struct feeder *feeder)
{
    generator_deinit(&feeder->generator);
    free(feeder->error);
    feeder->error = NULL;
}

const char *feeder_error(const struct feeder *feeder)
{
    return feeder->error ? feeder->error : "";
}

/* What hiredis says stays with the client, what Redis says goes with the reply: keep it. */
static int fail(struct feeder *feeder, char *error)
{
    if (feeder->error)
        free(error);
    else
        feeder->error = error;
    return -EIO;
}

static int fail_client(struct feeder *feeder)
{
    return fail(feeder, memory_text(client_error(feeder->client)));
}

static void send_one(struct feeder *feeder, int64_t moment_ms, struct stream_id *next_id)
{
    struct command command = {0};

    assert(feeder->count < FEEDER_UNDERWAY_MAX);
    struct generated generated = generator_next(&feeder->generator, moment_ms);
    feeder->underway[(feeder->first + feeder->count++) % FEEDER_UNDERWAY_MAX] = generated;
    command_add_all(&command, "XADD", feeder->stream, NULL);
    if (next_id) {
        command_add_id(&command, *next_id);
        next_id->sequence++;
    } else {
        command_add(&command, "*");
    }
    draft_add_to(&feeder->generator.draft, feeder->form, &command);
    client_append(feeder->client, &command);
}

static void count_in(struct feeder *feeder, const struct generated *generated)
{
    struct feeder_counts *counts = &feeder->counts;
    double confidence = generated->confidence;

    counts->sent++;
    counts->invalid += generated->is_invalid;
    counts->repeated += generated->is_repeat;
    counts->passing += !generated->is_invalid && confidence >= feeder->gate;
    counts->super += !generated->is_invalid && confidence >= feeder->super;
}

static int collect_one(struct feeder *feeder)
{
    const struct generated *oldest = &feeder->underway[feeder->first];
    redisReply *reply;
    struct stream_id id;

    if (client_collect(feeder->client, &reply) < 0)
        return fail_client(feeder);
    int result = 0;
    if (reply_read_stream_id(reply, &id))
        count_in(feeder, oldest);
    else
        result = fail(feeder, memory_format("Redis did not add to %s: %s", feeder->stream,
                                            reply_complaint(reply)));
    freeReplyObject(reply);
    feeder->first = (feeder->first + 1) % FEEDER_UNDERWAY_MAX;
    feeder->count--;
    return result;
}

/* Goes on after an error reply: those behind it count if they were added. */
static int collect(struct feeder *feeder, size_t left)
{
    int result = 0;

    while (feeder->count > left && *client_error(feeder->client) == '\0') {
        if (collect_one(feeder) < 0)
            result = -EIO;
    }
    return result;
}

int feeder_send(struct feeder *feeder, size_t count, int64_t moment_ms, struct stream_id *next_id)
{
    assert(count <= FEEDER_BATCH_MAX);
    for (size_t i = 0; i < count; i++)
        send_one(feeder, moment_ms, next_id);
    if (client_flush(feeder->client) < 0)
        return fail_client(feeder);
    return collect(feeder, count);
}

int feeder_feed(struct feeder *feeder, uint64_t count)
{
    while (count > 0) {
        size_t batch = count < FEEDER_BATCH_MAX ? (size_t)count : FEEDER_BATCH_MAX;
        if (feeder_send(feeder, batch, wall_ms(), NULL) < 0)
            return -EIO;
        count -= batch;
    }
    return feeder_finish(feeder);
}

int feeder_finish(struct feeder *feeder)
{
    return collect(feeder, 0);
}
