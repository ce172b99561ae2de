/* SPDX-License-Identifier: MIT */
#include "ctl/demo/demo_summary.h"
#include "ctl/counted.h"

#include <inttypes.h>
#include <stdio.h>

enum { NOTE_ROOM = 96 };

static void show_row(struct demo_show *show, enum demo_tone tone, const char *name,
                     const struct demo_counts *counts, const char *note)
{
    demo_show_note(show, tone, "   %-21s%6" PRIu64 "%8" PRIu64 "%12" PRIu64 "%11" PRIu64 "%s", name,
                   counts->cycles, counts->read, counts->candidates, counts->published, note);
}

/* The states that a healthy walk does not meet are left out when they were not met. */
static void show_states(const struct demo_tally *tally, struct demo_show *show)
{
    char note[NOTE_ROOM];

    demo_show_note(show, TONE_FAINT, "   %-21s%6s%8s%12s%11s", "state", "cycles", "read",
                   "candidates", "published");
    for (enum demo_state state = DEMO_UNTOLD; state < DEMO_STATE_COUNT; state++) {
        bool is_odd = state == DEMO_UNTOLD || state == DEMO_UNPARSEABLE;
        if (is_odd && tally->of[state].cycles == 0)
            continue;
        note[0] = '\0';
        if (state == DEMO_TARGET && tally->super_cycles > 0)
            (void)snprintf(note, sizeof note, "  supers in %" PRIu64, tally->super_cycles);
        show_row(show, TONE_PLAIN, demo_state_word(state), &tally->of[state], note);
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

static bool show_trades(const struct demo_evidence *evidence, struct demo_show *show)
{
    struct demo_trades *trades = evidence->trades;
    bool agrees = trades->results + evidence->waiting == evidence->intents &&
                  (!evidence->is_over || (int64_t)trades->open_last == evidence->positions);
    char note[NOTE_ROOM], waiting[NOTE_ROOM] = "";

    if (evidence->waiting > 0)
        (void)snprintf(waiting, sizeof waiting, ", %" PRIu64 " wait", evidence->waiting);
    describe_reasons(trades, note);
    demo_show_note(show, TONE_PLAIN, "%s", "");
    demo_show_note(show, TONE_PLAIN, "   executed      %6" PRIu64 "    on paper; %s closed again",
                   trades->executed,
                   counted((long long)trades->closed, "position", "positions").text);
    demo_show_note(show, TONE_PLAIN, "   rejected      %6" PRIu64 "    %s", trades->refused, note);
    demo_show_note(show, TONE_PLAIN,
                   "   latency       %6" PRIu32 " ms from an intent to its result at p50, %" PRIu32
                   " at p99",
                   demo_trades_delay_ms(trades, 50), demo_trades_delay_ms(trades, 99));
    demo_show_note(show, agrees ? TONE_GOOD : TONE_BAD,
                   "   open orders   %6" PRIu64 "    at most; now %" PRIu64
                   ", and Redis has %s and %s%s: they %s",
                   trades->open_most, trades->open_last,
                   counted(evidence->positions, "position", "positions").text,
                   counted((long long)trades->results, "result", "results").text, waiting,
                   agrees ? "agree" : "do not agree");
    return agrees;
}

bool demo_summary_show(const struct demo_evidence *evidence, struct demo_show *show)
{
    struct demo_counts sum = demo_tally_sum(evidence->tally);
    bool agrees = sum.published == evidence->intents;
    char note[NOTE_ROOM];

    demo_show_note(show, TONE_PLAIN, "%s", "");
    demo_show_note(show, TONE_STRONG,
                   "── summary of the router's CYCLE lines and the executor's results");
    show_states(evidence->tally, show);
    show_row(show, TONE_STRONG, "all", &sum, "");
    demo_show_note(show, TONE_PLAIN, "%s", "");
    describe_read(sum.read, evidence->fed, note);
    demo_show_note(show, TONE_PLAIN, "   signals read  %6" PRIu64 "    %s", sum.read, note);
    demo_show_note(show, TONE_PLAIN, "   candidates    %6" PRIu64 "    valid and confident enough",
                   sum.candidates);
    if (agrees)
        demo_show_note(show, TONE_GOOD,
                       "   published     %6" PRIu64 "    and Redis has %" PRIu64
                       " intents: they agree",
                       sum.published, evidence->intents);
    else
        demo_show_note(show, TONE_BAD,
                       "   published     %6" PRIu64 "    but %s has %" PRIu64
                       " intents: they do not agree",
                       sum.published, evidence->stream, evidence->intents);
    demo_show_note(show, TONE_STRONG,
                   "   reduction     %6.1f %%  the old way, an intent per candidate: %" PRIu64,
                   demo_reduction_percent(&sum), sum.candidates);
    if (evidence->trades)
        agrees = show_trades(evidence, show) && agrees;
    return agrees;
}
