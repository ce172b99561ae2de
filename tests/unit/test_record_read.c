/* SPDX-License-Identifier: MIT */
#include "router/decide/record_read.h"

#include <string.h>

#include "common/base/memory.h"
#include "tests/unit/names.h"
#include "tests/unit/plan_sample.h"
#include "tests/unit/record_sample.h"

static struct cycle cycle;
static struct recorded recorded;

/* Two are published, one of them with a decision of its own; one is a duplicate, one is stale. */
static int begin(void **state)
{
    struct signal *first = fresh("BTCUSDT", 0.95, 1), *gone = fresh("SOLUSDT", 0.93, 4);

    (void)state;
    (void)snprintf(first->decision_id, sizeof first->decision_id, "%s", "a b%=c");
    first->gate_passed = true;
    first->leverage = 2.5;
    gone->dated_ms = NOW_MS - 30001;
    cycle = cycle_of(
        1, window_of(first, fresh("ETHUSDT", 0.94, 2), gone, fresh("XRPUSDT", 0.92, 3), NULL));
    cycle.marked[1] = '1';
    cycle.held[3] = HELD_BOTH;
    cycle.rules.adds_to_held = cycle.rules.passes_opposite = true;
    expect_fates(&cycle, "BTCUSDT published 1, ETHUSDT duplicate 0, SOLUSDT stale 0, "
                         "XRPUSDT published 2");
    record_sample_make(&cycle.snapshot, &cycle.window, &cycle.plan);
    return 0;
}

static int end(void **state)
{
    (void)state;
    record_sample_release();
    recorded_release(&recorded);
    finish(&cycle);
    return 0;
}

static void reads_what_was_written(void **state)
{
    const struct signal *first;

    (void)state;
    recorded_read(&recorded, record_sample_entry());
    assert_string_equal(recorded.why, "");
    assert_int_equal(recorded.state, RECORDED_READ);
    assert_string_equal(recorded.cycle_id, "17-42");
    assert_int_equal(recorded.snapshot.now_ms, NOW_MS);
    assert_int_equal(recorded.allowance.allowed, 2);
    assert_int_equal(recorded.window.count, 4);
    first = recorded.window.candidates[0].signal;
    assert_string_equal(first->symbol, "BTCUSDT");
    assert_string_equal(first->decision_id, "a b%=c");
    assert_true(first->gate_passed);
    assert_false(first->regime_known);
    assert_true(first->leverage == 2.5);
    assert_string_equal(recorded.window.candidates[1].signal->decision_id, "1768824003000-2");
    assert_fate(recorded.verdicts[1].fate, FATE_DUPLICATE);
    assert_int_equal(recorded.verdicts[3].rank, 2);
    assert_memory_equal(recorded.snapshot.marked, "0100", 4);
    assert_int_equal(recorded.snapshot.held[3], HELD_BOTH);
    assert_true(recorded.stale[2]);
    assert_int_equal(recorded.tally.of[FATE_PUBLISHED], 2);
}

static void names_its_intents_by_rank(void **state)
{
    struct stream_id id;

    (void)state;
    recorded_read(&recorded, record_sample_entry());
    assert_int_equal(recorded.intent_count, 2);
    assert_true(recorded_intent(&recorded, 2, &id));
    assert_int_equal(id.sequence, 2);
    assert_false(recorded_intent(&recorded, 3, &id));
    assert_false(recorded_intent(&recorded, 0, &id));
}

static void is_of_another_world_each_time(void **state)
{
    (void)state;
    recorded_read(&recorded, record_sample_entry());
    record_sample_set(RECORD_ROWS, "");
    record_sample_set(RECORD_WORLD,
                      "open=missing inflight=-1 state=capacity_unknown slots=0 allowed=0 safe=1 "
                      "since=3 today=4 minute=5 supers=2 rolled=1 held=unknown held_symbols=0 "
                      "news=7");
    recorded_read(&recorded, record_sample_entry());
    assert_string_equal(recorded.why, "");
    assert_int_equal(recorded.window.count, 0);
    assert_int_equal(recorded.snapshot.capacity.open.kind, OPEN_ORDERS_MISSING);
    assert_int_equal(recorded.snapshot.capacity.in_flight, -1);
    assert_true(recorded.snapshot.capacity.rolled_back);
    assert_true(recorded.snapshot.capacity.positions_unknown);
    assert_string_equal(recorded.snapshot.super_times, "1768824003000 1768824003000");
}

#define WORLD_BUT(open)                                                                            \
    open " state=capacity_ok slots=9 allowed=2 safe=0 since=0 today=0 minute=0 supers=0 rolled=0 " \
         "held=known held_symbols=0"
#define ROW_BUT(middle) "1768824003000-1 BTCUSDT BUY " middle

static const struct {
    enum record_field field;
    const char *text; /* NULL: it is missing */
    const char *why;
} unsound[] = {
    {RECORD_V, NULL, "it has no 'v'"},
    {RECORD_V, "one", "its 'v' is no sound number"},
    {RECORD_V, "0", "its version is 0"},
    {RECORD_V, "99999999999999999999", "its 'v' is no sound number"},
    {RECORD_CORE, NULL, "it has no 'core'"},
    {RECORD_CYCLE_ID, NULL, "it has no sound 'cycle_id'"},
    {RECORD_AT, NULL, "it has no 'at'"},
    {RECORD_AT, "9223372036854775807", "its 'at' is no sound number"},
    {RECORD_SETTINGS, NULL, "it has no sound 'settings'"},
    {RECORD_SETTINGS, "5e77", "it has no sound 'settings'"},
    {RECORD_WORLD, NULL, "it has no 'world'"},
    {RECORD_WORLD, "", "its world has no sound 'open'"},
    {RECORD_WORLD, WORLD_BUT("open=-1 inflight=0"), "its world has no sound 'open'"},
    {RECORD_WORLD, WORLD_BUT("open=0 inflight=-2"), "its world has no sound 'inflight'"},
    {RECORD_WORLD, "open=1 inflight=0 state=lovely", "its world has no sound 'state'"},
    {RECORD_WORLD, "open=1 inflight=0 state=capacity_ok slots=1",
     "its world has no sound 'slots' and 'allowed'"},
    {RECORD_WORLD, "open=1 inflight=0 state=capacity_ok slots=1 allowed=1 safe=2",
     "its world has no sound 'safe' and 'rolled'"},
    {RECORD_TALLY, NULL, "it has no sound 'tally'"},
    {RECORD_TALLY, "published=-1", "it has no sound 'tally'"},
    {RECORD_TALLY, "eaten=1", "it has no sound 'tally'"},
    {RECORD_DROPS, NULL, "it has no sound 'drops'"},
    {RECORD_INTENTS, NULL, "it has no 'intents'"},
    {RECORD_INTENTS, "9000-1 and more", "its intents are no list of ids"},
    {RECORD_SIZES, "130", "its sizes cannot be read"},
    {RECORD_SIZES, "130 1.3 1", "its sizes cannot be read"},
    {RECORD_SIZES, "130 1.3\n\n110 1.1", "its sizes cannot be read"},
    {RECORD_SIZES, "-1 1.3", "its sizes cannot be read"},
    {RECORD_SIZES, "130 nan", "its sizes cannot be read"},
    {RECORD_ROWS, NULL, "it has no 'rows'"},
    {RECORD_ROWS_LEFT, NULL, "it has no 'rows_left'"},
    {RECORD_ROWS_LEFT, "-1", "its 'rows_left' is no sound number"},
    {RECORD_ROWS, "\n", "its row 1 cannot be read"},
    {RECORD_ROWS, "x BTCUSDT BUY 0.9 0.9 100 1 - published 1 =", "its row 1 cannot be read"},
    {RECORD_ROWS, ROW_BUT("0.9 0.9 100 1 - published 1"), "its row 1 cannot be read"},
    {RECORD_ROWS, ROW_BUT("0.9 0.9 100 1 - published 1 = ="), "its row 1 cannot be read"},
    {RECORD_ROWS, ROW_BUT("1.1 0.9 100 1 - published 1 ="), "its row 1 cannot be read"},
    {RECORD_ROWS, ROW_BUT("0.9 1e300 100 1 - published 1 ="), "its row 1 cannot be read"},
    {RECORD_ROWS, ROW_BUT("0.9 nan 100 1 - published 1 ="), "its row 1 cannot be read"},
    {RECORD_ROWS, ROW_BUT("0.9 0.9 0 1 - published 1 ="), "its row 1 cannot be read"},
    {RECORD_ROWS, ROW_BUT("0.9 0.9 1e16 1 - published 1 ="), "its row 1 cannot be read"},
    {RECORD_ROWS, ROW_BUT("0.9 0.9 100 0.5 - published 1 ="), "its row 1 cannot be read"},
    {RECORD_ROWS, ROW_BUT("0.9 0.9 100 1 rg published 1 ="), "its row 1 cannot be read"},
    {RECORD_ROWS, ROW_BUT("0.9 0.9 100 1 gg published 1 ="), "its row 1 cannot be read"},
    {RECORD_ROWS, ROW_BUT("0.9 0.9 100 1 grdchosx published 1 ="), "its row 1 cannot be read"},
    {RECORD_ROWS, ROW_BUT("0.9 0.9 100 1  published 1 ="), "its row 1 cannot be read"},
    {RECORD_ROWS, ROW_BUT("0.9 0.9 100 1 - loved 1 ="), "its row 1 cannot be read"},
    {RECORD_ROWS, ROW_BUT("0.9 0.9 100 1 - published 4294967297 ="), "its row 1 cannot be read"},
    {RECORD_ROWS, ROW_BUT("0.9 0.9 100 1 - published 1 a%2"), "its row 1 cannot be read"},
    {RECORD_ROWS, ROW_BUT("0.9 0.9 100 1 - published 1 a%00b"), "its row 1 cannot be read"},
    {RECORD_ROWS, "1-1 btcusdt BUY 0.9 0.9 100 1 - published 1 =", "its row 1 cannot be read"},
    {RECORD_ROWS, "1-1 BTCUSDT HOLD 0.9 0.9 100 1 - published 1 =", "its row 1 cannot be read"},
};

static void what_is_no_record_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(unsound); i++) {
        record_sample_make(&cycle.snapshot, &cycle.window, &cycle.plan);
        record_sample_set(unsound[i].field, unsound[i].text);
        recorded_read(&recorded, record_sample_entry());
        assert_string_equal(recorded.why, unsound[i].why);
        assert_int_equal(recorded.state, RECORDED_MALFORMED);
        assert_int_equal(recorded.window.count, 0);
    }
}

static void rows_without_an_end_are_refused(void **state)
{
    (void)state;
    record_sample_set(RECORD_ROWS, text_of('x', 131073));
    recorded_read(&recorded, record_sample_entry());
    assert_string_equal(recorded.why, "its rows are too long");
}

static void a_newer_one_is_known_as_such(void **state)
{
    (void)state;
    record_sample_set(RECORD_V, "2");
    record_sample_set(RECORD_ROWS, "in a form that nobody knows yet");
    recorded_read(&recorded, record_sample_entry());
    assert_int_equal(recorded.state, RECORDED_NEWER);
    assert_string_equal(recorded.why, "a newer program wrote it, as version 2");
}

static void says_what_stood_before_it(void **state)
{
    (void)state;
    assert_int_equal(recorded_link(record_sample_entry(), "ab12"), LINK_GAP);
    record_sample_set(RECORD_PREV, "ab12");
    assert_int_equal(recorded_link(record_sample_entry(), "ab12"), LINK_WHOLE);
    assert_int_equal(recorded_link(record_sample_entry(), "ab13"), LINK_BROKEN);
    record_sample_set(RECORD_PREV, NULL);
    assert_int_equal(recorded_link(record_sample_entry(), "ab12"), LINK_GAP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_what_was_written, begin, end),
        cmocka_unit_test_setup_teardown(names_its_intents_by_rank, begin, end),
        cmocka_unit_test_setup_teardown(is_of_another_world_each_time, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_record_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(rows_without_an_end_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(a_newer_one_is_known_as_such, begin, end),
        cmocka_unit_test_setup_teardown(says_what_stood_before_it, begin, end),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("record_read", tests, NULL, NULL);
}
