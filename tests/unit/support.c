/* SPDX-License-Identifier: MIT */
#include "tests/unit/support.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/number.h"

void entry_add(struct entry *entry, const char *name, const char *bytes, size_t length)
{
    if (entry->count < ENTRY_FIELDS_MAX)
        entry->fields[entry->count] = (struct entry_field){name, strlen(name), bytes, length};
    entry->count++;
}

struct entry entry_of(const char *name, ...)
{
    struct entry entry = {.id = {(uint64_t)NOW_MS - 1000, 0}};
    va_list rest;

    va_start(rest, name);
    for (; name; name = va_arg(rest, const char *)) {
        const char *value = va_arg(rest, const char *);
        entry_add(&entry, name, value, strlen(value));
    }
    va_end(rest);
    return entry;
}

struct entry entry_born(struct entry entry, int64_t ms)
{
    entry.id.ms = (uint64_t)ms;
    return entry;
}

const char *document_with(const char *key, const char *json)
{
    static const char *const sound[][2] = {
        {"symbol", "\"BTCUSDT\""}, {"action", "\"BUY\""}, {"confidence", "0.9"}};
    static char text[70000];
    size_t length = 0;

    for (size_t i = 0; i < COUNT(sound); i++)
        if (strcmp(sound[i][0], key) != 0)
            length += (size_t)snprintf(text + length, sizeof text - length, "%c\"%s\":%s",
                                       length > 0 ? ',' : '{', sound[i][0], sound[i][1]);
    if (json)
        length += (size_t)snprintf(text + length, sizeof text - length, ",\"%s\":%s", key, json);
    assert_true(length + 2 < sizeof text);
    memcpy(text + length, "}", 2);
    return text;
}

const char *text_of(char c, size_t count)
{
    static char *texts[8];
    static size_t turn;
    char *text = memory_resize(texts[turn], count + 1, 1);

    texts[turn] = text;
    turn = (turn + 1) % COUNT(texts);
    memset(text, c, count);
    text[count] = '\0';
    return text;
}

struct signal_rules rules_usual(void)
{
    return (struct signal_rules){
        .min_confidence = 0.75,
        .max_position_usd = 10000.0,
        .default_position_usd = 100.0,
        .max_leverage = 125.0,
        .max_age_ms = 30000,
        .future_max_ms = 30000,
    };
}

struct signal_verdict read_signal(const struct signal_rules *rules, const struct entry *entry,
                                  struct signal **ret_signal)
{
    struct signal_draft draft;
    struct signal_verdict verdict = signal_judge(rules, entry, NOW_MS, &draft);

    if (verdict.drop == DROP_NONE)
        *ret_signal = signal_make(rules, &draft);
    return verdict;
}

struct signal *must_read_by(const struct signal_rules *rules, struct entry entry)
{
    struct signal *signal = NULL;
    struct signal_verdict verdict = read_signal(rules, &entry, &signal);

    if (verdict.drop != DROP_NONE)
        fail_msg("dropped (%d) for %s: %.200s", (int)verdict.drop, rule_name(verdict.rule),
                 entry.count > 0 ? entry.fields[0].value : "");
    assert_non_null(signal);
    return signal;
}

struct signal *must_read(struct entry entry)
{
    struct signal_rules rules = rules_usual();

    return must_read_by(&rules, entry);
}

struct signal *must_read_payload(const char *document)
{
    return must_read(entry_of("payload", document, NULL));
}

void verdict_check(struct entry entry, enum drop drop, enum rule rule, const char *file, int line)
{
    struct signal_rules rules = rules_usual();
    struct signal *signal = NULL;
    struct signal_verdict verdict = read_signal(&rules, &entry, &signal);

    if (verdict.drop != drop || verdict.rule != rule)
        print_error("drop %d for %s, wanted %d for %s: %.200s\n", (int)verdict.drop,
                    rule_name(verdict.rule), (int)drop, rule_name(rule),
                    entry.count > 0 ? entry.fields[0].value : "");
    _assert_true(verdict.drop == drop && verdict.rule == rule, "the verdict is as expected", file,
                 line);
    _assert_true(signal == NULL, "a dropped entry makes no signal", file, line);
}

struct signal *signal_of(const char *symbol, double confidence, uint64_t id_ms)
{
    struct signal *signal = memory_new(sizeof *signal);

    (void)snprintf(signal->symbol, sizeof signal->symbol, "%s", symbol);
    signal->id = (struct stream_id){id_ms, 0};
    signal->dated_ms = (int64_t)id_ms;
    signal->side = SIDE_BUY;
    signal->confidence = confidence;
    signal->asked_usd = signal->position_size_usd = 100.0;
    signal->leverage = 1.0;
    stream_id_print(signal->id, signal->decision_id);
    signal->carried = json_object();
    signal->weight = sizeof *signal;
    return signal;
}

struct score_rules bonuses_usual(void)
{
    return (struct score_rules){.gate_bonus = 0.02, .regime_bonus = 0.01};
}

struct plan_rules plan_rules_usual(void)
{
    return (struct plan_rules){
        .capacity = {.max_open = 10,
                     .target_open = 3,
                     .max_new_per_cycle = 2,
                     .super_confidence = 0.90,
                     .suspect_after = 10},
        .sizing = {.max_position_usd = 10000.0, .factor = {1.30, 1.10}},
        .max_age_ms = 30000,
        .one_per_symbol = true,
    };
}

struct intent lone_intent(struct plan_rules rules, const struct window *window, int64_t at_ms)
{
    char marked[] = "0", cooling[] = "0", held[] = "-", super_times[] = "", days[] = "";
    const struct snapshot snapshot = {.now_ms = NOW_MS,
                                      .capacity = {.open = {OPEN_ORDERS_KNOWN, 0}},
                                      .marked = marked,
                                      .cooling = cooling,
                                      .held = held,
                                      .super_times = super_times,
                                      .day_counts = days};
    struct plan plan;
    struct intent intent;

    plan_make(&rules, &snapshot, window, &plan);
    assert_int_equal(plan.chosen, 1);
    plan_intent(&plan, window, 0, at_ms, "cycle-1", &intent);
    plan_release(&plan);
    return intent;
}

struct window window_of(struct signal *signal, ...)
{
    struct score_rules rules = bonuses_usual();
    struct window window = {0};
    va_list rest;

    va_start(rest, signal);
    for (; signal; signal = va_arg(rest, struct signal *))
        window_add(&window, ranking_score(&rules, signal));
    va_end(rest);
    window_rank(&window);
    return window;
}

static uint64_t chance_state;

void chance_begin(void)
{
    const char *text = getenv("QUANTUM_SEED");
    int64_t seed = 20260119;

    if (text && !number_read_integer(text, strlen(text), &seed))
        fail_msg("QUANTUM_SEED is no integer: %s", text);
    print_message("# QUANTUM_SEED=%" PRId64 "\n", seed);
    chance_state = ((uint64_t)seed ^ 0x9e3779b97f4a7c15) | 1;
}

/* xorshift64* */
uint64_t chance_next(void)
{
    chance_state ^= chance_state >> 12;
    chance_state ^= chance_state << 25;
    chance_state ^= chance_state >> 27;
    return chance_state * 0x2545f4914f6cdd1d;
}

size_t chance_below(size_t below)
{
    return (size_t)((chance_next() >> 32) % below);
}

bool chance_one_in(size_t many)
{
    return chance_below(many) == 0;
}
