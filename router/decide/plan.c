/* SPDX-License-Identifier: MIT */
#include "router/decide/plan.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/calendar.h"
#include "common/base/memory.h"
#include "common/base/text_set.h"
#include "common/trade/terms.h"
#include "router/decide/notes.h"

/* The walk down the ranks: each candidate is judged by what those above it left behind. */
struct walk {
    const struct plan_rules *rules;
    const struct snapshot *snapshot;
    const struct window *window;
    int64_t supers_max; /* that may pass the target now, by the hour's limit */

    unsigned contenders;
    struct text_set contended; /* symbols, with one_per_symbol */
    struct text_set published; /* symbols, with a cooldown */
    struct text_set decisions; /* that were published */
    struct plan *plan;
};

static const struct signal *signal_at(const struct walk *walk, size_t index)
{
    return walk->window->candidates[index].signal;
}

/* --- the questions */

static bool is_stale(const struct walk *walk, size_t index)
{
    return signal_is_stale(signal_at(walk, index)->dated_ms, walk->snapshot->now_ms,
                           walk->rules->max_age_ms);
}

static bool is_super(const struct walk *walk, size_t index)
{
    return policy_is_super(&walk->rules->capacity, signal_at(walk, index)->confidence);
}

static bool may_pass_target(const struct walk *walk, size_t index)
{
    return is_super(walk, index) && (int64_t)walk->plan->chosen < walk->supers_max;
}

static bool is_duplicate(const struct walk *walk, size_t index)
{
    return walk->snapshot->marked[index] == '1' ||
           text_set_has(&walk->decisions, signal_at(walk, index)->decision_id);
}

/* The flags of the plan's own intents come with the next snapshot; until then one_per_symbol says
 * whether a symbol may be published twice. */
static bool is_held_same(const struct walk *walk, size_t index)
{
    char flag = walk->snapshot->held[index];

    return !walk->rules->adds_to_held && (flag == HELD_SAME || flag == HELD_BOTH);
}

static bool is_held_opposite(const struct walk *walk, size_t index)
{
    char flag = walk->snapshot->held[index];

    return !walk->rules->passes_opposite && (flag == HELD_OPPOSITE || flag == HELD_BOTH);
}

static bool has_better_of_symbol(const struct walk *walk, size_t index)
{
    return walk->rules->one_per_symbol &&
           text_set_has(&walk->contended, signal_at(walk, index)->symbol);
}

/* Since an earlier cycle, or by one above: it would be published into the rest that that one began.
 */
static bool is_cooling(const struct walk *walk, size_t index)
{
    return walk->snapshot->cooling[index] == '1' ||
           (walk->rules->has_cooldown &&
            text_set_has(&walk->published, signal_at(walk, index)->symbol));
}

static struct sizing sizing_at(const struct walk *walk, size_t index)
{
    const struct signal *signal = signal_at(walk, index);

    return sizing_apply(&walk->rules->sizing, walk->contenders + 1, signal->position_size_usd,
                        signal->confidence);
}

/* In the order in which they count: the first that holds is the one that people are told. */
static enum fate judge(const struct walk *walk, size_t index)
{
    const struct plan *plan = walk->plan;

    if (is_stale(walk, index))
        return FATE_STALE;
    if (plan->safe_mode)
        return FATE_SAFE_MODE;
    if (plan->allowance.allowed <= 0)
        return FATE_NO_SLOTS;
    if (plan->allowance.supers_only && !may_pass_target(walk, index))
        return FATE_BELOW_SUPER;
    if (is_duplicate(walk, index))
        return FATE_DUPLICATE;
    if (is_held_same(walk, index))
        return FATE_SYMBOL_HELD;
    if (is_held_opposite(walk, index))
        return FATE_OPPOSITE_HELD;
    if (has_better_of_symbol(walk, index))
        return FATE_SAME_SYMBOL;
    if (is_cooling(walk, index))
        return FATE_COOLDOWN;
    if ((int64_t)plan->chosen == plan->allowance.allowed)
        return FATE_OUTRANKED;
    if (!(sizing_at(walk, index).size_usd > 0.0))
        return FATE_INVALID;
    return FATE_PUBLISHED;
}

static bool is_fresh_super(const struct walk *walk, size_t index)
{
    return is_super(walk, index) && !is_stale(walk, index) && !is_duplicate(walk, index) &&
           !is_held_same(walk, index) && !is_held_opposite(walk, index);
}

/* --- what one leaves behind for those below */

static void publish(struct walk *walk, size_t index)
{
    struct plan *plan = walk->plan;
    const struct signal *signal = signal_at(walk, index);

    plan->choices[plan->chosen++] =
        (struct choice){index, walk->contenders + 1, sizing_at(walk, index)};
    (void)text_set_add(&walk->decisions, signal->decision_id);
    if (walk->rules->has_cooldown)
        (void)text_set_add(&walk->published, signal->symbol);
}

/* Who contends has a rank, and stands for its symbol, with a place or without. */
static void contend(struct walk *walk, size_t index)
{
    walk->plan->verdicts[index].rank = ++walk->contenders;
    if (walk->rules->one_per_symbol)
        (void)text_set_add(&walk->contended, signal_at(walk, index)->symbol);
}

static void walk_down(struct walk *walk)
{
    struct plan *plan = walk->plan;

    for (size_t i = 0; i < plan->count; i++) {
        enum fate fate = judge(walk, i);
        plan->verdicts[i].fate = fate;
        plan->tally.of[fate]++;
        plan->fresh_supers += is_fresh_super(walk, i);
        if (fate == FATE_PUBLISHED)
            publish(walk, i);
        if (fate == FATE_PUBLISHED || fate == FATE_OUTRANKED)
            contend(walk, i);
    }
}

static int64_t supers_max(const struct plan_rules *rules, const struct snapshot *snapshot)
{
    int64_t passed = notes_supers(snapshot->super_times, snapshot->now_ms);

    return rules->capacity.supers_per_hour == 0 ? INT64_MAX
                                                : rules->capacity.supers_per_hour - passed;
}

/* Without a limit nobody asks, and the note would grow without one. */
static void note_super_times(const struct walk *walk)
{
    struct plan *plan = walk->plan;
    size_t passed = plan->allowance.supers_only ? plan->chosen : 0;
    bool limited = walk->rules->capacity.supers_per_hour > 0;

    plan->super_times = notes_with_supers(limited ? walk->snapshot->super_times : "",
                                          walk->snapshot->now_ms, limited ? passed : 0);
}

/* As for the supers. */
static void note_minute(const struct walk *walk)
{
    struct plan *plan = walk->plan;
    bool limited = walk->rules->capacity.max_per_minute > 0;

    plan->minute_counts = notes_with_minute(limited ? walk->snapshot->minute_counts : "",
                                            walk->snapshot->now_ms, limited ? plan->chosen : 0);
}

static void note_day(const struct walk *walk)
{
    const struct snapshot *snapshot = walk->snapshot;
    char day[CALENDAR_DAY_MAX];

    calendar_day(snapshot->now_ms, day);
    walk->plan->day_counts =
        notes_with_day(snapshot->day_counts, day,
                       snapshot->capacity.published_today + (int64_t)walk->plan->chosen);
}

void plan_make(const struct plan_rules *rules, const struct snapshot *snapshot,
               const struct window *window, struct plan *ret_plan)
{
    struct plan plan = {
        .allowance = policy_slots(&rules->capacity, &snapshot->capacity),
        .safe_mode = snapshot->safe_mode,
        .carries_quantity = rules->carries_quantity,
        .count = window->count,
    };
    struct walk walk = {
        .rules = rules,
        .snapshot = snapshot,
        .window = window,
        .supers_max = supers_max(rules, snapshot),
        .plan = &plan,
    };

    assert(plan.allowance.allowed <= rules->capacity.max_new_per_cycle);
    plan.verdicts = memory_array(plan.count, sizeof *plan.verdicts);
    plan.choices = memory_array((size_t)plan.allowance.allowed, sizeof *plan.choices);
    text_set_init(&walk.contended, rules->one_per_symbol ? plan.count : 0);
    text_set_init(&walk.published, (size_t)plan.allowance.allowed);
    text_set_init(&walk.decisions, (size_t)plan.allowance.allowed);
    walk_down(&walk);
    text_set_deinit(&walk.contended);
    text_set_deinit(&walk.published);
    text_set_deinit(&walk.decisions);
    note_super_times(&walk);
    note_minute(&walk);
    note_day(&walk);
    assert(plan.tally.of[FATE_PUBLISHED] == plan.chosen);
    assert((int64_t)plan.chosen <= plan.allowance.allowed);
    *ret_plan = plan;
}

void plan_release(struct plan *plan)
{
    free(plan->verdicts);
    free(plan->choices);
    free(plan->super_times);
    free(plan->day_counts);
    free(plan->minute_counts);
    *plan = (struct plan){0};
}

/* With the size, from what was asked for to what is published. */
static double scaled(double quantity, const struct signal *signal, const struct sizing *sizing)
{
    double kept = 1;

    if (signal->asked_usd > signal->position_size_usd)
        kept = signal->position_size_usd / signal->asked_usd;
    return sizing_quantity(sizing, quantity * kept);
}

/* A copy, because the quantity is the intent's own. One that comes to nothing by its scaling, or to
 * more than is traded, is left out, as it would have been where it was read. */
static json_t *carried_of(const struct plan *plan, const struct signal *signal,
                          const struct sizing *sizing)
{
    json_t *copy = json_copy(signal->carried);
    const json_t *quantity = json_object_get(copy, "quantity");
    double scaled_to = 0;

    if (!quantity)
        return copy;
    if (plan->carries_quantity)
        scaled_to = scaled(json_number_value(quantity), signal, sizing);
    if (scaled_to > 0 && scaled_to <= TERMS_NUMBER_MAX)
        (void)json_object_set_new(copy, "quantity", json_real(scaled_to));
    else
        (void)json_object_del(copy, "quantity");
    return copy;
}

static void copy_text(char *ret_text, size_t room, const char *text)
{
    int length = snprintf(ret_text, room, "%s", text ? text : "");

    assert(length >= 0 && (size_t)length < room && "bounded where it was read");
    (void)length;
}

void plan_intent(const struct plan *plan, const struct window *window, size_t choice,
                 int64_t now_ms, const char *cycle_id, struct intent *ret_intent)
{
    assert(choice < plan->chosen);
    const struct choice *chosen = &plan->choices[choice];
    const struct candidate *candidate = &window->candidates[chosen->index];
    const struct signal *signal = candidate->signal;
    struct intent intent = {
        .side = signal->side,
        .confidence = signal->confidence,
        .score = candidate->score,
        .rank = chosen->rank,
        .position_size_usd = chosen->sizing.size_usd,
        .base_size_usd = signal->position_size_usd,
        .size_boost = chosen->sizing.factor,
        .leverage = signal->leverage,
        .timestamp_ms = now_ms,
        .signal_id = signal->id,
        .carried = carried_of(plan, signal, &chosen->sizing),
    };

    copy_text(intent.symbol, sizeof intent.symbol, signal->symbol);
    copy_text(intent.decision_id, sizeof intent.decision_id, signal->decision_id);
    copy_text(intent.signal_timestamp, sizeof intent.signal_timestamp, signal->timestamp);
    copy_text(intent.signal_source, sizeof intent.signal_source, signal->source);
    copy_text(intent.cycle_id, sizeof intent.cycle_id, cycle_id);
    *ret_intent = intent;
}

/* --- what is held back */

/* Before this nothing was traded: a clock that was never set. */
static const int64_t year_2000_ms = INT64_C(946684800000);

/* Where the clock was set back since, and that moment is still to come, only ids can tell: they
 * never run backwards. */
static bool is_older(const struct signal *signal, const struct snapshot *snapshot)
{
    int64_t since_ms = snapshot->unsure_since_ms;

    return signal->id.ms < (uint64_t)since_ms ||
           (signal->timestamp_ms < since_ms && signal->timestamp_ms >= year_2000_ms &&
            snapshot->now_ms >= since_ms);
}

static bool is_held_back(const struct signal *signal, const struct snapshot *snapshot,
                         int64_t max_age_ms)
{
    return is_older(signal, snapshot) &&
           !signal_is_stale(signal->dated_ms, snapshot->now_ms, max_age_ms);
}

void plan_hold_back(struct window *held, struct window *window, struct snapshot *snapshot,
                    int64_t max_age_ms)
{
    struct window all = *window;

    if (snapshot->capacity.rolled_back ||
        snapshot->now_ms - snapshot->unsure_since_ms > max_age_ms) /* it is stale by now */
        return;
    *window = (struct window){.moves = all.moves + 1};
    for (size_t i = 0; i < all.count; i++) {
        bool goes = is_held_back(all.candidates[i].signal, snapshot, max_age_ms);
        if (!goes) {
            snapshot->marked[window->count] = snapshot->marked[i];
            snapshot->cooling[window->count] = snapshot->cooling[i];
            snapshot->held[window->count] = snapshot->held[i];
            snapshot->held_values[window->count] = snapshot->held_values[i];
        }
        window_add(goes ? held : window, all.candidates[i]);
    }
    all.count = 0;
    window_clear(&all);
}
