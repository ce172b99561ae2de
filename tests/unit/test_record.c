/* SPDX-License-Identifier: MIT */
#include "router/decide/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/number.h"
#include "tests/unit/plan_sample.h"

static const struct unrecorded nothing;

static struct record made(const struct cycle *cycle, const struct unrecorded *unrecorded,
                          const struct record_draft *draft)
{
    const struct record_source source = {
        .snapshot = &cycle->snapshot,
        .window = &cycle->window,
        .plan = &cycle->plan,
        .draft = draft,
        .unrecorded = unrecorded,
        .cycle_id = "e1-6",
        .instance = "alpha",
        .version = "0.1.0+8e6ed09c1f2a",
        .settings = "5e77",
        .prev = "ab12",
    };
    struct record record;

    record_make(&source, &record);
    return record;
}

/* Which is the same whether it was drafted or not. */
static struct record record_of(const struct cycle *cycle, const struct unrecorded *unrecorded)
{
    struct record_draft draft;

    record_draft_make(&cycle->window, &draft);
    struct record drafted = made(cycle, unrecorded, &draft);
    struct record record = made(cycle, unrecorded, NULL);
    for (enum record_field field = 0; field < RECORD_FIELD_COUNT; field++)
        assert_string_equal(drafted.text[field], record.text[field]);
    record_draft_release(&draft);
    record_release(&drafted);
    return record;
}

static void expect_field(const struct cycle *cycle, enum record_field field, const char *wanted)
{
    struct record record = record_of(cycle, &nothing);

    assert_string_equal(record.text[field], wanted);
    record_release(&record);
}

/* Of a window of one signal. */
static void expect_row(struct signal *signal, const char *wanted)
{
    struct cycle cycle = cycle_of(0, window_of(signal, NULL));

    cycle_decide(&cycle);
    expect_field(&cycle, RECORD_ROWS, wanted);
    finish(&cycle);
}

static void says_what_is_written_in_which_order(void **state)
{
    static const char *const wanted[][2] = {
        {"v", "1"},
        {"core", "1"},
        {"cycle_id", "e1-6"},
        {"at", "1768824003000"},
        {"router", "alpha 0.1.0+8e6ed09c1f2a"},
        {"settings", "5e77"},
        {"world", "open=1 inflight=0 state=capacity_ok slots=9 allowed=2 safe=0 since=0 today=0 "
                  "minute=0 supers=0 rolled=0 held=known held_symbols=0"},
        {"tally", "published=2 outranked=0 invalid=0 stale=0 duplicate=0 same_symbol=0 "
                  "below_super=0 no_slots=0 safe_mode=0 cooldown=0 symbol_held=0 opposite_held=0"},
        {"drops", "outranked=0 low_confidence=0 invalid=0 stale=0 hold=0 close=0 not_listed=0"},
        {"quiet", "empty=0 gave_up=0 refused=0 late=0"},
        {"intents", ""},
        {"rows", "1768824003000-1 BTCUSDT BUY 0.95 0.95 100 1 - published 1 =\n"
                 "1768824003000-2 ETHUSDT BUY 0.94 0.94 100 1 - published 2 ="},
        {"rows_left", "0"},
        {"prev", "ab12"},
        {"sizes", "130 1.3\n110 1.1"},
    };
    struct cycle cycle =
        cycle_of(1, window_of(fresh("BTCUSDT", 0.95, 1), fresh("ETHUSDT", 0.94, 2), NULL));

    (void)state;
    expect_fates(&cycle, "BTCUSDT published 1, ETHUSDT published 2");
    struct record record = record_of(&cycle, &nothing);
    assert_int_equal(COUNT(wanted), RECORD_FIELD_COUNT);
    for (enum record_field field = 0; field < RECORD_FIELD_COUNT; field++) {
        assert_string_equal(record_field_name(field), wanted[field][0]);
        assert_string_equal(record.text[field], wanted[field][1]);
    }
    record_release(&record);
    finish(&cycle);
}

static void says_the_world_as_it_was_seen(void **state)
{
    struct cycle cycle = cycle_of(0, window_of(fresh("BTCUSDT", 0.95, 1), NULL));
    struct snapshot *snapshot = &cycle.snapshot;

    (void)state;
    snapshot->capacity = (struct capacity){.open.kind = OPEN_ORDERS_MISSING,
                                           .in_flight = -1,
                                           .published_since = 7,
                                           .published_today = 40,
                                           .published_minute = 3,
                                           .rolled_back = true,
                                           .positions_unknown = true};
    snapshot->holdings.symbols = 5;
    snapshot->safe_mode = true;
    (void)snprintf(cycle.super_times, sizeof cycle.super_times, "1768824002000 1768824001000 5");
    cycle_decide(&cycle);
    expect_field(&cycle, RECORD_WORLD,
                 "open=missing inflight=-1 state=capacity_unknown slots=0 allowed=0 safe=1 since=7 "
                 "today=40 minute=3 supers=2 rolled=1 held=unknown held_symbols=0");
    snapshot->capacity.open.kind = OPEN_ORDERS_UNPARSEABLE;
    plan_release(&cycle.plan);
    cycle_decide(&cycle);
    struct record record = record_of(&cycle, &nothing);
    assert_non_null(strstr(record.text[RECORD_WORLD],
                           "open=unparseable inflight=-1 state=capacity_unparseable slots=0"));
    record_release(&record);
    finish(&cycle);
}

static void names_each_state(void **state)
{
    static const struct {
        int64_t open;
        const char *words;
    } cases[] = {
        {0, "open=0 inflight=0 state=capacity_ok slots=10 allowed=2 "},
        {3, "open=3 inflight=0 state=target_reached slots=7 allowed=2 "},
        {10, "open=10 inflight=0 state=capacity_full slots=0 allowed=0 "},
        {INT64_MAX, "open=9223372036854775807 inflight=0 state=capacity_full slots=0 allowed=0 "},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cycle cycle = cycle_of(cases[i].open, window_of(fresh("BTC", 0.95, 1), NULL));
        cycle_decide(&cycle);
        struct record record = record_of(&cycle, &nothing);
        assert_memory_equal(record.text[RECORD_WORLD], cases[i].words, strlen(cases[i].words));
        record_release(&record);
        finish(&cycle);
    }
}

static void counts_what_happened_since_the_record_before(void **state)
{
    struct cycle cycle = cycle_of(0, window_of(fresh("BTCUSDT", 0.95, 1), NULL));
    struct unrecorded unrecorded = {.quiet = {12, 3, 2, 1}};

    (void)state;
    for (enum fate fate = 0; fate < FATE_COUNT; fate++)
        unrecorded.drops.of[fate] = fate + 1;
    cycle_decide(&cycle);
    struct record record = record_of(&cycle, &unrecorded);
    assert_string_equal(
        record.text[RECORD_DROPS],
        "outranked=2 low_confidence=3 invalid=4 stale=5 hold=6 close=12 not_listed=16");
    assert_string_equal(record.text[RECORD_QUIET], "empty=12 gave_up=3 refused=2 late=1");
    record_release(&record);
    finish(&cycle);
}

/* A fate of an entry is in one of the two, but for what can be either. */
static void counts_each_fate_somewhere(void **state)
{
    (void)state;
    for (enum fate fate = 0; fate < FATE_COUNT; fate++) {
        bool either = fate == FATE_OUTRANKED || fate == FATE_STALE || fate == FATE_INVALID;
        assert_int_equal(record_tallies(fate) && record_drops(fate), either);
        assert_true(record_tallies(fate) || record_drops(fate));
    }
}

static void flags_what_was_so_whatever_the_fate(void **state)
{
    struct signal *all = fresh("BTCUSDT", 0.95, 1), *stale = fresh("ETHUSDT", 0.5, 2);
    struct cycle cycle = cycle_of(0, window_of(all, stale, NULL));

    (void)state;
    all->gate_passed = all->regime_known = true;
    cycle.marked[0] = cycle.cooling[0] = '1';
    cycle.held[0] = HELD_BOTH;
    cycle.held[1] = HELD_OPPOSITE;
    stale->dated_ms = NOW_MS - 30001;
    expect_fates(&cycle, "BTCUSDT duplicate 0, ETHUSDT stale 0");
    expect_field(&cycle, RECORD_ROWS,
                 "1768824003000-1 BTCUSDT BUY 0.95 0.95 100 1 grdcho duplicate 0 =\n"
                 "1768824003000-2 ETHUSDT BUY 0.5 0.5 100 1 os stale 0 =");
    cycle.held[0] = HELD_SAME;
    struct record record = record_of(&cycle, &nothing);
    assert_non_null(strstr(record.text[RECORD_ROWS], " grdch duplicate "));
    record_release(&record);
    finish(&cycle);
}

static void writes_numbers_in_their_shortest_exact_form(void **state)
{
    struct signal *signal = fresh("BTC-USD_T", 0.1 + 0.2, 1);

    (void)state;
    signal->side = SIDE_SELL;
    signal->position_size_usd = 1e15;
    signal->leverage = 2.5;
    expect_row(signal, "1768824003000-1 BTC-USD_T SELL 0.30000000000000004 0.30000000000000004 "
                       "1e+15 2.5 - published 1 =");
}

/* Each number of a row reads back as the same, bit by bit. */
static void loses_no_bit(void **state)
{
    (void)state;
    chance_begin();
    for (int i = 0; i < 2000; i++) {
        struct signal *signal = fresh("BTC", (double)chance_next() / 18446744073709551616.0, 1);
        signal->position_size_usd = (double)chance_next() / 1000.0;
        double confidence = signal->confidence, size = signal->position_size_usd;
        struct cycle cycle = cycle_of(0, window_of(signal, NULL));
        cycle_decide(&cycle);
        struct record record = record_of(&cycle, &nothing);
        char *rest = record.text[RECORD_ROWS], *words[7];
        for (size_t word = 0; word < COUNT(words); word++)
            words[word] = strsep(&rest, " ");
        double read_confidence, read_size;
        assert_true(number_read(words[3], strlen(words[3]), &read_confidence));
        assert_true(number_read(words[5], strlen(words[5]), &read_size));
        assert_memory_equal(&read_confidence, &confidence, sizeof confidence);
        assert_memory_equal(&read_size, &size, sizeof size);
        record_release(&record);
        finish(&cycle);
    }
}

static void encodes_what_would_end_a_word(void **state)
{
    struct signal *signal = fresh("BTC", 0.95, 1);

    (void)state;
    (void)snprintf(signal->decision_id, sizeof signal->decision_id, "a b=c%%d\ne\x7f\xc3\xa9~");
    expect_row(signal, "1768824003000-1 BTC BUY 0.95 0.95 100 1 - published 1 "
                       "a%20b%3Dc%25d%0Ae%7F%C3%A9~");
    signal = fresh("A =%\nB", 0.95, 1);
    expect_row(signal, "1768824003000-1 A%20%3D%25%0AB BUY 0.95 0.95 100 1 - published 1 =");
    signal = fresh("BTC", 0.95, 1);
    (void)snprintf(signal->decision_id, sizeof signal->decision_id, "=");
    expect_row(signal, "1768824003000-1 BTC BUY 0.95 0.95 100 1 - published 1 %3D");
}

static void encodes_the_instance(void **state)
{
    struct cycle cycle = cycle_of(0, window_of(fresh("BTC", 0.95, 1), NULL));
    struct record record;

    (void)state;
    cycle_decide(&cycle);
    record_make(&(struct record_source){.snapshot = &cycle.snapshot,
                                        .window = &cycle.window,
                                        .plan = &cycle.plan,
                                        .unrecorded = &nothing,
                                        .cycle_id = "",
                                        .instance = "desk 1=%",
                                        .version = "0.1.0",
                                        .settings = "",
                                        .prev = ""},
                &record);
    assert_string_equal(record.text[RECORD_ROUTER], "desk%201%3D%25 0.1.0");
    record_release(&record);
    finish(&cycle);
}

/* --- the draft */

static void begins_its_rows_as_they_were_drafted(void **state)
{
    struct cycle cycle = cycle_of(0, window_of(fresh("BTC", 0.95, 1), fresh("ETH", 0.94, 2), NULL));
    struct record_draft draft;

    (void)state;
    record_draft_make(&cycle.window, &draft);
    draft.bytes[0] = '9';
    cycle_decide(&cycle);
    struct record record = made(&cycle, &nothing, &draft);
    assert_string_equal(record.text[RECORD_ROWS],
                        "9768824003000-1 BTC BUY 0.95 0.95 100 1 - published 1 =\n"
                        "1768824003000-2 ETH BUY 0.94 0.94 100 1 - published 2 =");
    record_release(&record);
    record_draft_release(&draft);
    finish(&cycle);
}

static void uses_no_draft_of_a_window_that_has_changed(void **state)
{
    struct cycle cycle = cycle_of(0, window_of(fresh("BTC", 0.95, 1), fresh("ETH", 0.94, 2), NULL));
    struct window held = {0};
    struct record_draft draft;

    (void)state;
    record_draft_make(&cycle.window, &draft);
    cycle.window.candidates[0].signal->timestamp_ms = cycle.snapshot.now_ms - 2000;
    cycle.snapshot.unsure_since_ms = cycle.snapshot.now_ms - 1000;
    cycle.snapshot.marked = cycle.marked;
    cycle.snapshot.cooling = cycle.cooling;
    cycle.snapshot.held = cycle.held;
    cycle.snapshot.held_values = cycle.held_values;
    plan_hold_back(&held, &cycle.window, &cycle.snapshot, 60000);
    assert_int_equal(held.count, 1);
    cycle_decide(&cycle);
    struct record record = made(&cycle, &nothing, &draft);
    assert_string_equal(record.text[RECORD_ROWS],
                        "1768824003000-2 ETH BUY 0.94 0.94 100 1 - published 1 =");
    record_release(&record);
    record_draft_release(&draft);
    window_clear(&held);
    finish(&cycle);
}

/* --- the cut */

/* So many, in the order of their rank, each with a decision id of this length, or its own. */
static struct window crowd(unsigned count, size_t id_length)
{
    struct window window = {0};

    for (unsigned i = 0; i < count; i++) {
        struct signal *signal = fresh("SYMBOL-OF-32-BYTES-0123456789-XY", 0.95, 10000 + i);
        if (id_length > 0) {
            memset(signal->decision_id, '%', id_length);
            (void)snprintf(signal->decision_id + id_length - 4, 5, "%04u", i);
        }
        window_add(&window, ranking_score(&(struct score_rules){0}, signal));
    }
    return window;
}

struct flags {
    char *marked, *cooling, *held;
};

static void decide_crowd(struct cycle *cycle, struct flags *flags)
{
    size_t count = cycle->window.count;

    *flags = (struct flags){memory_new(count), memory_new(count), memory_new(count)};
    memset(flags->marked, '0', count);
    memset(flags->cooling, '0', count);
    memset(flags->held, HELD_NOT, count);
    cycle_decide_with(cycle, flags->marked, flags->cooling, flags->held);
}

static void drop_crowd(struct cycle *cycle, struct flags *flags)
{
    free(flags->marked);
    free(flags->cooling);
    free(flags->held);
    finish(cycle);
}

static size_t lines_of(const char *text)
{
    size_t lines = *text ? 1 : 0;

    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

static void cuts_the_lowest_ranked(void **state)
{
    struct cycle cycle = cycle_of(0, crowd(4000, DECISION_ID_MAX));
    struct flags flags;

    (void)state;
    decide_crowd(&cycle, &flags);
    struct record record = record_of(&cycle, &nothing);
    size_t rows = lines_of(record.text[RECORD_ROWS]);
    size_t length = strlen(record.text[RECORD_ROWS]), row = length / rows;
    assert_true(length <= RECORD_ROWS_MAX && length + row >= RECORD_ROWS_MAX);
    assert_int_equal(strtoul(record.text[RECORD_ROWS_LEFT], NULL, 10), 4000 - rows);
    assert_int_not_equal(record.text[RECORD_ROWS][length - 1], '\n');
    assert_non_null(strstr(record.text[RECORD_TALLY], "published=1 outranked=0 "));
    assert_non_null(strstr(record.text[RECORD_TALLY], "same_symbol=3999 "));
    record_release(&record);
    drop_crowd(&cycle, &flags);
}

/* Rows that come to so many bytes: all are of one length, and the first one's decision id makes up
 * for the rest. */
static void expect_left(size_t bytes, const char *wanted)
{
    enum { ROWS = 600 };
    struct cycle cycle = cycle_of(10, crowd(ROWS, 0));
    struct flags flags;

    decide_crowd(&cycle, &flags);
    struct record record = record_of(&cycle, &nothing);
    size_t length = strlen(record.text[RECORD_ROWS]);
    assert_true(length < bytes);
    for (size_t i = 0; length < bytes; i++) {
        char *id = cycle.window.candidates[i].signal->decision_id;
        size_t more = bytes - length < DECISION_ID_MAX - 1 ? bytes - length : DECISION_ID_MAX - 1;
        memset(id, 'x', 1 + more); /* one stood for "=" */
        id[1 + more] = '\0';
        length += more;
    }
    record_release(&record);
    record = record_of(&cycle, &nothing);
    assert_string_equal(record.text[RECORD_ROWS_LEFT], wanted);
    if (strcmp(wanted, "0") == 0)
        assert_int_equal(strlen(record.text[RECORD_ROWS]), bytes);
    else
        assert_int_equal(lines_of(record.text[RECORD_ROWS]), ROWS - 1);
    record_release(&record);
    drop_crowd(&cycle, &flags);
}

static void cuts_behind_64_kib_exactly(void **state)
{
    (void)state;
    expect_left(RECORD_ROWS_MAX - 1, "0");
    expect_left(RECORD_ROWS_MAX, "0");
    expect_left(RECORD_ROWS_MAX + 1, "1");
}

/* --- the chain */

static void digests_each_name_and_value(void **state)
{
    struct entry entry = entry_of("v", "1", "intents", "", "rows", "a\nb", NULL);
    char digest[SHA256_TEXT_MAX], wanted[SHA256_TEXT_MAX];
    static const char text[] = "1:v1:17:intents0:4:rows3:a\nb";

    (void)state;
    sha256_text(text, sizeof text - 1, wanted);
    record_digest(&entry, digest);
    assert_string_equal(digest, wanted);
    record_digest(&(struct entry){0}, digest);
    sha256_text("", 0, wanted);
    assert_string_equal(digest, wanted);
}

static void digests_a_record_as_it_will_stand(void **state)
{
    struct cycle cycle = cycle_of(0, window_of(fresh("BTC", 0.95, 1), NULL));
    char before[SHA256_TEXT_MAX], digest[SHA256_TEXT_MAX], wanted[SHA256_TEXT_MAX];
    struct entry entry = {0};

    (void)state;
    cycle_decide(&cycle);
    struct record record = record_of(&cycle, &nothing);
    record_digest_of(&record, before);
    record_set(&record, RECORD_INTENTS, "1-1 1-2");
    record_set(&record, RECORD_PREV, "");
    record_digest_of(&record, digest);
    assert_string_not_equal(digest, before);
    for (enum record_field field = 0; field < RECORD_FIELD_COUNT; field++)
        entry_add(&entry, record_field_name(field), record.text[field], strlen(record.text[field]));
    record_digest(&entry, wanted);
    assert_string_equal(digest, wanted);
    record_release(&record);
    finish(&cycle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_is_written_in_which_order),
        cmocka_unit_test(says_the_world_as_it_was_seen),
        cmocka_unit_test(names_each_state),
        cmocka_unit_test(counts_what_happened_since_the_record_before),
        cmocka_unit_test(counts_each_fate_somewhere),
        cmocka_unit_test(flags_what_was_so_whatever_the_fate),
        cmocka_unit_test(writes_numbers_in_their_shortest_exact_form),
        cmocka_unit_test(loses_no_bit),
        cmocka_unit_test(encodes_what_would_end_a_word),
        cmocka_unit_test(encodes_the_instance),
        cmocka_unit_test(begins_its_rows_as_they_were_drafted),
        cmocka_unit_test(uses_no_draft_of_a_window_that_has_changed),
        cmocka_unit_test(cuts_the_lowest_ranked),
        cmocka_unit_test(cuts_behind_64_kib_exactly),
        cmocka_unit_test(digests_each_name_and_value),
        cmocka_unit_test(digests_a_record_as_it_will_stand),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
