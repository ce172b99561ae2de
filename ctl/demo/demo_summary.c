/* SPDX-License-Identifier: MIT */
#include "ctl/demo/demo_summary.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/redis/reply.h"
#include "ctl/frame/span.h"
#include "ctl/look/stream_look.h"

/* By their usual names, as the demo runs with the usual prefix. */
#define RESULTS   "quantum:stream:execution.result"
#define POSITIONS "quantum:paper:positions"

enum { NOTE_ROOM = 96 };

/* What Redis has. */
struct books {
    uint64_t intents;  /* ever published */
    uint64_t waiting;  /* of these, not handled yet: safe mode came, or the end */
    int64_t positions; /* on paper */
};

/* No stream: nothing was ever published. Not its length, which is trimmed in a long run. */
int demo_summary_intents(struct demo_stage *stage, uint64_t *ret_count, uint64_t *ret_waiting)
{
    const struct keys *keys = &stage->settings.keys;
    struct stream_look look = {0};
    char *why = NULL;
    int result = stream_look_read(&stage->ask, keys->intents, false, &look, &why);

    if (result == 2)
        (void)demo_stage_fail(stage, "%s: %s", keys->intents, why);
    free(why);
    if (result < 0 || result == 2)
        return -1;
    const struct group_look *group = stream_look_group(&look, keys->executor_group);
    *ret_count = (uint64_t)look.added;
    *ret_waiting = group ? (uint64_t)(group->pending + group->lag) : 0;
    stream_look_release(&look);
    return 0;
}

static int count_positions(struct demo_stage *stage, int64_t *ret_count)
{
    struct command question = {0};
    redisReply *reply;

    command_add_all(&question, "HLEN", POSITIONS, NULL);
    if (ask_for(&stage->ask, POSITIONS, &question, &reply) < 0)
        return -1;
    (void)reply_read_integer(reply, ret_count);
    freeReplyObject(reply);
    return 0;
}

static void show_row(struct demo_show *show, enum color color, const char *name,
                     const struct demo_counts *counts, const char *note)
{
    demo_show_note(show, color, "   %-21s%6" PRIu64 "%8" PRIu64 "%12" PRIu64 "%11" PRIu64 "%s",
                   name, counts->cycles, counts->read, counts->candidates, counts->published, note);
}

/* The states that a healthy walk does not meet are left out when they were not met. */
static void show_states(const struct demo_tally *tally, struct demo_show *show)
{
    char note[NOTE_ROOM];

    demo_show_note(show, COLOR_DIM, "   %-21s%6s%8s%12s%11s", "state", "cycles", "read",
                   "candidates", "published");
    for (enum demo_state state = DEMO_UNTOLD; state < DEMO_STATE_COUNT; state++) {
        bool is_odd = state == DEMO_UNTOLD || state == DEMO_UNPARSEABLE;
        if (is_odd && tally->of[state].cycles == 0)
            continue;
        note[0] = '\0';
        if (state == DEMO_TARGET && tally->super_cycles > 0)
            (void)snprintf(note, sizeof note, "  supers in %" PRIu64, tally->super_cycles);
        show_row(show, COLOR_NONE, demo_state_word(state), &tally->of[state], note);
    }
}

/* A signal that was fed and not read waited for a window that never closed; one that was read and
 * not fed came from somebody else. */
static void describe_read(uint64_t read, uint64_t fed, char note[static NOTE_ROOM])
{
    if (read == fed)
        (void)snprintf(note, NOTE_ROOM, "all that were fed");
    else if (read < fed)
        (void)snprintf(note, NOTE_ROOM,
                       "of %" PRIu64 " fed; the end came before the last window closed", fed);
    else
        (void)snprintf(note, NOTE_ROOM, "%" PRIu64 " fed, the others came from elsewhere", fed);
}

/* "opposite_open 6, symbol_open 9" */
static void describe_reasons(const struct demo_trades *trades, char note[static NOTE_ROOM])
{
    size_t length = 0;

    note[0] = '\0';
    for (size_t i = 0; i < trades->reason_count && length < NOTE_ROOM; i++)
        length +=
            (size_t)snprintf(note + length, NOTE_ROOM - length, "%s%s %" PRIu64, i > 0 ? ", " : "",
                             trades->reasons[i].name, trades->reasons[i].count);
}

/* Positions are compared only once the executor has ended: before, they still change. */
static bool show_trades(struct demo_trades *trades, const struct books *books, bool is_over,
                        struct demo_show *show)
{
    bool agrees = trades->results + books->waiting == books->intents &&
                  (!is_over || (int64_t)trades->open_last == books->positions);
    char note[NOTE_ROOM], waiting[NOTE_ROOM] = "";

    if (books->waiting > 0)
        (void)snprintf(waiting, sizeof waiting, ", %" PRIu64 " wait", books->waiting);
    describe_reasons(trades, note);
    demo_show_note(show, COLOR_NONE, "%s", "");
    demo_show_note(show, COLOR_NONE, "   executed      %6" PRIu64 "    on paper; %s closed again",
                   trades->executed,
                   counted((long long)trades->closed, "position", "positions").text);
    demo_show_note(show, COLOR_NONE, "   rejected      %6" PRIu64 "%s%s", trades->refused,
                   *note ? "    " : "", note);
    demo_show_note(show, COLOR_NONE,
                   "   latency       %6" PRIu32 " ms from an intent to its result at p50, %" PRIu32
                   " at p99",
                   demo_trades_delay_ms(trades, 50), demo_trades_delay_ms(trades, 99));
    demo_show_note(show, agrees ? COLOR_GREEN : COLOR_RED,
                   "   open orders   %6" PRIu64 "    at most; now %" PRIu64
                   ", and Redis has %s and %s%s: they %s",
                   trades->open_most, trades->open_last,
                   counted(books->positions, "position", "positions").text,
                   counted((long long)trades->results, "result", "results").text, waiting,
                   agrees ? "agree" : "do not agree");
    return agrees;
}

static bool show_all(const struct demo_tally *tally, uint64_t fed, const struct books *books,
                     const char *stream, struct demo_show *show)
{
    struct demo_counts sum = demo_tally_sum(tally);
    bool agrees = sum.published == books->intents;
    char note[NOTE_ROOM];

    demo_show_note(show, COLOR_NONE, "%s", "");
    demo_show_note(show, COLOR_BOLD,
                   "── summary of the router's CYCLE lines and the executor's results");
    show_states(tally, show);
    show_row(show, COLOR_BOLD, "all", &sum, "");
    demo_show_note(show, COLOR_NONE, "%s", "");
    describe_read(sum.read, fed, note);
    demo_show_note(show, COLOR_NONE, "   signals read  %6" PRIu64 "    %s", sum.read, note);
    demo_show_note(show, COLOR_NONE, "   candidates    %6" PRIu64 "    valid and confident enough",
                   sum.candidates);
    demo_show_note(show, agrees ? COLOR_GREEN : COLOR_RED,
                   "   published     %6" PRIu64 "    %s %s has %" PRIu64 " intents: they %s",
                   sum.published, agrees ? "and" : "but", agrees ? "Redis" : stream, books->intents,
                   agrees ? "agree" : "do not agree");
    demo_show_note(show, COLOR_BOLD,
                   "   reduction     %6.1f %%  the old way, an intent per candidate: %" PRIu64,
                   demo_reduction_percent(&sum), sum.candidates);
    return agrees;
}

/* Where no executor was started, nothing is said about it. */
int demo_summary_show(const struct demo_tally *tally, struct demo_trades *trades, uint64_t fed,
                      struct demo_stage *stage, struct demo_show *show)
{
    const struct demo_service *executor = &stage->services[DEMO_EXECUTOR];
    struct books books = {0};

    if (demo_summary_intents(stage, &books.intents, &books.waiting) < 0 ||
        count_positions(stage, &books.positions) < 0 ||
        demo_trades_read(trades, &stage->ask, RESULTS) < 0)
        return -1;
    bool agrees = show_all(tally, fed, &books, stage->settings.keys.intents, show);
    if (executor->pid != 0)
        agrees = show_trades(trades, &books, executor->is_over, show) && agrees;
    return agrees;
}
