/* SPDX-License-Identifier: MIT */
/* What of Redis' counters is believed. */
#include "common/redis/group_count.h"

#include <string.h>

#include "tests/unit/replies.h"

/* Twelve were added, the last four are there: ids 9-1 to 12-1. */
static struct group_count trimmed(uint64_t delivered, int64_t read)
{
    return (struct group_count){.length = 4,
                                .added = 12,
                                .first = {9, 1},
                                .last = {12, 1},
                                .delivered = {delivered, 1},
                                .read = read,
                                .redis_lag = read < 0 ? -1 : 12 - read,
                                .is_credible = true};
}

static void what_ids_tell_needs_no_count(void **state)
{
    struct group_count all = trimmed(12, 5), none = trimmed(8, -1), some = trimmed(10, 10);
    struct group_count empty = trimmed(3, 3), unknown = {.length = -1};

    (void)state;
    empty.length = 0;
    assert_int_equal(group_count_behind(&all), 0);
    assert_int_equal(group_count_behind(&none), 4);
    assert_int_equal(group_count_behind(&some), -1);
    assert_int_equal(group_count_behind(&empty), 0);
    assert_int_equal(group_count_behind(&unknown), -1);
    assert_false(group_count_is_ahead(&unknown));
}

static void a_loss_is_proved_by_a_credible_count(void **state)
{
    struct group_count before = trimmed(3, 3), after = trimmed(12, 7), whole = trimmed(8, 8);

    (void)state;
    assert_int_equal(group_count_lost(&before, 4), 5);
    assert_int_equal(group_count_lost(&after, 0), 5);
    assert_int_equal(group_count_lost(&whole, 4), 0);
    before.is_credible = after.is_credible = false;
    assert_int_equal(group_count_lost(&before, 4), 0);
    assert_int_equal(group_count_lost(&after, 0), 0);
    assert_int_equal(group_count_gap(&after, 0), 5);
}

static void no_more_is_lost_than_was_removed(void **state)
{
    struct group_count count = trimmed(12, 0), missing = trimmed(12, -1), over = trimmed(12, 13);

    (void)state;
    assert_int_equal(group_count_lost(&count, 0), 8);
    assert_int_equal(group_count_lost(&missing, 0), 0);
    assert_int_equal(group_count_gap(&missing, 0), -1);
    assert_int_equal(group_count_gap(&over, 0), -1);
    assert_int_equal(group_count_gap(&count, -1), -1);
}

static void a_lag_that_cannot_be_is_none(void **state)
{
    struct group_count count = trimmed(10, 10), stale = trimmed(10, 3), silent = trimmed(10, -1);

    (void)state;
    assert_int_equal(group_count_lag(&count, 0), 2);
    assert_int_equal(group_count_lag(&stale, 0), -1);
    assert_int_equal(group_count_lag(&stale, 7), 2);
    assert_int_equal(group_count_lag(&stale, 9), -1);
    assert_int_equal(group_count_lag(&stale, -1), -1);
    assert_int_equal(group_count_lag(&silent, 0), -1);
}

static bool is_credible(const char *info)
{
    struct group_count count = {.is_credible = true};
    char wire[300];

    (void)snprintf(wire, sizeof wire, "$%zu\r\n%s\r\n", strlen(info), info);
    redisReply *reply = reply_of(wire);
    group_count_take_info(&count, reply);
    freeReplyObject(reply);
    return count.is_credible;
}

static void a_count_is_credible_where_no_base_was_loaded(void **state)
{
    (void)state;
    assert_true(is_credible("#\r\nrdb_last_load_keys_loaded:0\r\naof_enabled:1\r\nrole:master\r\n"
                            "master_replid2:00000000\r\n"));
    assert_false(is_credible("#\r\nrdb_last_load_keys_loaded:7\r\naof_enabled:1\r\nrole:master\r\n"
                             "master_replid2:00000000\r\n"));
    assert_true(is_credible("#\r\nrdb_last_load_keys_loaded:7\r\naof_enabled:0\r\nrole:master\r\n"
                            "master_replid2:00000000\r\n"));
    assert_false(is_credible("#\r\nrdb_last_load_keys_loaded:7\r\naof_enabled:0\r\nrole:master\r\n"
                             "master_replid2:1234\r\n"));
    assert_false(
        is_credible("#\r\nrdb_last_load_keys_loaded:0\r\naof_enabled:0\r\nrole:slave\r\n"));
    assert_false(is_credible(""));
}

static void an_error_tells_nothing(void **state)
{
    struct group_count count = {.is_credible = true};
    redisReply *reply = reply_of("-NOPERM\r\n");

    (void)state;
    group_count_take_info(&count, reply);
    group_count_take_stream(&count, reply);
    group_count_take_group(&count, reply);
    assert_false(count.is_credible);
    assert_true(count.has_deleted);
    assert_int_equal(count.length, -1);
    assert_int_equal(count.read, -1);
    assert_int_equal(group_count_behind(&count), -1);
    freeReplyObject(reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_ids_tell_needs_no_count),
        cmocka_unit_test(a_loss_is_proved_by_a_credible_count),
        cmocka_unit_test(no_more_is_lost_than_was_removed),
        cmocka_unit_test(a_lag_that_cannot_be_is_none),
        cmocka_unit_test(a_count_is_credible_where_no_base_was_loaded),
        cmocka_unit_test(an_error_tells_nothing),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
