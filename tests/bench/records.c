/* SPDX-License-Identifier: MIT */
/*
 * records REDIS STREAM SETTINGS COUNT CANDIDATES SEED [FIRST ROOM]
 *
 * Adds records of decisions as a router writes them, one second apart from the FIRST on, each
 * naming the one before it: windows of so many candidates, of the same chance for the same seed,
 * decided by the default settings, whose text goes into the hash SETTINGS. Each ROOM-th has room
 * for orders, the others are full; without it all have.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/redis/command.h"
#include "router/decide/record.h"
#include "router/settings/decisive.h"
#include "tests/bench/plain.h"

enum { BATCH = 200, SYMBOLS = 40, CANDIDATES_MAX = 4000 };

static const int64_t begin_ms = INT64_C(1768824000000);

struct chance {
    uint64_t state;
};

/* An xorshift: any that is the same everywhere does. */
static uint64_t next_of(struct chance *chance, uint64_t below)
{
    chance->state ^= chance->state << 13;
    chance->state ^= chance->state >> 7;
    chance->state ^= chance->state << 17;
    return chance->state % below;
}

struct records {
    redisContext *redis;
    const char *stream;
    struct chance chance;
    size_t candidates;
    uint64_t room;
    struct router_settings settings;
    struct options options;
    struct decisive decisive;
    struct signal *signals;
    struct window window;
    struct snapshot snapshot;
    char prev[SHA256_TEXT_MAX];
    uint64_t intents;
};

static void any_signal(struct records *records, size_t at)
{
    struct signal *signal = &records->signals[at];
    int64_t now_ms = records->snapshot.now_ms;

    *signal = (struct signal){
        .id = {(uint64_t)now_ms - next_of(&records->chance, 1000), at},
        .confidence = 0.75 + (double)next_of(&records->chance, 2400) / 1e4,
        .position_size_usd = 100 + (double)next_of(&records->chance, 900),
        .leverage = 1,
        .side = next_of(&records->chance, 2) ? SIDE_SELL : SIDE_BUY,
        .gate_passed = next_of(&records->chance, 3) == 0,
        .regime_known = next_of(&records->chance, 2) == 0,
    };
    signal->dated_ms = (int64_t)signal->id.ms;
    (void)snprintf(signal->symbol, sizeof signal->symbol, "COIN%" PRIu64 "USDT",
                   next_of(&records->chance, SYMBOLS));
    stream_id_print(signal->id, signal->decision_id);
    records->window.candidates[at] = ranking_score(&records->settings.score, signal);
}

static void any_world(struct records *records, uint64_t number)
{
    struct snapshot *snapshot = &records->snapshot;

    snapshot->now_ms = begin_ms + (int64_t)number * 1000;
    snapshot->capacity.open.count = (int64_t)next_of(&records->chance, 6);
    if (number % records->room != 0)
        snapshot->capacity.open.count = records->settings.plan.capacity.max_open;
    for (size_t i = 0; i < records->candidates; i++) {
        any_signal(records, i);
        snapshot->marked[i] = next_of(&records->chance, 9) ? '0' : '1';
        snapshot->cooling[i] = '0';
        snapshot->held[i] = "---ho"[next_of(&records->chance, 5)];
    }
    records->window.count = records->candidates;
    window_rank(&records->window);
}

static void set_intents(struct records *records, struct record *record, size_t count, int64_t ms)
{
    char text[CANDIDATES_MAX] = "";
    size_t length = 0;

    for (size_t i = 0; i < count; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%" PRId64 "-%zu",
                                   i > 0 ? " " : "", ms, i);
    record_set(record, RECORD_INTENTS, text);
    records->intents += count;
}

static void append(struct records *records, uint64_t number)
{
    static const struct unrecorded nothing;
    struct command command = {0};
    struct record record;
    struct plan plan;
    char cycle_id[INTENT_CYCLE_ID_MAX + 1];
    size_t length;

    any_world(records, number);
    plan_make(&records->settings.plan, &records->snapshot, &records->window, &plan);
    (void)snprintf(cycle_id, sizeof cycle_id, "17-%" PRIu64, number + 1);
    const struct record_source source = {
        .snapshot = &records->snapshot,
        .window = &records->window,
        .plan = &plan,
        .unrecorded = &nothing,
        .cycle_id = cycle_id,
        .instance = "bench",
        .version = "0",
        .settings = records->decisive.digest,
        .prev = records->prev,
    };
    record_make(&source, &record);
    set_intents(records, &record, plan.chosen, records->snapshot.now_ms);
    record_digest_of(&record, records->prev);
    command_add_all(&command, "XADD", records->stream, NULL);
    command_add_format(&command, "%" PRId64 "-0", records->snapshot.now_ms + 1);
    for (enum record_field field = 0; field < RECORD_FIELD_COUNT; field++)
        command_add_all(&command, record_field_name(field), record.text[field], NULL);
    const char *wire = command_wire(&command, &length);
    if (redisAppendFormattedCommand(records->redis, wire, length) != REDIS_OK)
        plain_fail("Redis: %s", records->redis->errstr);
    command_free(&command);
    record_release(&record);
    plan_release(&plan);
}

static void append_all(struct records *records, uint64_t count, uint64_t first)
{
    uint64_t sent = 0, answered = 0;

    while (answered < count) {
        for (uint64_t end = sent + BATCH; sent < count && sent < end; sent++)
            append(records, first + sent);
        plain_flush(records->redis);
        for (; answered < sent; answered++)
            freeReplyObject(plain_reply(records->redis));
    }
}

static void take_defaults(struct records *records)
{
    struct complaints complaints = {0};

    options_init(&records->options, &router_options, &records->settings);
    router_settings_check(&records->options, &complaints);
    decisive_make(&records->settings, &records->decisive);
}

static void make_room(struct records *records)
{
    static char nothing[] = "";
    size_t room = records->candidates + 1;

    records->signals = memory_array(room, sizeof *records->signals);
    records->window.candidates = memory_array(room, sizeof *records->window.candidates);
    records->snapshot = (struct snapshot){.marked = memory_new(room),
                                          .cooling = memory_new(room),
                                          .held = memory_new(room),
                                          .super_times = nothing,
                                          .day_counts = nothing,
                                          .minute_counts = nothing};
}

static void release(struct records *records)
{
    free(records->signals);
    free(records->window.candidates);
    free(records->snapshot.marked);
    free(records->snapshot.cooling);
    free(records->snapshot.held);
    decisive_release(&records->decisive);
    router_settings_release(&records->settings);
    options_release(&records->options);
    redisFree(records->redis);
}

static void write_settings(const struct records *records, const char *key)
{
    redisReply *reply = redisCommand(records->redis, "HSET %s %s %s", key, records->decisive.digest,
                                     records->decisive.text);

    if (!reply || reply->type == REDIS_REPLY_ERROR)
        plain_fail("Redis: %s", reply ? reply->str : records->redis->errstr);
    freeReplyObject(reply);
}

int main(int argc, char **argv)
{
    static struct records records;

    if (argc != 7 && argc != 9)
        plain_fail("usage: records REDIS STREAM SETTINGS COUNT CANDIDATES SEED [FIRST ROOM]");
    records.redis = plain_connect(argv[1]);
    records.stream = argv[2];
    records.candidates = plain_number(argv[5]);
    records.chance.state = plain_number(argv[6]) + 1;
    records.room = argc == 9 ? plain_number(argv[8]) : 1;
    if (records.candidates > CANDIDATES_MAX)
        plain_fail("%d candidates at most", CANDIDATES_MAX);
    make_room(&records);
    take_defaults(&records);
    write_settings(&records, argv[3]);
    append_all(&records, plain_number(argv[4]), argc == 9 ? plain_number(argv[7]) : 0);
    release(&records);
    return 0;
}
