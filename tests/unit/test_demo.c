/* SPDX-License-Identifier: MIT */
/* What the demo reads out of a log, how it sums it up, and when its steps come. */
#include <math.h>
#include <string.h>

#include "ctl/demo/demo_script.h"
#include "ctl/demo/demo_tally.h"
#include "tests/unit/support.h"

#define AT "2026-01-19 12:00:03 "

static struct demo_line take_apart(const char *text)
{
    struct demo_line line;

    assert_true(demo_line_read(text, &line));
    return line;
}

static bool add(struct demo_tally *tally, const char *text)
{
    struct demo_line line = take_apart(text);

    return demo_tally_add(tally, &line);
}

static void expect_counts(const struct demo_counts *counts, uint64_t cycles, uint64_t read,
                          uint64_t candidates, uint64_t published)
{
    assert_int_equal(counts->cycles, cycles);
    assert_int_equal(counts->read, read);
    assert_int_equal(counts->candidates, candidates);
    assert_int_equal(counts->published, published);
}

static void a_line_is_taken_apart(void **state)
{
    struct demo_line line = take_apart(AT "[WARNING] 🔴 CAPACITY_FULL open=10 max=12");

    (void)state;
    assert_memory_equal(line.text + line.level, "[WARNING]", line.level_length);
    assert_int_equal(line.level_length, strlen("[WARNING]"));
    assert_memory_equal(line.text + line.message, "🔴 CAP", strlen("🔴 CAP"));
    assert_true(demo_line_matches(&line, "CAPACITY_FULL"));
    assert_true(demo_line_matches(&line, "CAPACITY_*"));
    assert_false(demo_line_matches(&line, "CAPACITY"));
    assert_false(demo_line_matches(&line, "CAPACITY_FULLER"));
    assert_int_equal(demo_line_number(&line, "open"), 10);
    assert_int_equal(demo_line_number(&line, "max"), 12);
    assert_int_equal(demo_line_number(&line, "ax"), 0);
    line = take_apart(AT "[ERROR] CAPACITY_UNKNOWN: gone");
    assert_true(demo_line_matches(&line, "CAPACITY_UNKNOWN"));
}

static void what_is_no_line_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "2026",
        "==17==ERROR: AddressSanitizer",
        "2026-01-19 12:00:03 INFO CYCLE read=1",
        "2026-01-19T12:00:03 [INFO] CYCLE",
        "2026-01-19 12:00:03 [INFO CYCLE read=1",
    };
    struct demo_line line;

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++)
        assert_false(demo_line_read(texts[i], &line));
}

static void cycles_are_summed_up_by_state(void **state)
{
    struct demo_tally tally = {0};

    (void)state;
    assert_true(add(&tally, AT "[ERROR] 🔴 CAPACITY_UNKNOWN: k missing → fail-closed"));
    assert_false(add(&tally, AT "[INFO] 📦 CYCLE read=20 candidates=6 published=0 outranked=0"));
    assert_true(add(&tally, AT "[INFO] 🟢 CAPACITY_OK open=1 target=3 allowed=2"));
    assert_false(add(&tally, AT "[INFO] 📤 BEST_OF_PUBLISH count=2 allowed=2 open=1"));
    assert_false(add(&tally, AT "[INFO] 🚀 Trade Intent published: BTCUSDT BUY id=1-0"));
    assert_false(add(&tally, AT "[INFO] 📦 CYCLE read=50 candidates=9 published=2 outranked=0"));
    assert_false(add(&tally, AT "[INFO] 🟢 CAPACITY_OK open=1 target=3 allowed=2"));
    assert_false(add(&tally, AT "[INFO] 📦 CYCLE read=51 candidates=8 published=2 outranked=0"));
    expect_counts(&tally.of[DEMO_UNKNOWN], 1, 20, 6, 0);
    expect_counts(&tally.of[DEMO_OK], 2, 101, 17, 4);
    struct demo_counts sum = demo_tally_sum(&tally);
    expect_counts(&sum, 3, 121, 23, 4);
    assert_true(fabs(demo_reduction_percent(&sum) - 100.0 * 19 / 23) < 1e-9);
    assert_true(demo_reduction_percent(&(struct demo_counts){0}) == 0.0);
}

static void a_super_signal_is_the_target_state(void **state)
{
    struct demo_tally tally = {0};

    (void)state;
    assert_true(add(&tally, AT "[INFO] ⏸️ TARGET_REACHED open=3 target=3 (awaiting)"));
    assert_false(add(&tally, AT "[INFO] 🌟 SUPER_SIGNAL_BYPASS open=3 target=3 count=1"));
    assert_false(add(&tally, AT "[INFO] 📦 CYCLE read=5 candidates=2 published=1"));
    expect_counts(&tally.of[DEMO_TARGET], 1, 5, 2, 1);
    assert_int_equal(tally.super_cycles, 1);
    assert_true(add(&tally, AT "[INFO] ⏸️ TARGET_REACHED open=4 target=3 (awaiting)"));
}

static void safe_mode_holds_until_it_is_cleared(void **state)
{
    struct demo_tally tally = {0};

    (void)state;
    assert_true(add(&tally, AT "[WARNING] 🔴 CAPACITY_FULL open=10 max=10"));
    assert_true(add(&tally, AT "[WARNING] ⛔ SAFE_MODE: k is set value='1'"));
    assert_false(add(&tally, AT "[WARNING] ⛔ SAFE_MODE: k is set value='1'"));
    assert_true(add(&tally, AT "[INFO] 🟢 CAPACITY_OK open=1 target=3 allowed=2"));
    assert_false(add(&tally, AT "[INFO] 📦 CYCLE read=7 candidates=2 published=0"));
    expect_counts(&tally.of[DEMO_SAFE_MODE], 1, 7, 2, 0);
    assert_true(add(&tally, AT "[INFO] 🟢 SAFE_MODE_CLEARED"));
    assert_false(add(&tally, AT "[INFO] 📦 CYCLE read=3 candidates=1 published=1"));
    expect_counts(&tally.of[DEMO_OK], 1, 3, 1, 1);
}

static void under_safe_mode_no_super_signal_passes(void **state)
{
    struct demo_tally tally = {0};

    (void)state;
    assert_true(add(&tally, AT "[WARNING] ⛔ SAFE_MODE: k is set value='1'"));
    assert_true(add(&tally, AT "[INFO] 🌟 SUPER_SIGNAL_BYPASS open=3 target=3 count=1"));
    assert_false(add(&tally, AT "[INFO] 📦 CYCLE read=7 candidates=2 published=0"));
    assert_int_equal(tally.super_cycles, 0);
    assert_true(add(&tally, AT "[INFO] 🟢 SAFE_MODE_CLEARED"));
    assert_false(add(&tally, AT "[INFO] 📦 CYCLE read=3 candidates=1 published=0"));
    assert_int_equal(tally.super_cycles, 0);
}

static void what_stands_elsewhere_in_a_line_does_not_count(void **state)
{
    struct demo_tally tally = {0};

    (void)state;
    assert_true(add(&tally, AT "[ERROR] 🔴 CAPACITY_UNPARSEABLE: k='CYCLE read=9' → closed"));
    assert_true(add(&tally, AT "[ERROR] 🔌 REDIS_LOST CAPACITY_OK open=1 CYCLE read=9"));
    assert_int_equal(tally.capacity, DEMO_UNPARSEABLE);
    assert_int_equal(demo_tally_sum(&tally).cycles, 0);
}

static void each_step_holds_two_windows(void **state)
{
    static const double walks[] = {3, 6, 8, 10, 30, 45.5, 1000};

    (void)state;
    for (size_t i = 0; i < COUNT(walks); i++) {
        double window = demo_script_window(walks[i]);
        size_t step = 0;
        for (; demo_script_step(step); step++)
            assert_true(demo_script_begin(step + 1, walks[i]) - demo_script_begin(step, walks[i]) >=
                        2 * window);
        assert_true(demo_script_begin(0, walks[i]) == 0.0);
        assert_true(fabs(demo_script_begin(step, walks[i]) - walks[i]) < 1e-9);
    }
    assert_true(demo_script_window(30) == 1.0);
}

static struct demo_result result_at(int64_t told_ms, const char *intent_id, const char *status,
                                    const char *reason)
{
    return (struct demo_result){told_ms, intent_id, status, reason};
}

static void trades_are_counted_by_what_became_of_them(void **state)
{
    static const struct {
        int64_t told_ms;
        const char *intent_id, *status, *reason;
    } results[] = {
        {1010, "1000-0", "filled", ""},           {1100, "1000-1", "rejected", "max_open"},
        {2020, "2000-0", "skipped", "duplicate"}, {2500, "", "closed", "hold_time"},
        {3030, "3000-0", "closed", ""},           {4040, "4000-0", "rejected", "max_open"},
        {5050, "5000-0", "nothing_open", ""},
    };
    struct demo_trades trades = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(results); i++) {
        struct demo_result result = result_at(results[i].told_ms, results[i].intent_id,
                                              results[i].status, results[i].reason);
        demo_trades_add(&trades, &result);
    }
    assert_int_equal(trades.results, 6);
    assert_int_equal(trades.executed, 1);
    assert_int_equal(trades.closed, 2);
    assert_int_equal(trades.refused, 4);
    assert_int_equal(trades.reason_count, 3);
    assert_string_equal(trades.reasons[0].name, "max_open");
    assert_int_equal(trades.reasons[0].count, 2);
    assert_string_equal(trades.reasons[2].name, "nothing_open");
    assert_int_equal(demo_trades_delay_ms(&trades, 50), 40);
    assert_int_equal(demo_trades_delay_ms(&trades, 99), 100);
    demo_trades_clear(&trades);
    assert_int_equal(demo_trades_delay_ms(&trades, 50), 0);
}

static void open_orders_are_followed(void **state)
{
    static const char *const lines[] = {
        AT "[INFO] ✅ FILLED BTCUSDT BUY $1.00 x1 open=1 intent_id=1-0",
        AT "[INFO] ✅ FILLED ETHUSDT BUY $1.00 x1 open=2 intent_id=2-0",
        AT "[INFO] 🏁 CLOSED BTCUSDT BUY $1.00 reason=hold_time open=1 position=1-0",
        AT "[INFO] 🚫 REJECTED reason=max_open open=9",
        AT "[INFO] ✅ FILLED XRPUSDT BUY $1.00 x1 intent_id=3-0",
    };
    struct demo_trades trades = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++) {
        struct demo_line line = take_apart(lines[i]);
        demo_trades_follow(&trades, &line);
    }
    assert_int_equal(trades.open_most, 2);
    assert_int_equal(trades.open_last, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_taken_apart),
        cmocka_unit_test(what_is_no_line_is_refused),
        cmocka_unit_test(cycles_are_summed_up_by_state),
        cmocka_unit_test(a_super_signal_is_the_target_state),
        cmocka_unit_test(safe_mode_holds_until_it_is_cleared),
        cmocka_unit_test(under_safe_mode_no_super_signal_passes),
        cmocka_unit_test(what_stands_elsewhere_in_a_line_does_not_count),
        cmocka_unit_test(each_step_holds_two_windows),
        cmocka_unit_test(trades_are_counted_by_what_became_of_them),
        cmocka_unit_test(open_orders_are_followed),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("demo", tests, NULL, NULL);
}
