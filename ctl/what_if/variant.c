/* SPDX-License-Identifier: MIT */
#include "ctl/what_if/variant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "router/settings/decisive.h"

/* What records know of an option's other values. */
enum reach {
    REACH_ALL,
    REACH_GATE,    /* what is above the one of the time; below it raw signals */
    REACH_SYMBOLS, /* those of the time, or fewer; of others raw signals */
    REACH_RAW,     /* nothing, but raw signals */
    REACH_SCORES,  /* all, where the window was not thinned */
    REACH_COUNTED, /* nothing where it was off, for then nobody counts */
    REACH_SIZES,   /* all, but it is no other policy of what is published */
    REACH_NONE,
};

static const struct {
    const char *key;
    enum reach reach;
} reaches[] = {
    {"capacity.max_open", REACH_ALL},
    {"capacity.target_open", REACH_ALL},
    {"capacity.max_new_per_cycle", REACH_ALL},
    {"capacity.super_confidence", REACH_ALL},
    {"capacity.suspect_after", REACH_ALL},
    {"capacity.suspect", REACH_ALL},
    {"capacity.super_max_per_cycle", REACH_ALL},
    {"capacity.super_max_per_hour", REACH_COUNTED},
    {"governor.max_daily_trades", REACH_ALL},
    {"governor.max_per_minute", REACH_COUNTED},
    {"positions.same_side", REACH_ALL},
    {"positions.opposite_side", REACH_ALL},
    {"positions.unknown", REACH_ALL},
    {"window.seconds", REACH_RAW},
    {"window.min_confidence", REACH_GATE},
    {"window.symbols", REACH_SYMBOLS},
    {"window.one_per_symbol", REACH_ALL},
    {"score.rl_gate_bonus", REACH_SCORES},
    {"score.regime_bonus", REACH_SCORES},
    {"sizing.max_position_usd", REACH_SIZES},
    {"sizing.rank_1_factor", REACH_SIZES},
    {"sizing.rank_2_factor", REACH_SIZES},
    {"sizing.rank_1_min_confidence", REACH_SIZES},
    {"sizing.rank_2_min_confidence", REACH_SIZES},
    {"intent.quantity", REACH_SIZES},
};

static enum reach reach_of(const char *key)
{
    for (size_t i = 0; i < sizeof reaches / sizeof *reaches; i++)
        if (strcmp(reaches[i].key, key) == 0)
            return reaches[i].reach;
    return REACH_NONE;
}

static const char beyond[] =
    "records have each window as it was, and of raw signals that is not decided again";
static const char raw[] = "that needs the raw signals: give --archive=DIR of an archive that has "
                          "them";

const char *variant_key_problem(const char *key, bool has_raw)
{
    switch (reach_of(key)) {
    case REACH_SIZES:
        return "it changes sizes alone, and not what is published; see quantumctl report";
    case REACH_RAW:
        return has_raw ? NULL : raw;
    case REACH_NONE:
        return beyond;
    default:
        return NULL;
    }
}

/* --- what it differs in */

static bool has_more_symbols(const struct names *live, const struct names *own)
{
    if (live->count == 0)
        return false;
    for (size_t i = 0; i < own->count; i++)
        if (!names_has(live, own->list[i]))
            return true;
    return own->count == 0;
}

/* Whether raw signals would tell what records do not. */
static bool needs_raw(const char *key, const struct router_settings *live,
                      const struct router_settings *own)
{
    switch (reach_of(key)) {
    case REACH_RAW:
        return true;
    case REACH_GATE:
        return own->signal.min_confidence < live->signal.min_confidence;
    case REACH_SYMBOLS:
        return has_more_symbols(&live->symbols, &own->symbols);
    default:
        return false;
    }
}

static const char *problem_of(const char *key, const char *was)
{
    switch (reach_of(key)) {
    case REACH_NONE:
        return beyond;
    case REACH_COUNTED:
        return strcmp(was, "0") == 0 ? "it was off at the time, and nobody counted for it" : NULL;
    default:
        return NULL;
    }
}

static bool is_choosing(const char *key)
{
    enum reach reach = reach_of(key);

    return reach == REACH_GATE || reach == REACH_SYMBOLS || reach == REACH_SCORES;
}

/* A line of each text: "name = value". False: it is beyond the records. */
static bool compare_row(struct variant *variant, const struct option_row *row, size_t base,
                        const struct router_settings *live, bool has_raw,
                        char ret_why[static VARIANT_WHY_MAX])
{
    const struct router_settings *own = &variant->own.settings;
    char *was = option_text(row, (const char *)live + base + row->offset);
    char *is = option_text(row, (const char *)own + base + row->offset);
    const char *problem = NULL;

    if (strcmp(was, is) != 0) {
        bool is_raw = needs_raw(row->key, live, own);
        problem = is_raw && !has_raw ? raw : problem_of(row->key, was);
        variant->is_approximate = variant->is_approximate || is_raw;
        variant->was_approximate = variant->was_approximate || is_raw;
        variant->chooses = variant->chooses || is_choosing(row->key);
    }
    if (problem)
        (void)snprintf(ret_why, VARIANT_WHY_MAX, "%s = %.60s, and %.60s at the time: %s", row->key,
                       is, was, problem);
    free(was);
    free(is);
    return !problem;
}

static bool compare(struct variant *variant, const struct router_settings *live, bool has_raw,
                    char ret_why[static VARIANT_WHY_MAX])
{
    variant->chooses = variant->is_approximate = false;
    for (size_t i = 0; i < router_options.count; i++) {
        const struct option_group *group = &router_options.groups[i];
        for (size_t j = 0; j < group->count; j++)
            if (group->rows[j].decides &&
                !compare_row(variant, &group->rows[j], group->base, live, has_raw, ret_why))
                return false;
    }
    return true;
}

/* --- made */

/* The change of the option that the line begins with, or NULL. */
static const char *change_of(const struct variant *variant, const char *line)
{
    for (size_t i = 0; i < variant->changes.count; i++) {
        const char *change = variant->changes.list[i];
        size_t length = strcspn(change, "=");
        if (strncmp(line, change, length) == 0 && line[length] == ' ')
            return change;
    }
    return NULL;
}

/* The texts lay out every option that decides, so that each change finds its line. */
static char *changed_text(const struct variant *variant, const char *text)
{
    char *all = memory_text("");

    while (*text) {
        size_t length = strcspn(text, "\n");
        const char *change = change_of(variant, text);
        int name = change ? (int)strcspn(change, "=") : 0;
        all = change ? memory_extend(all, "%.*s = %s\n", name, change, change + name + 1)
                     : memory_extend(all, "%.*s\n", (int)length, text);
        text += length + (text[length] == '\n');
    }
    return all;
}

bool variant_make(struct variant *variant, const struct router_settings *live, bool has_raw,
                  char ret_why[static VARIANT_WHY_MAX])
{
    char digest[SHA256_TEXT_MAX];
    struct decisive decisive;

    if (variant->is_made)
        decisive_settings_release(&variant->own);
    decisive_make(variant->whole ? variant->whole : live, &decisive);
    char *text = changed_text(variant, decisive.text);
    sha256_text(text, strlen(text), digest);
    variant->is_made = decisive_read(text, strlen(text), digest, &variant->own, ret_why);
    free(text);
    decisive_release(&decisive);
    return variant->is_made && compare(variant, live, has_raw, ret_why);
}

void variant_release(struct variant *variant)
{
    if (variant->is_made)
        decisive_settings_release(&variant->own);
    names_free(&variant->changes);
    free(variant->name);
    *variant = (struct variant){0};
}

/* --- deciding */

bool variant_decide(const struct variant *variant, struct recorded *recorded, struct plan *ret_plan)
{
    size_t count = recorded->window.count;

    if (variant->chooses && recorded->drops.of[FATE_OUTRANKED] > 0)
        return false;
    other_policy_rank(recorded, &variant->own.rules.score);
    char *marked = count > 0 ? memory_bytes(recorded->snapshot.marked, count) : NULL;
    other_policy_leave_out(recorded, &variant->own.settings);
    again_decide(recorded, &variant->own.rules, ret_plan);
    if (count > 0)
        memcpy(recorded->snapshot.marked, marked, count);
    free(marked);
    return true;
}
