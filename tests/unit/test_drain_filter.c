/* SPDX-License-Identifier: MIT */
/* What a drain makes of each entry, by branch; the allowlist, the pace, the histogram, the tally.
 */
#include "ctl/drain/decide/drain_filter.h"
#include "ctl/drain/drain_dead_letters.h"

#include <string.h>

#include "ctl/drain/drain_pace.h"
#include "ctl/drain/drain_report.h"
#include "tests/unit/support.h"

#define HOUR_MS INT64_C(3600000)

/* The defaults of the command. */
static const struct drain_filter usual = {.max_age_ms = 24 * HOUR_MS, .min_confidence = 0.6};

static struct drain_event judged(const struct drain_filter *filter, struct entry entry)
{
    struct drain_event event;

    drain_judge(filter, &entry, NOW_MS, &event);
    return event;
}

static void expect_action(struct entry entry, enum drain_action action)
{
    struct drain_event event = judged(&usual, entry);

    assert_string_equal(drain_action_name(event.action), drain_action_name(action));
}

static struct entry flat(const char *symbol, const char *confidence, const char *timestamp)
{
    return entry_of("symbol", symbol, "confidence", confidence, "timestamp", timestamp, NULL);
}

/* NOW_MS is 2026-01-19T12:00:03.000Z. */
static void exactly_at_the_limit_is_kept(void **state)
{
    (void)state;
    expect_action(flat("BTCUSDT", "0.75", "2026-01-18T12:00:03.000Z"), DRAIN_OK);
    expect_action(flat("BTCUSDT", "0.75", "2026-01-18T12:00:02.999Z"), DRAIN_OLD);
    expect_action(flat("BTCUSDT", "0.75", "2026-01-20T12:00:03.000Z"), DRAIN_OK);
    assert_int_equal(judged(&usual, flat("A", "1", "2026-01-18T12:00:02.999Z")).age_ms,
                     24 * HOUR_MS + 1);
}

static void time_has_a_zone_or_is_utc(void **state)
{
    (void)state;
    expect_action(flat("BTCUSDT", "0.75", "2026-01-18T09:00:03-03:00"), DRAIN_OK);
    expect_action(flat("BTCUSDT", "0.75", "2026-01-18T09:00:02-03:00"), DRAIN_OLD);
    expect_action(flat("BTCUSDT", "0.75", "2026-01-18 12:00:03"), DRAIN_OK);
    expect_action(flat("BTCUSDT", "0.75", "2026-01-18 12:00:02"), DRAIN_OLD);
    expect_action(flat("BTCUSDT", "0.75", "1768737603"), DRAIN_OK);
    expect_action(flat("BTCUSDT", "0.75", "1768737602999"), DRAIN_OLD);
}

static void without_a_readable_time_the_id_tells(void **state)
{
    static const char *const unreadable[] = {"", "yesterday", "2026-13-01T00:00:00Z", "-1",
                                             "1e300"};
    struct entry bare = entry_of("symbol", "BTCUSDT", "confidence", "0.75", NULL);

    (void)state;
    expect_action(entry_born(bare, NOW_MS - 24 * HOUR_MS), DRAIN_OK);
    expect_action(entry_born(bare, NOW_MS - 24 * HOUR_MS - 1), DRAIN_OLD);
    for (size_t i = 0; i < COUNT(unreadable); i++) {
        struct drain_event event = judged(
            &usual, entry_born(flat("BTCUSDT", "0.75", unreadable[i]), NOW_MS - 48 * HOUR_MS));
        assert_int_equal(event.action, DRAIN_OLD);
        assert_false(event.is_dated);
    }
    bare.id.ms = UINT64_MAX;
    expect_action(bare, DRAIN_OK);
}

static void time_beside_a_document_never_counts(void **state)
{
    static const char *const documents[] = {"payload", "data"};
    const char *old =
        "{\"symbol\":\"BTCUSDT\",\"confidence\":0.75,\"timestamp\":\"2026-01-01T00:00:00Z\"}";
    const char *bare = "{\"symbol\":\"BTCUSDT\",\"confidence\":0.75}";
    const char *null = "{\"symbol\":\"BTCUSDT\",\"confidence\":0.75,\"timestamp\":null,\"x\":{}}";

    (void)state;
    for (size_t i = 0; i < COUNT(documents); i++) {
        const char *form = documents[i];
        expect_action(entry_of(form, old, "timestamp", "2026-01-19T12:00:03Z", NULL), DRAIN_OLD);
        expect_action(entry_of(form, bare, "timestamp", "2026-01-01T00:00:00Z", NULL), DRAIN_OK);
        expect_action(entry_of(form, null, "timestamp", "2026-01-01T00:00:00Z", NULL), DRAIN_OK);
    }
    expect_action(entry_of("payload", bare, "data", old, NULL), DRAIN_OK);
}

static void behind_the_age_symbol_and_confidence_must_be_readable(void **state)
{
    static const char *const symbols[] = {"", "BT", "B TC", "B\xc3\x9cRG"};
    static const char *const confidences[] = {"", "high", "1.01", "-0.1", "nan", " 0.7"};

    (void)state;
    for (size_t i = 0; i < COUNT(symbols); i++) {
        struct drain_event event =
            judged(&usual, entry_of("symbol", symbols[i], "confidence", "0.1", NULL));
        assert_int_equal(event.action, DRAIN_INVALID);
        assert_int_equal(event.rule, RULE_SYMBOL);
        assert_string_equal(event.symbol, "");
        assert_true(event.has_confidence);
    }
    for (size_t i = 0; i < COUNT(confidences); i++) {
        struct drain_event event =
            judged(&usual, entry_of("symbol", "btcusdt", "confidence", confidences[i], NULL));
        assert_int_equal(event.action, DRAIN_INVALID);
        assert_int_equal(event.rule, RULE_CONFIDENCE);
        assert_string_equal(event.symbol, "BTCUSDT");
    }
    expect_action(entry_of("payload", "[]", NULL), DRAIN_INVALID);
    expect_action(entry_of("payload", "{", NULL), DRAIN_INVALID);
    expect_action(entry_of("payload", "{\"a\":1,\"a\":1,\"x\":{}}", NULL), DRAIN_INVALID);
    expect_action((struct entry){.id = {(uint64_t)NOW_MS, 0}}, DRAIN_INVALID);
    expect_action((struct entry){.id = {1, 0}}, DRAIN_OLD);
    expect_action(entry_born(entry_of("payload", "{", NULL), 1), DRAIN_OLD);
}

static void symbol_comes_before_confidence(void **state)
{
    struct drain_symbols symbols = {0};
    struct drain_filter filter = usual;

    (void)state;
    assert_true(drain_symbols_add(&symbols, " btcusdt ", 9));
    assert_true(drain_symbols_add(&symbols, "BTCUSDT", 7));
    assert_false(drain_symbols_add(&symbols, "BT", 2));
    drain_symbols_seal(&symbols);
    filter.symbols = &symbols;
    assert_int_equal(
        judged(&filter, entry_of("symbol", "BtcUsdt", "confidence", "0.9", NULL)).action, DRAIN_OK);
    assert_int_equal(
        judged(&filter, entry_of("symbol", "BTCUSDT", "confidence", "0.1", NULL)).action,
        DRAIN_LOW_CONFIDENCE);
    assert_int_equal(
        judged(&filter, entry_of("symbol", "ETHUSDT", "confidence", "0.1", NULL)).action,
        DRAIN_NOT_ALLOWLISTED);
    assert_int_equal(judged(&filter, entry_of("symbol", "ETHUSDT", "confidence", "x", NULL)).action,
                     DRAIN_INVALID);
    drain_symbols_free(&symbols);
}

static void at_the_least_confidence_is_kept(void **state)
{
    (void)state;
    expect_action(entry_of("symbol", "BTCUSDT", "confidence", "0.6", NULL), DRAIN_OK);
    expect_action(entry_of("symbol", "BTCUSDT", "confidence", "0.5999999", NULL),
                  DRAIN_LOW_CONFIDENCE);
    expect_action(entry_of("payload", "{\"symbol\":\"BTCUSDT\",\"confidence\":\"0.60\"}", NULL),
                  DRAIN_OK);
    expect_action(entry_of("symbol", "BTCUSDT", "confidence", "1", NULL), DRAIN_OK);
    expect_action(entry_of("symbol", "BTCUSDT", "confidence", "0", NULL), DRAIN_LOW_CONFIDENCE);
}

static void expect_words(struct entry entry, const char *side, const char *source)
{
    struct drain_words words;

    drain_words_read(&entry, &words);
    assert_string_equal(words.side, side);
    assert_string_equal(words.source, source);
}

static void words_are_those_of_the_entry(void **state)
{
    (void)state;
    expect_words(entry_of("action", " long ", "side", "SELL", "source", "ensemble", NULL), "LONG",
                 "ensemble");
    expect_words(entry_of("side", "sell", NULL), "SELL", "unknown");
    expect_words(entry_of("direction", "short", NULL), "SHORT", "unknown");
    expect_words(entry_of("action", "BUY", "reduceOnly", "true", NULL), "CLOSE", "unknown");
    expect_words(entry_of("side", "  ", "source", "", NULL), "?", "unknown");
    expect_words(entry_of("payload", "{\"side\":1}", "source", "a\nb", NULL), "?", "a\\x0ab");
    expect_words(entry_of("payload", "{\"source\":\"in\"}", "source", "beside", NULL), "?", "in");
    expect_words(entry_of("payload", "{", NULL), "?", "unknown");
}

static void survivors_go_one_after_the_other(void **state)
{
    const uint64_t ms = 1000000;
    struct drain_pace pace;

    (void)state;
    drain_pace_init(&pace, 2, 1000 * ms);
    assert_int_equal(pace.due_ns, 1000 * ms);
    drain_pace_take(&pace, 1000 * ms);
    assert_int_equal(pace.due_ns, 1500 * ms);
    drain_pace_take(&pace, 1510 * ms); /* a nap that was late is made up for */
    assert_int_equal(pace.due_ns, 2000 * ms);
    drain_pace_take(&pace, 9000 * ms); /* a pause is not */
    assert_int_equal(pace.due_ns, 9500 * ms);
}

static void every_entry_counts_once_in_each_histogram(void **state)
{
    struct drain_histogram histogram = {0};
    struct drain_event event = {.has_confidence = true};
    uint64_t ages = 0, confidences = 0;

    (void)state;
    for (unsigned i = 0; i <= 100; i++) {
        event.age_ms = (int64_t)i * i * i * 4000 - 10;
        event.confidence = (double)i / 100;
        drain_histogram_add(&histogram, &event);
    }
    event = (struct drain_event){.age_ms = INT64_MAX};
    drain_histogram_add(&histogram, &event);
    for (size_t i = 0; i < HISTOGRAM_AGES; i++)
        ages += histogram.ages[i];
    for (size_t i = 0; i < HISTOGRAM_CONFIDENCES; i++)
        confidences += histogram.confidences[i];
    assert_int_equal(ages, 102);
    assert_int_equal(confidences, 102);
    assert_int_equal(histogram.confidences[3], 5);
    assert_int_equal(histogram.confidences[19], 6);
    assert_int_equal(histogram.confidences[20], 1);
    assert_int_equal(histogram.ages[HISTOGRAM_AGES - 1], 15);
}

static void sums_are_sums(void **state)
{
    struct drain_tally tally = {.by_action = {1, 2, 4, 8, 16}, .gone = 3, .taken = 5, .failed = 2};

    (void)state;
    assert_int_equal(drain_tally_processed(&tally), 31);
    assert_int_equal(drain_tally_filtered(&tally), 30);
    assert_int_equal(drain_tally_errors(&tally), 7);
}

static void add(struct drain_tally *tally, const struct drain_dead_letters *dead_letters,
                enum drain_action action, bool is_gone)
{
    drain_tally_add(tally, action, is_gone, drain_dead_letters_want(dead_letters, action, is_gone));
}

/* Of what is gone there is nothing that could be a dead letter. */
static void what_is_invalid_and_there_is_a_dead_letter(void **state)
{
    const struct drain_dead_letters dead_letters = {.are_written = true};
    struct drain_tally tally = {0};

    (void)state;
    add(&tally, &dead_letters, DRAIN_INVALID, false);
    add(&tally, &dead_letters, DRAIN_INVALID, true);
    add(&tally, &dead_letters, DRAIN_OLD, true);
    add(&tally, &dead_letters, DRAIN_LOW_CONFIDENCE, false);
    assert_int_equal(tally.dead_letters, 1);
    assert_int_equal(tally.gone, 2);
    assert_int_equal(drain_tally_processed(&tally), 4);
}

static void a_drain_that_writes_no_dead_letter(void **state)
{
    const struct drain_dead_letters dead_letters = {0};
    struct drain_tally tally = {0};

    (void)state;
    add(&tally, &dead_letters, DRAIN_INVALID, false);
    assert_int_equal(tally.dead_letters, 0);
    assert_int_equal(tally.by_action[DRAIN_INVALID], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exactly_at_the_limit_is_kept),
        cmocka_unit_test(time_has_a_zone_or_is_utc),
        cmocka_unit_test(without_a_readable_time_the_id_tells),
        cmocka_unit_test(time_beside_a_document_never_counts),
        cmocka_unit_test(behind_the_age_symbol_and_confidence_must_be_readable),
        cmocka_unit_test(symbol_comes_before_confidence),
        cmocka_unit_test(at_the_least_confidence_is_kept),
        cmocka_unit_test(words_are_those_of_the_entry),
        cmocka_unit_test(survivors_go_one_after_the_other),
        cmocka_unit_test(every_entry_counts_once_in_each_histogram),
        cmocka_unit_test(sums_are_sums),
        cmocka_unit_test(what_is_invalid_and_there_is_a_dead_letter),
        cmocka_unit_test(a_drain_that_writes_no_dead_letter),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
