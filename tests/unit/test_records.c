/* SPDX-License-Identifier: MIT */
/* Records read page by page out of a true Redis, where others write and trim meanwhile. */
#include "ctl/past/records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/shared_server.h"
#include "tests/unit/support.h"

static const struct ctl_command command = {.name = "test"};
static const struct record_keys keys = {"s", "h"};

static struct redis_settings settings;
static struct ask ask;
static struct records *source;
static struct record_item item;

/* So many records, 1-0 and on. */
static void write_records(int first, int count)
{
    for (int i = first; i < first + count; i++)
        freeReplyObject(redis_server_ask(&shared_server, "XADD s %d-0 v %d", i, i));
}

static int begin(void **state)
{
    (void)state;
    EXPECT("OK", "FLUSHALL");
    settings = (struct redis_settings){.address = {.path = shared_server.socket},
                                       .connect_timeout_ms = 5000,
                                       .reply_timeout_ms = 5000};
    ask = (struct ask){&command, client_new(&settings, "test")};
    assert_int_equal(client_open(ask.client), 0);
    return 0;
}

static int end(void **state)
{
    (void)state;
    source->close(source);
    client_free(ask.client);
    return 0;
}

static void open_from(uint64_t from)
{
    const struct record_range range = {{from, 0}, {UINT64_MAX, UINT64_MAX}};

    source = record_stream_open(&ask, NULL, &keys, &range);
    assert_non_null(source);
}

static void expect_next(uint64_t ms, bool follows)
{
    assert_int_equal(source->next(source, &item), 0);
    assert_int_equal(item.entry.id.ms, ms);
    assert_int_equal(item.follows, follows);
}

static void each_comes_once_and_follows_the_one_before(void **state)
{
    enum { COUNT_ALL = 2500 };

    (void)state;
    write_records(1, COUNT_ALL);
    open_from(0);
    for (uint64_t i = 1; i <= COUNT_ALL; i++) {
        expect_next(i, i > 1);
        assert_false(item.is_before);
    }
    assert_int_equal(source->next(source, &item), 1);
    assert_int_equal(source->next(source, &item), 1);
}

static void the_one_before_the_range_comes_for_the_chain(void **state)
{
    (void)state;
    write_records(1, 10);
    open_from(6);
    expect_next(5, false);
    assert_true(item.is_before);
    expect_next(6, true);
    assert_false(item.is_before);
}

static void nothing_stands_before_the_first(void **state)
{
    (void)state;
    write_records(1, 3);
    open_from(1);
    expect_next(1, false);
    assert_false(item.is_before);
    expect_next(2, true);
}

/* From the first that there is, however long before it the range begins. */
static void how_much_was_read_ids_tell(void **state)
{
    const struct record_range range = {{5, 0}, {1014, 0}};

    (void)state;
    write_records(1010, 5);
    source = record_stream_open(&ask, NULL, &keys, &range);
    assert_non_null(source);
    assert_true(source->share(source) == 0);
    expect_next(1010, false);
    assert_true(source->share(source) == 0);
    expect_next(1011, true);
    assert_true(source->share(source) == 0.25);
    expect_next(1012, true);
    expect_next(1013, true);
    expect_next(1014, true);
    assert_true(source->share(source) == 1);
}

/* What was read is gone, and more may be: the next one follows nothing that is known. */
static void what_is_trimmed_meanwhile_parts_them(void **state)
{
    (void)state;
    write_records(1, 400);
    open_from(0);
    expect_next(1, false);
    EXPECT("299", "XTRIM s MINID 300-0");
    for (uint64_t i = 2; i <= 50; i++)
        expect_next(i, true);
    expect_next(300, false);
    expect_next(301, true);
}

static void what_is_trimmed_to_nothing_ends_it(void **state)
{
    (void)state;
    write_records(1, 200);
    open_from(0);
    expect_next(1, false);
    EXPECT("200", "XTRIM s MAXLEN 0");
    for (uint64_t i = 2; i <= 50; i++)
        expect_next(i, true);
    assert_int_equal(source->next(source, &item), 1);
}

static void there_may_be_none(void **state)
{
    (void)state;
    open_from(0);
    assert_int_equal(source->next(source, &item), 1);
}

static void settings_are_there_or_not(void **state)
{
    char *text = NULL;
    size_t length = 0;

    (void)state;
    EXPECT("1", "HSET h d1 text");
    open_from(0);
    assert_int_equal(source->settings(source, "d1", &text, &length), 0);
    assert_string_equal(text, "text");
    assert_int_equal(length, 4);
    free(text);
    assert_int_equal(source->settings(source, "d2", &text, &length), 1);
    EXPECT("OK", "SET h text");
    assert_int_equal(source->settings(source, "d1", &text, &length), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_comes_once_and_follows_the_one_before, begin, end),
        cmocka_unit_test_setup_teardown(the_one_before_the_range_comes_for_the_chain, begin, end),
        cmocka_unit_test_setup_teardown(nothing_stands_before_the_first, begin, end),
        cmocka_unit_test_setup_teardown(how_much_was_read_ids_tell, begin, end),
        cmocka_unit_test_setup_teardown(what_is_trimmed_meanwhile_parts_them, begin, end),
        cmocka_unit_test_setup_teardown(what_is_trimmed_to_nothing_ends_it, begin, end),
        cmocka_unit_test_setup_teardown(there_may_be_none, begin, end),
        cmocka_unit_test_setup_teardown(settings_are_there_or_not, begin, end),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("records", tests, shared_server_start, shared_server_stop);
}
