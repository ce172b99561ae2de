/* SPDX-License-Identifier: MIT */
#include "ctl/why/decide/would_pass.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/number.h"

/* The rows down to the candidate, and the world; a trial changes a copy. */
struct trial {
    const struct would_subject *subject;
    struct would_pass *found;

    struct again_rules rules;
    struct snapshot snapshot;
    struct window window;
    struct signal own; /* the candidate, for it to be changed */
    char *flags[3];    /* that the snapshot points to */
};

static const struct candidate *rows_of(const struct trial *trial)
{
    return trial->subject->recorded->window.candidates;
}

/* As it was. */
static void reset(struct trial *trial)
{
    const struct recorded *recorded = trial->subject->recorded;
    size_t count = trial->subject->row + 1;

    trial->rules = *trial->subject->rules;
    trial->snapshot = recorded->snapshot;
    memcpy(trial->flags[0], recorded->snapshot.marked, count);
    memcpy(trial->flags[1], recorded->snapshot.cooling, count);
    memcpy(trial->flags[2], recorded->snapshot.held, count);
    trial->snapshot.marked = trial->flags[0];
    trial->snapshot.cooling = trial->flags[1];
    trial->snapshot.held = trial->flags[2];
    memcpy(trial->window.candidates, rows_of(trial), count * sizeof *trial->window.candidates);
    trial->own = *rows_of(trial)[count - 1].signal;
    trial->window.candidates[count - 1].signal = &trial->own;
    trial->window.count = count;
}

static void begin(struct trial *trial)
{
    size_t count = trial->subject->row + 1;

    for (size_t i = 0; i < 3; i++)
        trial->flags[i] = memory_new(count);
    trial->window.candidates = memory_array(count, sizeof *trial->window.candidates);
    reset(trial);
}

static void end(struct trial *trial)
{
    for (size_t i = 0; i < 3; i++)
        free(trial->flags[i]);
    free(trial->window.candidates);
}

static bool has_room(const struct trial *trial)
{
    return trial->found->decisions < WOULD_PASS_DECISIONS;
}

/* The candidate is the last of the window, wherever it stands now. */
static bool passes(struct trial *trial)
{
    struct plan plan;

    if (!has_room(trial)) {
        trial->found->is_complete = false;
        return false;
    }
    trial->found->decisions++;
    plan_make(&trial->rules.plan, &trial->snapshot, &trial->window, &plan);
    bool is_published = plan.verdicts[plan.count - 1].fate == FATE_PUBLISHED;
    plan_release(&plan);
    return is_published;
}

static struct would_change *note_passes(struct trial *trial, const char *what)
{
    struct would_change *change = &trial->found->passes[trial->found->count++];

    *change = (struct would_change){.what = what};
    return change;
}

static void note_numbers(struct trial *trial, const char *what, double from, double to)
{
    struct would_change *change = note_passes(trial, what);
    char text[NUMBER_TEXT_MAX];

    change->is_number = true;
    change->from_number = from;
    change->to_number = to;
    number_shortest(from, text);
    (void)snprintf(change->from, sizeof change->from, "%.30s", text);
    number_shortest(to, text);
    (void)snprintf(change->to, sizeof change->to, "%.30s", text);
}

/* Where there was no room nobody knows. */
static void note_not(struct trial *trial, const char *what)
{
    if (has_room(trial))
        trial->found->not_passes[trial->found->not_count++] = what;
}

/* A row that moves with what is said of it. */
struct mover {
    struct candidate candidate;
    char flags[3];
};

static int compare_movers(const void *a, const void *b)
{
    const struct mover *one = a, *other = b;

    return ranking_compare(&one->candidate, &other->candidate);
}

/* Ranks all of them with the rules of the trial, down to the candidate. Nothing is tried that would
 * bring one above it that ranked below. */
static void rank_again(struct trial *trial)
{
    size_t count = trial->subject->row + 1, place = 0;
    struct mover *movers = memory_array(count, sizeof *movers);

    for (size_t i = 0; i < count; i++) {
        movers[i].candidate =
            ranking_score(&trial->rules.score, trial->window.candidates[i].signal);
        for (size_t j = 0; j < 3; j++)
            movers[i].flags[j] = trial->flags[j][i];
    }
    qsort(movers, count, sizeof *movers, compare_movers);
    for (size_t i = 0; i < count; i++) {
        trial->window.candidates[i] = movers[i].candidate;
        for (size_t j = 0; j < 3; j++)
            trial->flags[j][i] = movers[i].flags[j];
        if (movers[i].candidate.signal == &trial->own)
            place = i;
    }
    trial->window.count = place + 1;
    free(movers);
}

/* --- its confidence */

/* Scores count in nano. */
static const double nano = 1e9;

static bool passes_with(struct trial *trial, double confidence)
{
    if (confidence > 1)
        return false;
    reset(trial);
    trial->own.confidence = confidence;
    rank_again(trial);
    return passes(trial);
}

/* The least confidence with which it ranks above that row: the same score and a higher confidence,
 * or an earlier id; else the next score there is. */
static double confidence_above(struct trial *trial, size_t row)
{
    const struct candidate *other = &rows_of(trial)[row];
    struct candidate own;

    reset(trial);
    trial->own.confidence = 0;
    own = ranking_score(&trial->rules.score, &trial->own);
    double bonus = own.score;
    for (int64_t more = 0; more <= 2; more++) {
        trial->own.confidence = ((double)(other->score_nano + more) - round(bonus * nano)) / nano;
        own = ranking_score(&trial->rules.score, &trial->own);
        if (ranking_compare(&own, other) < 0)
            return trial->own.confidence;
    }
    return INFINITY;
}

/* Whether it would pass right above this row; the confidence that it needs there. */
static bool passes_above(struct trial *trial, size_t row, double *ret_confidence)
{
    double confidence = confidence_above(trial, row);
    double super = trial->rules.plan.capacity.super_confidence;

    if (passes_with(trial, confidence)) {
        *ret_confidence = confidence;
        return true;
    }
    if (confidence >= super || !passes_with(trial, super) || trial->window.count != row + 1)
        return false;
    *ret_confidence = super;
    return true;
}

/* Where it need not rank higher, but be more confident. */
static bool passes_in_place(struct trial *trial)
{
    double super = trial->rules.plan.capacity.super_confidence;
    size_t row = trial->subject->row;

    return rows_of(trial)[row].signal->confidence < super && passes_with(trial, super) &&
           trial->window.count == row + 1;
}

/* Who ranks higher is judged by fewer: the lowest place at which it passes needs the least. It
 * passes above `high`, and not above `low`. */
static double find_least(struct trial *trial, size_t high)
{
    size_t low = trial->subject->row;
    double least = 1, found;

    if (high == low)
        return least;
    (void)passes_above(trial, high, &least);
    while (low - high > 1) {
        size_t middle = high + (low - high) / 2;
        if (passes_above(trial, middle, &found)) {
            high = middle;
            least = found;
        } else {
            low = middle;
        }
    }
    return least;
}

static bool find_confidence(struct trial *trial, double *ret_confidence)
{
    double own = rows_of(trial)[trial->subject->row].signal->confidence;

    if (!passes_with(trial, 1))
        return false;
    size_t highest = trial->window.count - 1;
    *ret_confidence = passes_in_place(trial) ? trial->rules.plan.capacity.super_confidence
                                             : find_least(trial, highest);
    return *ret_confidence > own;
}

static void try_confidence(struct trial *trial)
{
    double own = rows_of(trial)[trial->subject->row].signal->confidence;
    double confidence = 0;

    if (find_confidence(trial, &confidence) && passes_with(trial, confidence))
        note_numbers(trial, "confidence", own, confidence);
    else
        note_not(trial, "confidence");
}

/* --- options of numbers: the least that is needed */

struct number_option {
    const char *key;
    int64_t *value; /* in the trial's rules; a reset brings back its own */
    int64_t most;   /* that is worth trying */
};

static bool passes_at(struct trial *trial, const struct number_option *option, int64_t value)
{
    reset(trial);
    *option->value = value;
    return passes(trial);
}

static void try_number(struct trial *trial, const struct number_option *option)
{
    int64_t from = *option->value, low = from, high = option->most;

    if (high <= low)
        return;
    if (!passes_at(trial, option, high)) {
        reset(trial);
        note_not(trial, option->key);
        return;
    }
    while (high - low > 1 && has_room(trial)) {
        int64_t middle = low + (high - low) / 2;
        if (passes_at(trial, option, middle))
            high = middle;
        else
            low = middle;
    }
    reset(trial);
    trial->found->is_complete = trial->found->is_complete && has_room(trial);
    note_numbers(trial, option->key, (double)from, (double)high);
}

/* No more than this can be open, or needed beside it. */
static int64_t bounded(int64_t value)
{
    enum { OPTION_MOST = 1000000 };

    return value < OPTION_MOST ? value : OPTION_MOST;
}

static void try_numbers(struct trial *trial)
{
    struct capacity_rules *rules = &trial->rules.plan.capacity;
    const struct capacity *seen = &trial->snapshot.capacity;
    int64_t places = (int64_t)trial->subject->row + 1;
    int64_t flying = seen->in_flight > 0 ? bounded(seen->in_flight) : 0;
    int64_t needed = bounded(bounded(seen->open.count) + flying + places);
    int64_t cycle_most = rules->max_new_per_cycle + places;
    const struct number_option options[] = {
        {"capacity.max_new_per_cycle", &rules->max_new_per_cycle,
         cycle_most < 1000 ? cycle_most : 1000},
        {"capacity.target_open", &rules->target_open, needed},
        {"capacity.max_open", &rules->max_open, needed},
        {"capacity.super_max_per_cycle", &rules->supers_per_cycle,
         rules->supers_per_cycle > 0 ? rules->supers_per_cycle + places : 0},
        {"capacity.super_max_per_hour", &rules->supers_per_hour,
         rules->supers_per_hour > 0 ? trial->subject->recorded->supers + places : 0},
        {"governor.max_daily_trades", &rules->max_daily,
         rules->max_daily > 0 ? bounded(seen->published_today) + places : 0},
        {"governor.max_per_minute", &rules->max_per_minute,
         rules->max_per_minute > 0 ? bounded(seen->published_minute) + places : 0},
        {"capacity.suspect_after", &rules->suspect_after,
         rules->suspect_closes ? bounded(seen->published_since) + 1 : 0},
    };

    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        try_number(trial, &options[i]);
}

/* --- options of words */

struct word_option {
    const char *key;
    const char *from, *to;
    bool applies;
    void (*set)(struct trial *trial);
};

/* The three that are one thing or the other are turned: one that is stricter takes others out. */
static void turn_same_side(struct trial *trial)
{
    trial->rules.plan.adds_to_held = !trial->rules.plan.adds_to_held;
}

static void turn_opposite_side(struct trial *trial)
{
    trial->rules.plan.passes_opposite = !trial->rules.plan.passes_opposite;
}

static void turn_one_per_symbol(struct trial *trial)
{
    trial->rules.plan.one_per_symbol = !trial->rules.plan.one_per_symbol;
}

static void pass_unknown(struct trial *trial)
{
    trial->rules.plan.capacity.unknown_closes = false;
}

static void warn_of_suspect(struct trial *trial)
{
    trial->rules.plan.capacity.suspect_closes = false;
}

/* Nobody is asked who rests. */
static void rest_nobody(struct trial *trial)
{
    trial->rules.plan.has_cooldown = false;
    memset(trial->flags[1], '0', trial->subject->row + 1);
}

static void count_no_flight(struct trial *trial)
{
    trial->rules.plan.capacity.in_flight_needed = false;
    trial->snapshot.capacity.in_flight = 0;
}

static void try_word(struct trial *trial, const struct word_option *option)
{
    if (!option->applies)
        return;
    reset(trial);
    option->set(trial);
    if (!passes(trial)) {
        note_not(trial, option->key);
        return;
    }
    struct would_change *change = note_passes(trial, option->key);
    (void)snprintf(change->from, sizeof change->from, "%s", option->from);
    (void)snprintf(change->to, sizeof change->to, "%s", option->to);
}

static void try_words(struct trial *trial)
{
    const struct plan_rules *rules = &trial->subject->rules->plan;
    char cooldown[WOULD_PASS_TEXT_MAX];
    const struct word_option options[] = {
        {.key = "positions.same_side",
         .from = rules->adds_to_held ? "add" : "reject",
         .to = rules->adds_to_held ? "reject" : "add",
         .applies = true,
         .set = turn_same_side},
        {.key = "positions.opposite_side",
         .from = rules->passes_opposite ? "pass" : "reject",
         .to = rules->passes_opposite ? "reject" : "pass",
         .applies = true,
         .set = turn_opposite_side},
        {.key = "positions.unknown",
         .from = "close",
         .to = "pass",
         .applies = rules->capacity.unknown_closes,
         .set = pass_unknown},
        {.key = "capacity.suspect",
         .from = "close",
         .to = "warn",
         .applies = rules->capacity.suspect_closes,
         .set = warn_of_suspect},
        {.key = "window.one_per_symbol",
         .from = rules->one_per_symbol ? "true" : "false",
         .to = rules->one_per_symbol ? "false" : "true",
         .applies = true,
         .set = turn_one_per_symbol},
        {.key = "capacity.symbol_cooldown_sec",
         .from = cooldown,
         .to = "0",
         .applies = rules->has_cooldown,
         .set = rest_nobody},
        {.key = "capacity.inflight_group",
         .from = trial->subject->in_flight_group,
         .to = "",
         .applies = trial->snapshot.capacity.in_flight != 0,
         .set = count_no_flight},
    };

    (void)snprintf(cooldown, sizeof cooldown, "%lld", trial->subject->cooldown_sec);
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        try_word(trial, &options[i]);
}

/* --- bonuses of the score: the value that is nearest to its own */

struct bonus_option {
    const char *key;
    double *value; /* in the trial's rules; a reset brings back its own */
    bool (*has)(const struct signal *signal);
};

static bool has_gate(const struct signal *signal)
{
    return signal->gate_passed;
}

static bool has_regime(const struct signal *signal)
{
    return signal->regime_known;
}

/* The nearest value with which it ranks above that row, of the other kind; negative or over 1 is
 * none that the option takes. */
static double bonus_above(struct trial *trial, const struct bonus_option *option, size_t row)
{
    bool is_raised = option->has(&trial->own);
    struct signal *other = rows_of(trial)[row].signal;

    reset(trial);
    *option->value = 0;
    int64_t own_nano = ranking_score(&trial->rules.score, &trial->own).score_nano;
    int64_t other_nano = ranking_score(&trial->rules.score, other).score_nano;
    for (int64_t more = -1; more <= 2; more++) {
        double value = is_raised ? (double)(other_nano - own_nano + more) / nano
                                 : (double)(own_nano - other_nano - more) / nano;
        *option->value = value;
        struct candidate own = ranking_score(&trial->rules.score, &trial->own);
        struct candidate above = ranking_score(&trial->rules.score, other);
        if (ranking_compare(&own, &above) < 0)
            return value;
    }
    return INFINITY;
}

static bool passes_with_bonus(struct trial *trial, const struct bonus_option *option, double value)
{
    if (!(value >= 0 && value <= 1))
        return false;
    reset(trial);
    *option->value = value;
    rank_again(trial);
    return passes(trial);
}

/* The rows that it can come above, the lowest first: what it needs for one it has for those before.
 */
static void try_bonus(struct trial *trial, const struct bonus_option *option)
{
    double from = *option->value, most = option->has(&trial->own) ? 1 : 0, nearest = most;
    size_t *rows = memory_array(trial->subject->row + 1, sizeof *rows), count = 0;

    for (size_t row = trial->subject->row; row-- > 0;)
        if (option->has(rows_of(trial)[row].signal) != option->has(&trial->own))
            rows[count++] = row;
    if (count > 0 && most != from && passes_with_bonus(trial, option, most)) {
        for (size_t low = 0; low < count && has_room(trial);) {
            size_t middle = low + (count - low) / 2;
            double value = bonus_above(trial, option, rows[middle]);
            if (passes_with_bonus(trial, option, value)) {
                count = middle;
                nearest = value;
            } else {
                low = middle + 1;
            }
        }
        trial->found->is_complete = trial->found->is_complete && has_room(trial);
        note_numbers(trial, option->key, from, nearest);
    } else if (count > 0) {
        note_not(trial, option->key);
    }
    free(rows);
    reset(trial);
}

static void try_bonuses(struct trial *trial)
{
    struct score_rules *score = &trial->rules.score;
    const struct bonus_option options[] = {
        {"score.rl_gate_bonus", &score->gate_bonus, has_gate},
        {"score.regime_bonus", &score->regime_bonus, has_regime},
    };

    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        try_bonus(trial, &options[i]);
}

/* --- the others */

/* Its own confidence: it is a super-signal then, and as few others as can be. */
static void try_super(struct trial *trial)
{
    double super = trial->subject->rules->plan.capacity.super_confidence;
    double own = rows_of(trial)[trial->subject->row].signal->confidence;

    if (own == super)
        return;
    reset(trial);
    trial->rules.plan.capacity.super_confidence = own;
    if (passes(trial))
        note_numbers(trial, "capacity.super_confidence", super, own);
    else
        note_not(trial, "capacity.super_confidence");
}

/* Only where its age is known to the millisecond. */
static void try_age(struct trial *trial)
{
    const struct recorded *recorded = trial->subject->recorded;
    int64_t max_ms = trial->subject->rules->plan.max_age_ms;
    int64_t age_ms = recorded->snapshot.now_ms -
                     stream_id_time_ms(rows_of(trial)[trial->subject->row].signal->id);
    int64_t needed_ms = (age_ms + 999) / 1000 * 1000;

    if (!trial->subject->is_by_id || !recorded->stale[trial->subject->row] || age_ms <= max_ms)
        return;
    reset(trial);
    trial->rules.plan.max_age_ms = needed_ms;
    if (passes(trial))
        note_numbers(trial, "window.signal_max_age_sec", (double)max_ms / 1000,
                     (double)needed_ms / 1000);
    else
        note_not(trial, "window.signal_max_age_sec");
}

void would_pass_find(const struct would_subject *subject, struct would_pass *ret_found)
{
    struct trial trial = {.subject = subject, .found = ret_found};

    *ret_found = (struct would_pass){.is_complete = true};
    begin(&trial);
    try_confidence(&trial);
    reset(&trial);
    try_super(&trial);
    reset(&trial);
    try_numbers(&trial);
    try_words(&trial);
    reset(&trial);
    try_bonuses(&trial);
    try_age(&trial);
    end(&trial);
}
