/* SPDX-License-Identifier: MIT */
/* What quantumctl feed and send write: the generator, the draft of an entry, and the pace. */
#include <stdlib.h>
#include <string.h>

#include "ctl/write/draft.h"
#include "ctl/write/feeder.h"
#include "ctl/write/generator.h"
#include "tests/unit/support.h"

#define SECOND_NS UINT64_C(1000000000)

/* An entry that owns what it points to. */
static void take_field(void *data, const char *name, const char *bytes, size_t length)
{
    char *copy = strndup(bytes, length);

    assert_non_null(copy);
    entry_add(data, name, copy, length);
}

static struct entry entry_from(const struct draft *draft, enum draft_form form)
{
    struct entry entry = {.id = {(uint64_t)NOW_MS, 0}};

    draft_write(draft, form, take_field, &entry);
    return entry;
}

static void release(struct entry *entry)
{
    for (size_t i = 0; i < entry->count; i++)
        free((void *)(uintptr_t)entry->fields[i].value);
}

static void expect_field(const struct entry *entry, const char *name, const char *value)
{
    const struct entry_field *field = entry_find(entry, name);

    assert_non_null(field);
    assert_int_equal(field->value_length, strlen(value));
    assert_memory_equal(field->value, value, strlen(value));
}

static void the_same_seed_gives_the_same(void **state)
{
    struct generator a, b, other;
    size_t differing = 0;

    (void)state;
    generator_init(&a, 7);
    generator_init(&b, 7);
    generator_init(&other, 8);
    for (size_t i = 0; i < 2000; i++) {
        struct generated one = generator_next(&a, NOW_MS);
        struct generated two = generator_next(&b, NOW_MS);
        (void)generator_next(&other, NOW_MS);
        struct entry first = entry_from(&a.draft, FORM_FLAT);
        struct entry second = entry_from(&b.draft, FORM_FLAT);
        struct entry third = entry_from(&other.draft, FORM_FLAT);
        assert_true(one.confidence == two.confidence && one.is_invalid == two.is_invalid &&
                    one.is_repeat == two.is_repeat);
        assert_int_equal(first.count, second.count);
        for (size_t j = 0; j < first.count; j++)
            expect_field(&second, first.fields[j].name, first.fields[j].value);
        differing += strcmp(entry_find(&first, "correlation_id")->value,
                            entry_find(&third, "correlation_id")->value) != 0;
        release(&first);
        release(&second);
        release(&third);
    }
    assert_int_equal(differing, 2000);
    generator_deinit(&a);
    generator_deinit(&b);
    generator_deinit(&other);
}

static void expect_share(size_t count, size_t total, double low, double high)
{
    double share = (double)count / (double)total;

    if (share < low || share > high)
        fail_msg("%zu of %zu is not between %g and %g", count, total, low, high);
}

static void shares_are_as_promised(void **state)
{
    enum { TOTAL = 20000 };
    size_t passing = 0, super = 0, invalid = 0, repeats = 0;
    struct generator generator;

    (void)state;
    generator_init(&generator, 1);
    for (size_t i = 0; i < TOTAL; i++) {
        struct generated generated = generator_next(&generator, NOW_MS);
        invalid += generated.is_invalid;
        repeats += generated.is_repeat;
        passing += !generated.is_invalid && generated.confidence >= 0.75;
        super += !generated.is_invalid && generated.confidence >= 0.90;
    }
    generator_deinit(&generator);
    expect_share(passing, TOTAL, 0.30, 0.37);
    expect_share(super, TOTAL, 0.04, 0.08);
    expect_share(invalid, TOTAL, 0.02, 0.04);
    expect_share(repeats, TOTAL, 0.02, 0.04);
}

/* What the router would make of it, with the usual rules. */
static enum drop fate_of(const struct entry *entry, enum rule *ret_rule, double *ret_confidence)
{
    struct signal_rules rules = rules_usual();
    struct signal *signal = NULL;
    struct signal_verdict verdict = read_signal(&rules, entry, &signal);

    *ret_rule = verdict.rule;
    *ret_confidence = verdict.confidence;
    if (verdict.drop == DROP_NONE)
        *ret_confidence = signal->confidence;
    signal_free(signal);
    return verdict.drop;
}

static void expect_read_as_meant(const struct generated *generated, const struct entry *entry)
{
    enum rule rule;
    double confidence;
    enum drop drop = fate_of(entry, &rule, &confidence);

    if (generated->is_invalid != (drop == DROP_INVALID))
        fail_msg("dropped (%d) for %s, meant to be %s", (int)drop, rule_name(rule),
                 generated->is_invalid ? "invalid" : "valid");
    if (drop == DROP_INVALID || drop == DROP_HOLD || drop == DROP_CLOSE)
        return;
    assert_int_equal(drop == DROP_LOW_CONFIDENCE, generated->confidence < 0.75);
    assert_true(confidence > generated->confidence - 0.0001 &&
                confidence < generated->confidence + 0.0001);
    assert_int_equal(confidence >= 0.90, generated->confidence >= 0.90);
}

static void the_router_reads_them_as_meant(void **state)
{
    static const enum draft_form forms[] = {FORM_PAYLOAD, FORM_DATA, FORM_FLAT};

    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct generator generator;
        generator_init(&generator, 3);
        for (size_t j = 0; j < 5000; j++) {
            struct generated generated = generator_next(&generator, NOW_MS);
            struct entry entry = entry_from(&generator.draft, forms[i]);
            expect_read_as_meant(&generated, &entry);
            release(&entry);
        }
        generator_deinit(&generator);
    }
}

static void every_rule_of_a_document_is_broken(void **state)
{
    static const enum rule broken[] = {RULE_SYMBOL, RULE_SIDE,     RULE_CONFIDENCE,
                                       RULE_SIZE,   RULE_LEVERAGE, RULE_NOT_JSON};
    size_t seen[RULE_COUNT] = {0};
    struct generator generator;
    double confidence;

    (void)state;
    generator_init(&generator, 5);
    for (size_t i = 0; i < 5000; i++) {
        (void)generator_next(&generator, NOW_MS);
        struct entry entry = entry_from(&generator.draft, FORM_PAYLOAD);
        enum rule rule;
        (void)fate_of(&entry, &rule, &confidence);
        seen[rule]++;
        release(&entry);
    }
    generator_deinit(&generator);
    for (size_t i = 0; i < COUNT(broken); i++)
        assert_true(seen[broken[i]] > 0);
}

/* Whether this id was given before; remembers it. */
static bool seen_before(char ids[][40], size_t *count, const char *id)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp(ids[i], id) == 0)
            return true;
    (void)snprintf(ids[(*count)++], sizeof ids[0], "%s", id);
    return false;
}

static void repeats_are_earlier_decisions(void **state)
{
    enum { TOTAL = 3000 };
    static char ids[TOTAL][40];
    size_t count = 0;
    struct generator generator;

    (void)state;
    generator_init(&generator, 11);
    for (size_t i = 0; i < TOTAL; i++) {
        struct generated generated = generator_next(&generator, NOW_MS);
        struct entry entry = entry_from(&generator.draft, FORM_PAYLOAD);
        const char *id = entry_find(&entry, "correlation_id")->value;
        assert_int_equal(seen_before(ids, &count, id), generated.is_repeat);
        if (generated.is_repeat)
            assert_true(!generated.is_invalid && generated.confidence >= 0.75);
        release(&entry);
    }
    generator_deinit(&generator);
}

static double price_of(const struct generator *generator, const char *symbol)
{
    struct generated_price price;

    for (size_t i = 0; generator_price(generator, i, &price); i++)
        if (strcmp(price.symbol, symbol) == 0)
            return strtod(price.text, NULL);
    fail_msg("%s has no price", symbol);
    return 0;
}

static void a_signal_names_the_price_of_its_moment(void **state)
{
    struct generator generator;
    size_t named = 0;

    (void)state;
    generator_init(&generator, 13);
    for (size_t i = 0; i < 1000; i++) {
        struct generator before = generator;
        struct generated generated = generator_next(&generator, NOW_MS);
        struct entry entry = entry_from(&generator.draft, FORM_FLAT);
        if (!generated.is_invalid && !generated.is_repeat) {
            double price = price_of(&before, entry_find(&entry, "symbol")->value);
            assert_true(strtod(entry_find(&entry, "entry_price")->value, NULL) == price);
            named++;
        }
        release(&entry);
    }
    assert_true(named > 900);
    generator_deinit(&generator);
}

/* As far as a position on paper is held, a price moves by more than both fees, one way or the
 * other; and it never leaves 3 percent around the usual. */
static void prices_walk_and_stay_near(void **state)
{
    enum { HELD = 200, TOTAL = 200 * HELD };
    size_t up = 0, down = 0;
    struct generator generator;

    (void)state;
    generator_init(&generator, 17);
    double low = price_of(&generator, "BTCUSDT"), high = low, last = low;
    for (size_t i = 1; i <= TOTAL; i++) {
        (void)generator_next(&generator, NOW_MS);
        double price = price_of(&generator, "BTCUSDT");
        low = price < low ? price : low;
        high = price > high ? price : high;
        if (i % HELD == 0) {
            up += price > last * 1.001;
            down += price < last * 0.999;
            last = price;
        }
    }
    assert_true(low >= 96400.0 * 0.97 && high <= 96400.0 * 1.03 && high > low * 1.02);
    assert_true(up > 50 && down > 50);
    generator_deinit(&generator);
}

static void fill(struct draft *draft)
{
    draft_add_text(draft, "symbol", "123");
    draft_add(draft, "confidence", "0.50");
    draft_add(draft, "count", "7");
    draft_add(draft, "good", "true");
    draft_add(draft, "bad", "false");
    draft_add(draft, "word", "1x");
    draft_add(draft, "trace_id", "5");
}

static void values_get_their_types(void **state)
{
    struct draft draft = {0};

    (void)state;
    fill(&draft);
    struct entry entry = entry_from(&draft, FORM_DATA);
    assert_int_equal(entry.count, 2);
    expect_field(&entry, "trace_id", "5");
    expect_field(&entry, "data",
                 "{\"symbol\":\"123\",\"confidence\":0.5,\"count\":7,\"good\":true,\"bad\":false,"
                 "\"word\":\"1x\"}");
    release(&entry);
    entry = entry_from(&draft, FORM_FLAT);
    assert_int_equal(entry.count, 7);
    expect_field(&entry, "confidence", "0.50");
    expect_field(&entry, "good", "true");
    release(&entry);
    assert_true(draft_has(&draft, "word"));
    draft_clear(&draft);
    assert_false(draft_has(&draft, "word"));
    draft_free(&draft);
}

static void a_torn_entry_lacks_its_end(void **state)
{
    struct draft draft = {0};

    (void)state;
    draft_add(&draft, "a", "1");
    draft_add(&draft, "b", "2");
    draft.is_torn = true;
    struct entry entry = entry_from(&draft, FORM_PAYLOAD);
    expect_field(&entry, "payload", "{\"a\":1,\"b\":2");
    release(&entry);
    entry = entry_from(&draft, FORM_FLAT);
    assert_int_equal(entry.count, 1);
    release(&entry);
    draft_free(&draft);
}

/* Follows the pace to its end and returns how long that took. */
static uint64_t run_evenly(double rate, uint64_t total)
{
    struct pace pace;
    uint64_t now_ns = 5 * SECOND_NS;
    uint64_t given = 0;

    pace_init(&pace, rate, total, now_ns);
    while (given < total) {
        now_ns = pace.next_ns;
        given += pace_take(&pace, now_ns);
        assert_true((double)given <= (double)(now_ns - 5 * SECOND_NS) / 1e9 * rate + 1.001);
    }
    assert_int_equal(given, total);
    return now_ns - 5 * SECOND_NS;
}

static void the_pace_is_even(void **state)
{
    static const double rates[] = {0.5, 3, 50, 499, 1000, 7777, 50000};

    (void)state;
    for (size_t i = 0; i < COUNT(rates); i++) {
        uint64_t took_ns = run_evenly(rates[i], (uint64_t)(rates[i] * 10));
        assert_in_range(took_ns, 8 * SECOND_NS - 1, 10 * SECOND_NS + SECOND_NS / 100);
    }
}

static void a_stall_is_caught_up_at_twice_the_rate(void **state)
{
    struct pace pace;
    uint64_t now_ns = SECOND_NS;
    uint64_t given = 0;

    (void)state;
    pace_init(&pace, 1000, 100000, now_ns);
    now_ns += 10 * SECOND_NS;
    uint64_t stalled_until_ns = now_ns;
    /* A tick later a few more are due again. */
    while (given + 5 < 10000 + 1000 * (now_ns - stalled_until_ns) / SECOND_NS) {
        given += pace_take(&pace, now_ns);
        uint64_t fair = 2000 * (now_ns - stalled_until_ns) / SECOND_NS;
        assert_true(given <= fair + pace.per_tick_max);
        now_ns = pace.next_ns;
    }
    assert_in_range(now_ns - stalled_until_ns, 9 * SECOND_NS, 11 * SECOND_NS);
}

static void too_early_a_look_gives_nothing(void **state)
{
    struct pace pace;

    (void)state;
    pace_init(&pace, 10, 100, 0);
    assert_int_equal(pace_take(&pace, 0), 1);
    assert_int_equal(pace_take(&pace, 99999999), 0);
    assert_int_equal(pace_take(&pace, 100000000), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_gives_the_same),
        cmocka_unit_test(shares_are_as_promised),
        cmocka_unit_test(the_router_reads_them_as_meant),
        cmocka_unit_test(every_rule_of_a_document_is_broken),
        cmocka_unit_test(repeats_are_earlier_decisions),
        cmocka_unit_test(a_signal_names_the_price_of_its_moment),
        cmocka_unit_test(prices_walk_and_stay_near),
        cmocka_unit_test(values_get_their_types),
        cmocka_unit_test(a_torn_entry_lacks_its_end),
        cmocka_unit_test(the_pace_is_even),
        cmocka_unit_test(a_stall_is_caught_up_at_twice_the_rate),
        cmocka_unit_test(too_early_a_look_gives_nothing),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
