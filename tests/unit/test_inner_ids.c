/* SPDX-License-Identifier: MIT */
/* Which ids inside documents are no decision's, and for how long that is known. */
#include "router/decide/inner_ids.h"

#include <stdio.h>

#include "tests/unit/support.h"

static struct inner_ids ids;

static int begin(void **state)
{
    (void)state;
    ids = (struct inner_ids){0};
    return 0;
}

static struct stream_id at(uint64_t second)
{
    return (struct stream_id){.ms = NOW_MS + second * 1000};
}

static bool note(const char *id, const char *symbol, uint64_t second)
{
    return inner_ids_note(&ids, id, symbol, at(second));
}

static void over_three_symbols_within_a_minute_are_too_many(void **state)
{
    (void)state;
    assert_false(note("x", "AAA", 0));
    assert_false(note("x", "BBB", 20));
    assert_false(note("x", "AAA", 21));
    assert_false(note("x", "CCC", 40));
    assert_false(note("y", "DDD", 41));
    assert_true(note("x", "DDD", 60));
    assert_false(note("y", "AAA", 60));
}

static void three_or_slower_ones_are_not(void **state)
{
    static const char *const symbols[] = {"AAA", "BBB", "CCC", "DDD", "EEE"};

    (void)state;
    for (uint64_t i = 0; i < 100; i++)
        assert_false(note("x", symbols[i % 3], i));
    for (uint64_t i = 0; i < 20; i++)
        assert_false(note("y", symbols[i % COUNT(symbols)], 21 * i));
}

/* The minute is any, and not one by the clock: the last three of one and the first of the next. */
static void the_minute_begins_with_any_entry(void **state)
{
    (void)state;
    assert_false(note("x", "AAA", 0));
    assert_false(note("x", "BBB", 50));
    assert_false(note("x", "CCC", 55));
    assert_false(note("x", "DDD", 61));
    assert_true(note("x", "EEE", 110));
}

/* A pause makes no decision of a batch; and what came before keeps what it had, read again too. */
static void it_stays_known_and_is_the_same_when_read_again(void **state)
{
    static const char *const symbols[] = {"AAA", "BBB", "CCC", "DDD", "EEE"};

    (void)state;
    for (int round = 0; round < 2; round++)
        for (uint64_t i = 0; i < COUNT(symbols); i++)
            assert_int_equal(note("x", symbols[i], i), i >= 3);
    assert_true(note("x", "AAA", 5000));
}

/* Taken over from another consumer: older than all that is remembered. */
static void an_older_one_drives_nothing_out(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 3; i++)
        assert_false(note("x", (const char *[]){"AAA", "BBB", "CCC"}[i], 100 + i));
    assert_false(note("x", "DDD", 1));
    assert_false(note("x", "EEE", 0));
    assert_true(note("x", "FFF", 104));
}

static void what_is_used_is_remembered_among_many(void **state)
{
    char other[16];

    (void)state;
    for (uint64_t i = 0; i < 4; i++)
        (void)note("x", (const char *[]){"AAA", "BBB", "CCC", "DDD"}[i], 0);
    for (uint64_t i = 1; i < 100000; i++) {
        (void)snprintf(other, sizeof other, "%d", (int)i);
        assert_false(note(other, "AAA", i));
        if (i % 50 == 0)
            assert_true(note("x", "AAA", i));
    }
}

static const char *told;

static void note_shared(void *owner, const struct signal *signal, const char *field)
{
    (void)owner;
    (void)signal;
    told = field;
}

/* The id that a signal of this symbol has; it lives until the next call. */
static const char *named(struct entry entry)
{
    static struct signal_draft draft;
    const struct signal_rules rules = rules_usual();

    told = "nothing";
    assert_int_equal(signal_judge(&rules, &entry, NOW_MS, &draft).drop, DROP_NONE);
    inner_ids_name(&ids, &draft, note_shared, NULL);
    signal_discard(&draft);
    return draft.signal.decision_id;
}

static struct entry flat(const char *symbol, const char *trace_id)
{
    return entry_of("symbol", symbol, "side", "BUY", "confidence", "0.9", "trace_id", trace_id,
                    NULL);
}

static struct entry nested(const char *symbol)
{
    static char payload[256];

    (void)snprintf(payload, sizeof payload,
                   "{\"symbol\":\"%s\",\"side\":\"BUY\",\"confidence\":0.9,"
                   "\"correlation_id\":\"b\",\"trace_id\":\"%s\"}",
                   symbol, symbol);
    return entry_of("payload", payload, NULL);
}

static void a_decision_is_named_by_what_is_its_own(void **state)
{
    (void)state;
    assert_string_equal(named(nested("AUSDT")), "b");
    assert_string_equal(named(nested("BUSDT")), "b");
    assert_string_equal(named(nested("CUSDT")), "b");
    assert_string_equal(told, "nothing");
    assert_string_equal(named(nested("DUSDT")), "DUSDT");
    assert_string_equal(told, "correlation_id");
    for (char symbol[] = "AUSDT"; symbol[0] < 'F'; symbol[0]++)
        assert_string_equal(named(flat(symbol, "beside")), "beside");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(over_three_symbols_within_a_minute_are_too_many, begin),
        cmocka_unit_test_setup(three_or_slower_ones_are_not, begin),
        cmocka_unit_test_setup(the_minute_begins_with_any_entry, begin),
        cmocka_unit_test_setup(it_stays_known_and_is_the_same_when_read_again, begin),
        cmocka_unit_test_setup(an_older_one_drives_nothing_out, begin),
        cmocka_unit_test_setup(what_is_used_is_remembered_among_many, begin),
        cmocka_unit_test_setup(a_decision_is_named_by_what_is_its_own, begin),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("inner_ids", tests, NULL, NULL);
}
