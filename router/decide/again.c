/* SPDX-License-Identifier: MIT */
#include "router/decide/again.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/number.h"
#include "router/decide/record.h"

const char *again_name(enum again_outcome outcome)
{
    static const char *const names[] = {
        [AGAIN_IDENTICAL] = "identical",
        [AGAIN_CUT_SHORT] = "cut short",
        [AGAIN_NOT_COMPARABLE] = "not comparable",
        [AGAIN_DIFFERS] = "differs",
    };

    assert(outcome < sizeof names / sizeof *names);
    return names[outcome];
}

static struct again of(enum again_outcome outcome, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static struct again of(enum again_outcome outcome, const char *format, ...)
{
    struct again again = {.outcome = outcome};
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(again.why, sizeof again.why, format, arguments);
    va_end(arguments);
    return again;
}

bool again_is_beyond(const struct recorded *recorded, bool any_core, struct again *ret_again)
{
    if (recorded->state != RECORDED_READ) {
        *ret_again = of(AGAIN_NOT_COMPARABLE, "%s", recorded->why);
        return true;
    }
    if (recorded->core != DECISION_CORE && !any_core) {
        *ret_again = of(AGAIN_NOT_COMPARABLE, "core %" PRId64 " decided it, and this is core %d",
                        recorded->core, DECISION_CORE);
        return true;
    }
    return false;
}

/* --- deciding */

/* When its age counts from is not recorded, but whether it was stale; where its id alone says the
 * same, it is the id's moment. */
static int64_t dated_ms(const struct recorded *recorded, size_t row, int64_t max_age_ms)
{
    int64_t now_ms = recorded->snapshot.now_ms;
    int64_t born_ms = stream_id_time_ms(recorded->window.candidates[row].signal->id);

    if (signal_is_stale(born_ms, now_ms, max_age_ms) == recorded->stale[row])
        return born_ms;
    return recorded->stale[row] ? now_ms - max_age_ms - 1 : now_ms;
}

void again_decide(struct recorded *recorded, const struct again_rules *rules, struct plan *ret_plan)
{
    assert(recorded->state == RECORDED_READ);
    for (size_t i = 0; i < recorded->window.count; i++) {
        struct signal *signal = recorded->window.candidates[i].signal;
        signal->dated_ms = dated_ms(recorded, i, rules->plan.max_age_ms);
        recorded->window.candidates[i] = ranking_score(&rules->score, signal);
    }
    plan_make(&rules->plan, &recorded->snapshot, &recorded->window, ret_plan);
}

/* --- comparing */

/* "row 2, ETHUSDT BUY 1768824000000-1". */
struct row_name {
    char text[STREAM_ID_TEXT_MAX + SYMBOL_MAX + 40];
};

static struct row_name name_of(const struct recorded *recorded, size_t row)
{
    const struct signal *signal = recorded->window.candidates[row].signal;
    char id[STREAM_ID_TEXT_MAX];
    struct row_name name;

    stream_id_print(signal->id, id);
    (void)snprintf(name.text, sizeof name.text, "row %zu, %s %s %s", row + 1, signal->symbol,
                   side_name(signal->side), id);
    return name;
}

static bool scores_differ(const struct recorded *recorded, struct again *ret_again)
{
    char was[NUMBER_TEXT_MAX], is[NUMBER_TEXT_MAX];

    for (size_t i = 0; i < recorded->window.count; i++) {
        double score = recorded->window.candidates[i].score;
        if (score == recorded->scores[i])
            continue;
        number_shortest(recorded->scores[i], was);
        number_shortest(score, is);
        *ret_again = of(AGAIN_DIFFERS, "%s: score %s was recorded, and is %s",
                        name_of(recorded, i).text, was, is);
        return true;
    }
    return false;
}

static bool order_differs(const struct recorded *recorded, struct again *ret_again)
{
    const struct candidate *candidates = recorded->window.candidates;

    for (size_t i = 1; i < recorded->window.count; i++) {
        if (ranking_compare(&candidates[i - 1], &candidates[i]) < 0)
            continue;
        *ret_again = of(AGAIN_DIFFERS, "%s does not rank below the row before it",
                        name_of(recorded, i).text);
        return true;
    }
    return false;
}

static bool allowance_differs(const struct recorded *recorded, const struct plan *plan,
                              struct again *ret_again)
{
    const struct recorded_allowance *was = &recorded->allowance;
    const struct allowance *is = &plan->allowance;

    if (was->state == is->state && was->slots == is->slots && was->allowed == is->allowed)
        return false;
    *ret_again = of(AGAIN_DIFFERS,
                    "state=%s slots=%" PRId64 " allowed=%" PRId64 " was recorded, and is state=%s "
                    "slots=%" PRId64 " allowed=%" PRId64,
                    record_state_name(was->state), was->slots, was->allowed,
                    record_state_name(is->state), is->slots, is->allowed);
    return true;
}

static bool verdicts_differ(const struct recorded *recorded, const struct plan *plan,
                            struct again *ret_again)
{
    for (size_t i = 0; i < recorded->window.count; i++) {
        const struct verdict *was = &recorded->verdicts[i], *is = &plan->verdicts[i];
        if (was->fate == is->fate && was->rank == is->rank)
            continue;
        *ret_again = of(AGAIN_DIFFERS, "%s: %s, rank %u was recorded, and is %s, rank %u",
                        name_of(recorded, i).text, fate_name(was->fate), was->rank,
                        fate_name(is->fate), is->rank);
        return true;
    }
    return false;
}

/* Of a record that was cut the counts are of more than its rows. */
static bool counts_differ(const struct recorded *recorded, const struct plan *plan,
                          struct again *ret_again)
{
    bool is_whole = recorded->rows_left == 0;

    if (recorded->intent_count < plan->chosen ||
        (is_whole && recorded->intent_count != plan->chosen)) {
        *ret_again = of(AGAIN_DIFFERS, "%zu intents were recorded, and %zu are published",
                        recorded->intent_count, plan->chosen);
        return true;
    }
    for (enum fate fate = 0; is_whole && fate < FATE_COUNT; fate++) {
        if (recorded->tally.of[fate] == plan->tally.of[fate])
            continue;
        *ret_again = of(AGAIN_DIFFERS, "%s=%" PRIu64 " was recorded, and is %" PRIu64,
                        fate_name(fate), recorded->tally.of[fate], plan->tally.of[fate]);
        return true;
    }
    return false;
}

/* Exactly, as each of them is written. */
static bool sizes_differ(const struct recorded *recorded, const struct plan *plan,
                         struct again *ret_again)
{
    char was[NUMBER_TEXT_MAX], was_factor[NUMBER_TEXT_MAX];
    char is[NUMBER_TEXT_MAX], is_factor[NUMBER_TEXT_MAX];
    size_t at = 0;

    for (size_t i = 0; recorded->has_sizes && i < plan->chosen; i++) {
        const struct sizing *sizing = &plan->choices[i].sizing;
        struct sizing written = {0};
        if (recorded_size(recorded, &at, &written) && written.size_usd == sizing->size_usd &&
            written.factor == sizing->factor)
            continue;
        number_shortest(written.size_usd, was);
        number_shortest(written.factor, was_factor);
        number_shortest(sizing->size_usd, is);
        number_shortest(sizing->factor, is_factor);
        *ret_again =
            of(AGAIN_DIFFERS, "intent of rank %u: size %s, factor %s was recorded, and is %s, %s",
               plan->choices[i].rank, was, was_factor, is, is_factor);
        return true;
    }
    if (at >= recorded->sizes.length)
        return false;
    *ret_again =
        of(AGAIN_DIFFERS, "more sizes were recorded than the %zu that are published", plan->chosen);
    return true;
}

struct again again_compare(const struct recorded *recorded, const struct plan *plan)
{
    struct again again = {.outcome = AGAIN_IDENTICAL};

    assert(plan->count == recorded->window.count);
    if (scores_differ(recorded, &again) || order_differs(recorded, &again) ||
        allowance_differs(recorded, plan, &again) || verdicts_differ(recorded, plan, &again) ||
        counts_differ(recorded, plan, &again) || sizes_differ(recorded, plan, &again))
        return again;
    if (recorded->rows_left > 0)
        return of(AGAIN_CUT_SHORT, "%zu rows did not fit", recorded->rows_left);
    return again;
}

/* --- an intent */

/* In its own words: what is compared went through the same printer. */
static json_t *document_of(const struct recorded *recorded, const struct plan *plan, size_t choice)
{
    struct intent intent;

    plan_intent(plan, &recorded->window, choice, recorded->snapshot.now_ms, recorded->cycle_id,
                &intent);
    char *text = intent_write(&intent);
    json_t *document = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    free(text);
    intent_release(&intent);
    return document;
}

static void print_value(const json_t *value, char ret_text[static NUMBER_TEXT_MAX])
{
    if (json_is_string(value))
        (void)snprintf(ret_text, NUMBER_TEXT_MAX, "%.40s", json_string_value(value));
    else if (json_is_number(value))
        number_shortest(json_number_value(value), ret_text);
    else
        (void)snprintf(ret_text, NUMBER_TEXT_MAX, "%s", value ? "no such value" : "nothing");
}

static bool members_agree(const json_t *was, const json_t *is)
{
    if (json_is_number(was) && json_is_number(is))
        return json_number_value(was) == json_number_value(is);
    return was && is && json_equal(was, is);
}

bool again_compare_intent(const struct recorded *recorded, const struct plan *plan, size_t choice,
                          const char *payload, size_t length, struct again *ret_again)
{
    static const char *const compared[] = {
        "symbol",        "side",     "confidence", "score",     "rank",       "position_size_usd",
        "base_size_usd", "leverage", "size_boost", "signal_id", "decision_id"};
    char was[NUMBER_TEXT_MAX], is[NUMBER_TEXT_MAX];
    json_t *published = json_loadb(payload, length, JSON_REJECT_DUPLICATES, NULL);
    json_t *decided = document_of(recorded, plan, choice);
    bool agree = true;

    for (size_t i = 0; agree && i < sizeof compared / sizeof *compared; i++) {
        const json_t *one = json_object_get(published, compared[i]);
        const json_t *other = json_object_get(decided, compared[i]);
        agree = members_agree(one, other);
        if (agree)
            continue;
        print_value(one, was);
        print_value(other, is);
        *ret_again = of(AGAIN_DIFFERS, "intent of rank %u: %s %s was published, and is %s",
                        plan->choices[choice].rank, compared[i], was, is);
    }
    json_decref(published);
    json_decref(decided);
    return agree;
}
