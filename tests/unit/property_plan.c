/* SPDX-License-Identifier: MIT */
/*
 * Random windows decided twice: by plan_make(), and by a slow reading of what router/README.md says
 * under How it decides, that works on whole numbers, sorts nothing and for each place looks at
 * everybody again. And a third time from its record, which comes to the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "router/decide/notes.h"
#include "router/decide/plan.h"
#include "tests/unit/record_sample.h"
#include "tests/unit/support.h"

enum { CASES = 20000, CANDIDATES_MAX = 24, SYMBOLS = 6 };

struct trial {
    struct {
        int64_t nano; /* the confidence */
        bool gate, regime, stale, marked, cooling, worthless;
        enum side side;
        char symbol[8];
        char decision[16];
        uint64_t ms;
        bool out; /* took a place, or cannot */
        bool chosen;
    } some[CANDIDATES_MAX];
    size_t count;
    size_t picked[CANDIDATES_MAX]; /* by the reference, in this order */
    size_t picked_count;
    struct {
        enum side side;
        int64_t number; /* 0: it is not held */
        bool in_flight[2];
    } symbols[SYMBOLS];
    int64_t open_beside; /* positions that the hash does not know of */
    bool safe_mode;
    struct capacity capacity;
    int64_t supers_passed; /* within the hour */
    struct plan_rules rules;
};

static struct plan_rules any_rules(void)
{
    return (struct plan_rules){
        .capacity = {.max_open = 1 + (int64_t)chance_below(8),
                     .target_open = (int64_t)chance_below(9),
                     .max_new_per_cycle = 1 + (int64_t)chance_below(5),
                     .super_confidence = 0.90,
                     .in_flight_needed = chance_one_in(2),
                     .suspect_after = 1 + (int64_t)chance_below(10),
                     .suspect_closes = chance_one_in(4),
                     .supers_per_cycle = chance_one_in(2) ? 0 : 1 + (int64_t)chance_below(4),
                     .max_daily = chance_one_in(2) ? 0 : 1 + (int64_t)chance_below(8),
                     .max_per_minute = chance_one_in(2) ? 0 : 1 + (int64_t)chance_below(8),
                     .unknown_closes = chance_one_in(3),
                     .supers_per_hour = chance_one_in(2) ? 0 : 1 + (int64_t)chance_below(6)},
        .sizing = {.max_position_usd = 10000.0, .factor = {1.30, 1.10}},
        .max_age_ms = 30000,
        .one_per_symbol = !chance_one_in(5),
        .has_cooldown = chance_one_in(3),
        .adds_to_held = chance_one_in(3),
        .passes_opposite = chance_one_in(3),
    };
}

static struct capacity any_capacity(void)
{
    enum open_orders_kind kind = (enum open_orders_kind)(chance_one_in(10) ? chance_below(3) : 0);

    return (struct capacity){.open = {kind, 0},
                             .in_flight = chance_one_in(3) ? (int64_t)chance_below(6) - 1 : 0,
                             .published_since = (int64_t)chance_below(12),
                             .published_today = (int64_t)chance_below(9),
                             .published_minute = (int64_t)chance_below(9),
                             .rolled_back = chance_one_in(20)};
}

/* Mostly a few are held, and mostly the count says so; the seventh symbol is in no window. */
static void hold_some(struct trial *trial)
{
    for (size_t i = 0; i < SYMBOLS; i++) {
        trial->symbols[i].side = chance_one_in(2) ? SIDE_BUY : SIDE_SELL;
        trial->symbols[i].number = chance_one_in(4) ? 1 + (int64_t)chance_below(2) : 0;
        trial->symbols[i].in_flight[SIDE_BUY] = chance_one_in(8);
        trial->symbols[i].in_flight[SIDE_SELL] = chance_one_in(8);
        trial->capacity.open.count += trial->symbols[i].number;
    }
    trial->open_beside = chance_one_in(4) ? (int64_t)chance_below(3) : 0;
    trial->capacity.open.count += trial->open_beside;
}

static struct trial any_trial(void)
{
    struct trial trial = {.count = chance_below(CANDIDATES_MAX + 1),
                          .safe_mode = chance_one_in(20),
                          .capacity = any_capacity(),
                          .supers_passed = (int64_t)chance_below(7),
                          .rules = any_rules()};

    hold_some(&trial);
    for (size_t i = 0; i < trial.count; i++) {
        trial.some[i].nano =
            750000000 + (int64_t)(chance_below(26) * 10000000) - (int64_t)chance_below(2);
        trial.some[i].gate = chance_one_in(2);
        trial.some[i].regime = chance_one_in(2);
        trial.some[i].stale = chance_one_in(8);
        trial.some[i].marked = chance_one_in(6);
        trial.some[i].worthless = chance_one_in(10);
        trial.some[i].side = chance_one_in(2) ? SIDE_BUY : SIDE_SELL;
        trial.some[i].ms = (uint64_t)NOW_MS - (trial.some[i].stale ? 30001 : chance_below(30001));
        (void)snprintf(trial.some[i].symbol, 8, "S%zuX", chance_below(SYMBOLS));
        trial.some[i].cooling = trial.rules.has_cooldown && trial.some[i].symbol[1] < '2';
        (void)snprintf(trial.some[i].decision, 16, "d%zu",
                       chance_one_in(3) ? chance_below(4) : 100 + i);
    }
    return trial;
}

/* --- the reference */

static int64_t score_of(const struct trial *trial, size_t i)
{
    return trial->some[i].nano + (trial->some[i].gate ? 20000000 : 0) +
           (trial->some[i].regime ? 10000000 : 0);
}

static bool is_better(const struct trial *trial, size_t a, size_t b)
{
    if (score_of(trial, a) != score_of(trial, b))
        return score_of(trial, a) > score_of(trial, b);
    if (trial->some[a].nano != trial->some[b].nano)
        return trial->some[a].nano > trial->some[b].nano;
    if (trial->some[a].ms != trial->some[b].ms)
        return trial->some[a].ms < trial->some[b].ms;
    return a < b; /* which is the sequence of its id */
}

static int64_t used_of(const struct trial *trial)
{
    int64_t in_flight = trial->capacity.in_flight;

    return trial->capacity.open.count + (in_flight > 0 ? in_flight : 0);
}

/* What is held is known where the sum is the count. */
static bool holds_are_known(const struct trial *trial)
{
    return trial->open_beside == 0 && trial->capacity.open.kind == OPEN_ORDERS_KNOWN;
}

static bool is_on_side(const struct trial *trial, size_t i, bool opposite)
{
    size_t symbol = (size_t)(trial->some[i].symbol[1] - '0');
    enum side side = trial->some[i].side;

    if (opposite)
        side = side == SIDE_BUY ? SIDE_SELL : SIDE_BUY;
    if (trial->symbols[symbol].in_flight[side])
        return true;
    return holds_are_known(trial) && trial->symbols[symbol].number > 0 &&
           trial->symbols[symbol].side == side;
}

static bool is_held(const struct trial *trial, size_t i)
{
    return (is_on_side(trial, i, false) && !trial->rules.adds_to_held) ||
           (is_on_side(trial, i, true) && !trial->rules.passes_opposite);
}

static bool is_closed(const struct trial *trial)
{
    const struct capacity_rules *rules = &trial->rules.capacity;
    const struct capacity *capacity = &trial->capacity;

    return trial->safe_mode || capacity->rolled_back || capacity->open.kind != OPEN_ORDERS_KNOWN ||
           (capacity->in_flight == -1 && rules->in_flight_needed) ||
           (rules->suspect_closes && capacity->published_since >= rules->suspect_after) ||
           (rules->unknown_closes && !holds_are_known(trial));
}

static int64_t allowed_by_contract(const struct trial *trial, bool *ret_supers_only)
{
    const struct capacity_rules *rules = &trial->rules.capacity;
    int64_t allowed = rules->max_new_per_cycle;
    int64_t open = used_of(trial);
    int64_t slots = rules->max_open - open;

    *ret_supers_only = open >= rules->target_open;
    if (is_closed(trial) || slots <= 0)
        return 0;
    if (allowed > slots)
        allowed = slots;
    if (!*ret_supers_only && allowed > rules->target_open - open)
        allowed = rules->target_open - open;
    if (*ret_supers_only && rules->supers_per_cycle > 0 && allowed > rules->supers_per_cycle)
        allowed = rules->supers_per_cycle;
    if (rules->max_daily > 0 && allowed > rules->max_daily - trial->capacity.published_today)
        allowed = rules->max_daily - trial->capacity.published_today;
    if (rules->max_per_minute > 0 &&
        allowed > rules->max_per_minute - trial->capacity.published_minute)
        allowed = rules->max_per_minute - trial->capacity.published_minute;
    return allowed < 0 ? 0 : allowed;
}

static bool may_be_picked(const struct trial *trial, size_t i, bool supers_only)
{
    if (trial->some[i].out || trial->some[i].stale || trial->some[i].marked ||
        trial->some[i].cooling || is_held(trial, i))
        return false;
    if (supers_only && trial->some[i].nano < 900000000)
        return false;
    for (size_t other = 0; other < trial->count; other++) {
        if (!trial->some[other].chosen)
            continue;
        if (strcmp(trial->some[other].decision, trial->some[i].decision) == 0)
            return false;
        if ((trial->rules.one_per_symbol || trial->rules.has_cooldown) &&
            strcmp(trial->some[other].symbol, trial->some[i].symbol) == 0)
            return false;
    }
    return true;
}

static void pick_by_contract(struct trial *trial)
{
    bool supers_only;
    int64_t allowed = allowed_by_contract(trial, &supers_only);
    int64_t limit = trial->rules.capacity.supers_per_hour;

    if (supers_only && limit > 0 && allowed > limit - trial->supers_passed)
        allowed = limit - trial->supers_passed;
    while ((int64_t)trial->picked_count < allowed) {
        size_t best = trial->count;
        for (size_t i = 0; i < trial->count; i++)
            if (may_be_picked(trial, i, supers_only) &&
                (best == trial->count || is_better(trial, i, best)))
                best = i;
        if (best == trial->count)
            return;
        trial->some[best].out = true;
        if (trial->some[best].worthless)
            continue;
        trial->some[best].chosen = true;
        trial->picked[trial->picked_count++] = best;
    }
}

/* --- what is asked of the plan */

static struct window window_for(const struct trial *trial)
{
    struct score_rules bonuses = bonuses_usual();
    struct window window = {0};

    for (size_t i = 0; i < trial->count; i++) {
        struct signal *signal =
            signal_of(trial->some[i].symbol, (double)trial->some[i].nano / 1e9, trial->some[i].ms);
        signal->id.sequence = i;
        signal->side = trial->some[i].side;
        signal->gate_passed = trial->some[i].gate;
        signal->regime_known = trial->some[i].regime;
        signal->position_size_usd = trial->some[i].worthless ? 0.003 : 100.0;
        memcpy(signal->decision_id, trial->some[i].decision, sizeof trial->some[i].decision);
        window_add(&window, ranking_score(&bonuses, signal));
    }
    window_rank(&window);
    return window;
}

static size_t index_of(const struct window *window, size_t ranked)
{
    return (size_t)window->candidates[ranked].signal->id.sequence;
}

static void expect_same_choice(const struct trial *trial, const struct window *window,
                               const struct plan *plan)
{
    assert_int_equal(plan->chosen, trial->picked_count);
    for (size_t i = 0; i < plan->chosen; i++) {
        static const double sizes[] = {130.0, 110.0, 100.0};
        const struct choice *choice = &plan->choices[i];
        assert_int_equal(index_of(window, choice->index), trial->picked[i]);
        assert_int_equal(choice->rank, i + 1);
        assert_true(choice->sizing.size_usd == sizes[i < 2 ? i : 2]);
    }
}

static void expect_within_bounds(const struct trial *trial, const struct plan *plan)
{
    const struct capacity_rules *rules = &trial->rules.capacity;
    int64_t chosen = (int64_t)plan->chosen;

    assert_true(chosen <= plan->allowance.allowed && chosen <= rules->max_new_per_cycle);
    assert_true(chosen == 0 || trial->capacity.open.kind == OPEN_ORDERS_KNOWN);
    assert_true(chosen == 0 || !trial->safe_mode);
    assert_true(chosen == 0 || used_of(trial) + chosen <= rules->max_open);
    assert_true(chosen == 0 || rules->max_daily == 0 ||
                trial->capacity.published_today + chosen <= rules->max_daily);
    assert_true(chosen == 0 || rules->max_per_minute == 0 ||
                trial->capacity.published_minute + chosen <= rules->max_per_minute);
    assert_true(rules->supers_per_cycle == 0 || !plan->allowance.supers_only ||
                chosen <= rules->supers_per_cycle);
    assert_true(rules->supers_per_hour == 0 || !plan->allowance.supers_only || chosen == 0 ||
                trial->supers_passed + chosen <= rules->supers_per_hour);
}

static void expect_one_sound_fate_each(const struct trial *trial, const struct window *window,
                                       const struct plan *plan)
{
    struct tally tally = {0};
    unsigned last_rank = 0;

    assert_int_equal(plan->count, trial->count);
    for (size_t i = 0; i < plan->count; i++) {
        const struct verdict *verdict = &plan->verdicts[i];
        size_t at = index_of(window, i);
        tally.of[verdict->fate]++;
        assert_int_equal(verdict->fate == FATE_PUBLISHED, trial->some[at].chosen);
        assert_int_equal(verdict->fate == FATE_STALE, trial->some[at].stale);
        assert_true(verdict->fate != FATE_INVALID || trial->some[at].worthless);
        assert_true(verdict->fate != FATE_SAME_SYMBOL || trial->rules.one_per_symbol);
        assert_true((verdict->fate != FATE_SYMBOL_HELD && verdict->fate != FATE_OPPOSITE_HELD) ||
                    is_held(trial, at));
        assert_true(verdict->fate != FATE_COOLDOWN || trial->rules.has_cooldown);
        bool contended = verdict->fate == FATE_PUBLISHED || verdict->fate == FATE_OUTRANKED;
        assert_int_equal(verdict->rank, contended ? last_rank + 1 : 0);
        last_rank += contended;
        /* While places are left nobody is outranked. */
        assert_true(verdict->fate != FATE_OUTRANKED ||
                    (int64_t)plan->chosen == plan->allowance.allowed);
    }
    assert_memory_equal(&tally, &plan->tally, sizeof tally);
    assert_int_equal(tally_total(&plan->tally), trial->count);
}

/* Those who passed before are noted, and those who pass now. */
static void expect_note(const struct trial *trial, const struct plan *plan)
{
    int64_t noted = notes_supers(plan->super_times, NOW_MS);
    int64_t passed = plan->allowance.supers_only ? (int64_t)plan->chosen : 0;
    bool limited = trial->rules.capacity.supers_per_hour > 0;

    assert_int_equal(noted, limited ? trial->supers_passed + passed : 0);
}

/* As the hash has them; the texts are to outlive what they are read into. */
struct hash {
    struct held_field fields[SYMBOLS];
    char names[SYMBOLS][SYMBOL_MAX + 1];
    char values[SYMBOLS][HELD_WRITTEN_MAX];
    size_t count;
};

static void fill_hash(const struct trial *trial, struct hash *hash)
{
    hash->count = 0;
    for (size_t i = 0; i < SYMBOLS; i++) {
        if (trial->symbols[i].number == 0)
            continue;
        char *name = hash->names[i], *value = hash->values[i];
        (void)snprintf(name, sizeof hash->names[i], "S%zuX", i);
        (void)snprintf(value, sizeof hash->values[i], "%s %lld", side_name(trial->symbols[i].side),
                       (long long)trial->symbols[i].number);
        hash->fields[hash->count++] = (struct held_field){name, value, strlen(name), strlen(value)};
    }
}

static void judge_held(const struct trial *trial, const struct window *window,
                       struct snapshot *snapshot)
{
    struct opening openings[2 * SYMBOLS];
    struct hash hash;
    struct holdings_seen seen = {.fields = hash.fields, .openings = openings};

    for (size_t i = 0; i < SYMBOLS; i++)
        for (enum side side = SIDE_BUY; side <= SIDE_SELL; side++)
            if (trial->symbols[i].in_flight[side]) {
                struct opening *opening = &openings[seen.opening_count++];
                (void)snprintf(opening->symbol, sizeof opening->symbol, "S%zuX", i);
                opening->side = side;
            }
    fill_hash(trial, &hash);
    seen.field_count = hash.count;
    snapshot->holdings = holdings_judge(&seen, &snapshot->capacity.open, window, snapshot->held,
                                        snapshot->held_values);
    snapshot->capacity.positions_unknown = snapshot->holdings.state != HOLDINGS_KNOWN;
}

/* A record tells a stale one, and no longer since when. */
static void expect_recorded(const struct trial *trial, const struct snapshot *snapshot,
                            const struct window *window, const struct plan *plan)
{
    const struct again_rules rules = {trial->rules, bonuses_usual()};

    if (window->count > 0)
        expect_decided_again(&rules, snapshot, window, plan);
}

static void decide(const struct trial *trial, const struct window *window, struct plan *ret_plan)
{
    char marked[CANDIDATES_MAX + 1] = {0}, cooling[CANDIDATES_MAX + 1] = {0};
    char held[CANDIDATES_MAX + 1] = {0};
    struct held_value held_values[CANDIDATES_MAX];
    char days[] = "", minutes[] = "";
    char *super_times = notes_with_supers("", NOW_MS - 3599999, (size_t)trial->supers_passed);
    struct snapshot snapshot = {.now_ms = NOW_MS,
                                .capacity = trial->capacity,
                                .safe_mode = trial->safe_mode,
                                .marked = marked,
                                .cooling = cooling,
                                .held = held,
                                .held_values = held_values,
                                .super_times = super_times,
                                .day_counts = days,
                                .minute_counts = minutes};

    for (size_t at = 0; at < window->count; at++) {
        marked[at] = trial->some[index_of(window, at)].marked ? '1' : '0';
        cooling[at] = trial->some[index_of(window, at)].cooling ? '1' : '0';
    }
    judge_held(trial, window, &snapshot);
    plan_make(&trial->rules, &snapshot, window, ret_plan);
    expect_recorded(trial, &snapshot, window, ret_plan);
    free(super_times);
}

static void a_plan_is_what_the_contract_says(void **state)
{
    (void)state;
    chance_begin();
    for (int i = 0; i < CASES; i++) {
        struct trial trial = any_trial();
        struct window window = window_for(&trial);
        struct plan plan;
        pick_by_contract(&trial);
        decide(&trial, &window, &plan);
        expect_same_choice(&trial, &window, &plan);
        expect_within_bounds(&trial, &plan);
        expect_one_sound_fate_each(&trial, &window, &plan);
        expect_note(&trial, &plan);
        plan_release(&plan);
        window_clear(&window);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_plan_is_what_the_contract_says)};

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("property_plan", tests, NULL, NULL);
}
