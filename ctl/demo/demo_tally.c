/* SPDX-License-Identifier: MIT */
#include "ctl/demo/demo_tally.h"

#include <assert.h>
#include <string.h>

static const char *const state_words[] = {
    [DEMO_UNTOLD] = "(no state yet)",
    [DEMO_UNKNOWN] = "CAPACITY_UNKNOWN",
    [DEMO_UNPARSEABLE] = "CAPACITY_UNPARSEABLE",
    [DEMO_OK] = "CAPACITY_OK",
    [DEMO_TARGET] = "TARGET_REACHED",
    [DEMO_FULL] = "CAPACITY_FULL",
    [DEMO_SAFE_MODE] = "SAFE_MODE",
};

static_assert(sizeof state_words / sizeof *state_words == DEMO_STATE_COUNT, "a word for each");

/* What comes with every window, or with every bad signal. */
static const char *const routine_words[] = {
    "BEST_OF_PUBLISH",
    "RANK_*",
    "SIZE_*",
    "Trade",
    "DUPLICATE_SKIP",
    "INVALID_SIGNAL_DROP",
    "CLOSE_SIGNAL_DROP",
    "FATE",
    "CAPACITY_SUSPECT",
};

const char *demo_state_word(enum demo_state state)
{
    assert(state < DEMO_STATE_COUNT);
    return state_words[state];
}

static bool is_routine(const struct demo_line *line)
{
    for (size_t i = 0; i < sizeof routine_words / sizeof *routine_words; i++)
        if (demo_line_matches(line, routine_words[i]))
            return true;
    return false;
}

static enum demo_state capacity_of(const struct demo_line *line)
{
    for (enum demo_state state = DEMO_UNKNOWN; state < DEMO_SAFE_MODE; state++)
        if (demo_line_matches(line, state_words[state]))
            return state;
    return demo_line_matches(line, "SUPER_SIGNAL_BYPASS") ? DEMO_TARGET : DEMO_UNTOLD;
}

static bool enter(struct demo_tally *tally, enum demo_state capacity, const struct demo_line *line)
{
    struct demo_digits digits = demo_line_digits(line, "open");
    char open[DEMO_OPEN_ROOM] = "";

    memcpy(open, digits.bytes, digits.length < sizeof open ? digits.length : sizeof open - 1);
    bool is_change = tally->capacity != capacity || strcmp(tally->open, open) != 0;
    tally->capacity = capacity;
    memcpy(tally->open, open, sizeof open);
    return is_change;
}

static void add_cycle(struct demo_tally *tally, const struct demo_line *line)
{
    enum demo_state state = tally->is_safe ? DEMO_SAFE_MODE : tally->capacity;
    struct demo_counts *counts = &tally->of[state];

    tally->super_cycles += state == DEMO_TARGET && tally->has_super;
    tally->has_super = false;
    counts->cycles++;
    counts->read += demo_line_number(line, "read");
    counts->candidates += demo_line_number(line, "candidates");
    counts->published += demo_line_number(line, "published");
}

bool demo_tally_add(struct demo_tally *tally, const struct demo_line *line)
{
    enum demo_state capacity = capacity_of(line);
    bool was_safe = tally->is_safe;

    if (capacity != DEMO_UNTOLD) {
        tally->has_super = demo_line_matches(line, "SUPER_SIGNAL_BYPASS");
        return enter(tally, capacity, line);
    }
    if (demo_line_matches(line, "CYCLE")) {
        add_cycle(tally, line);
        return false;
    }
    if (demo_line_matches(line, "SAFE_MODE")) {
        tally->is_safe = true;
        return !was_safe;
    }
    if (demo_line_matches(line, "SAFE_MODE_CLEARED"))
        tally->is_safe = false;
    return !is_routine(line);
}

struct demo_counts demo_tally_sum(const struct demo_tally *tally)
{
    struct demo_counts sum = {0};

    for (size_t i = 0; i < DEMO_STATE_COUNT; i++) {
        sum.cycles += tally->of[i].cycles;
        sum.read += tally->of[i].read;
        sum.candidates += tally->of[i].candidates;
        sum.published += tally->of[i].published;
    }
    return sum;
}

double demo_reduction_percent(const struct demo_counts *counts)
{
    if (counts->candidates == 0)
        return 0;
    return 100.0 * (1.0 - (double)counts->published / (double)counts->candidates);
}
