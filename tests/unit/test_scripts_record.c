/* SPDX-License-Identifier: MIT */
/* What Redis makes of a commit's record: with the commit or not at all, and never in its way. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "tests/unit/world_sample.h"

static struct commit_answer commit_done(void)
{
    char *ids;
    struct commit_answer answer = world_commit(&ids);

    assert_string_equal(answer.what, "");
    assert_int_equal(answer.outcome, COMMIT_DONE);
    EXPECT(ids, "HGET commit intents");
    EXPECT("6", "HGET commit seq");
    EXPECT("[0 (nil) (nil) (nil)]", "XPENDING signals router");
    free(ids);
    return answer;
}

/* Nothing at all was written. */
static void expect_blocked(const char *what)
{
    char *before = redis_server_digest(&world.server, "signals", "router");
    char *ids;
    struct commit_answer answer = world_commit(&ids);
    char *after = redis_server_digest(&world.server, "signals", "router");

    assert_string_equal(answer.what, what);
    assert_int_equal(answer.outcome, COMMIT_BLOCKED);
    assert_string_equal(before, after);
    free(before);
    free(after);
}

static void decide_behind(const char *records_end)
{
    world_decide();
    world_record(records_end);
}

static void expect_skipped(enum recorded why)
{
    struct commit_answer answer = commit_done();

    assert_int_equal(answer.record, why);
    EXPECT("2", "XLEN intents");
    EXPECT("", "HGET commit record");
}

/* The value of a field of the last record. */
static void expect_field(const char *name, const char *wanted)
{
    redisReply *reply = redis_server_ask(&world.server, "XREVRANGE decisions + - COUNT 1");
    const redisReply *fields = reply->element[0]->element[1];

    for (size_t i = 0; i < fields->elements; i += 2)
        if (strcmp(fields->element[i]->str, name) == 0) {
            assert_string_equal(fields->element[i + 1]->str, wanted);
            freeReplyObject(reply);
            return;
        }
    fail_msg("there is no %s", name);
}

/* All that was sent, by its name and in its place, but for what is filled in. */
static void expect_every_field(void)
{
    redisReply *reply = redis_server_ask(&world.server, "XREVRANGE decisions + - COUNT 1");
    const redisReply *fields = reply->element[0]->element[1];

    assert_int_equal(fields->elements, 2 * RECORD_FIELD_COUNT);
    for (enum record_field field = 0; field < RECORD_FIELD_COUNT; field++) {
        const redisReply *value = fields->element[2 * field + 1];
        assert_string_equal(fields->element[2 * field]->str, record_field_name(field));
        if (field != RECORD_INTENTS && field != RECORD_PREV)
            assert_string_equal(value->str, world.record.text[field]);
    }
    freeReplyObject(reply);
}

static void expect_ids_of_intents(void)
{
    redisReply *reply = redis_server_ask(&world.server, "HGET commit intents");

    expect_field("intents", reply->str);
    freeReplyObject(reply);
}

/* --- there is one */

static void it_stands_with_its_intents(void **state)
{
    char id[STREAM_ID_TEXT_MAX];

    (void)state;
    decide_behind("0-0");
    struct commit_answer answer = commit_done();
    assert_int_equal(answer.record, RECORDED_ALONE); /* the stream was not there */
    stream_id_print(answer.record_id, id);
    EXPECT(id, "HGET commit record");
    EXPECT("1", "XLEN decisions");
    expect_every_field();
    expect_ids_of_intents();
    expect_field("cycle_id", "c-1");
    expect_field("rows", world.record.text[RECORD_ROWS]);
    expect_field("prev", "");
}

static void it_names_the_one_before(void **state)
{
    (void)state;
    EXPECT("5-0", "XADD decisions 5-0 f v");
    decide_behind("5-0");
    assert_int_equal(commit_done().record, RECORDED);
    expect_field("prev", "ab12");
}

static void it_names_none_where_another_wrote(void **state)
{
    (void)state;
    EXPECT("5-0", "XADD decisions 5-0 f v");
    EXPECT("5-1", "XADD decisions 5-1 f v");
    decide_behind("5-0");
    assert_int_equal(commit_done().record, RECORDED_ALONE);
    expect_field("prev", "");
}

static void it_names_none_where_nobody_knows_the_last(void **state)
{
    (void)state;
    EXPECT("5-0", "XADD decisions 5-0 f v");
    decide_behind("");
    assert_int_equal(commit_done().record, RECORDED_ALONE);
    expect_field("prev", "");
}

/* One that was taken out leaves a chain that breaks, and no gap. */
static void it_names_one_that_was_taken_out(void **state)
{
    (void)state;
    EXPECT("5-0", "XADD decisions 5-0 f v");
    EXPECT("5-1", "XADD decisions 5-1 f v");
    EXPECT("1", "XDEL decisions 5-1");
    decide_behind("5-1");
    assert_int_equal(commit_done().record, RECORDED);
    expect_field("prev", "ab12");
}

/* The whole stream was deleted. */
static void it_names_none_in_a_new_stream(void **state)
{
    (void)state;
    decide_behind("5-0");
    assert_int_equal(commit_done().record, RECORDED_ALONE);
    EXPECT("1", "XLEN decisions");
    expect_field("prev", "");
}

static void a_commit_that_publishes_nothing_has_one(void **state)
{
    (void)state;
    EXPECT("OK", "SET safe 1");
    decide_behind("0-0");
    (void)commit_done();
    EXPECT("0", "EXISTS intents");
    EXPECT("1", "XLEN decisions");
    expect_field("intents", "");
}

static void no_record_stands_without_its_commit(void **state)
{
    (void)state;
    decide_behind("0-0");
    EXPECT("OK", "SET open 2");
    char *ids;
    assert_int_equal(world_commit(&ids).outcome, COMMIT_MOVED);
    EXPECT("0", "HSET commit seq 9");
    assert_int_equal(world_commit(&ids).outcome, COMMIT_FENCED);
    EXPECT("0", "EXISTS decisions");
}

static void the_stream_is_trimmed(void **state)
{
    (void)state;
    for (int i = 0; i < 500; i++)
        freeReplyObject(redis_server_ask(&world.server, "XADD decisions * f v"));
    decide_behind("");
    world.records_max = 10;
    (void)commit_done();
    EXPECT_BETWEEN(10, 110, "XLEN decisions");
}

static void where_what_is_held_is_compared_too_all_keys_are_found(void **state)
{
    (void)state;
    EXPECT("1", "HSET positions XRP BUY");
    decide_behind("0-0");
    assert_int_equal(world.seen.holdings.state, HOLDINGS_KNOWN);
    (void)commit_done();
    EXPECT("[c-1 c-1]", "MGET dedup:1768824003000-0 dedup:1768824003001-0");
    EXPECT("1", "XLEN decisions");
    EXPECT("1", "HLEN positions");
}

/* --- there is none */

static void of_a_wrong_type(void **state)
{
    (void)state;
    EXPECT("1", "RPUSH decisions x");
    decide_behind("0-0");
    expect_skipped(RECORD_WRONG_TYPE);
    EXPECT("1", "LLEN decisions");
}

static void at_its_last_id(void **state)
{
    (void)state;
    EXPECT("18446744073709551615-18446744073709551615",
           "XADD decisions 18446744073709551615-18446744073709551615 f v");
    decide_behind("0-0");
    expect_skipped(RECORD_LAST_ID);
    EXPECT("1", "XLEN decisions");
}

static void at_its_last_id_which_is_known(void **state)
{
    (void)state;
    EXPECT("18446744073709551615-18446744073709551615",
           "XADD decisions 18446744073709551615-18446744073709551615 f v");
    decide_behind("18446744073709551615-18446744073709551615");
    expect_skipped(RECORD_LAST_ID);
}

/* It stands in no entry, and so shows in none. */
static void at_its_last_id_by_hand(void **state)
{
    (void)state;
    EXPECT("5-0", "XADD decisions 5-0 f v");
    EXPECT("OK", "XSETID decisions 18446744073709551615-18446744073709551615");
    decide_behind("5-0");
    expect_skipped(RECORD_LAST_ID);
    EXPECT("1", "XLEN decisions");
}

/* As a user who may do all but this. */
static void log_in(void)
{
    EXPECT("OK", "ACL SETUSER recorder on nopass ~* &* +@all -xadd %s", "(+xadd ~intents)");
    EXPECT("OK", "AUTH recorder x");
}

static void log_out(void)
{
    EXPECT("OK", "AUTH default x");
    EXPECT("1", "ACL DELUSER recorder");
}

static void without_the_right(void **state)
{
    (void)state;
    decide_behind("0-0");
    log_in();
    struct commit_answer answer = commit_done();
    log_out();
    assert_int_equal(answer.record, RECORD_FORBIDDEN);
    EXPECT("0", "EXISTS decisions");
    EXPECT("2", "XLEN intents");
}

/* Not even to its type: what is asked when it was refused must not end the script between its
 * writes. */
static void without_any_right_to_it(void **state)
{
    (void)state;
    decide_behind("5-0");
    EXPECT("OK", "ACL SETUSER recorder on nopass ~* &* +@all -xadd -xrange -type -xinfo %s %s",
           "(+xadd ~intents)",
           "(+xrange +type +xinfo ~intents ~signals ~open ~safe ~commit ~leader ~positions ~d*:*)");
    EXPECT("OK", "AUTH recorder x");
    struct commit_answer answer = commit_done();
    log_out();
    assert_int_equal(answer.record, RECORD_FORBIDDEN);
    EXPECT("0", "EXISTS decisions");
    EXPECT("2", "XLEN intents");
}

/* --- there must be one */

static void must_be_of_the_right_type(void **state)
{
    (void)state;
    world.settings.record_required = true;
    EXPECT("1", "RPUSH decisions x");
    decide_behind("0-0");
    expect_blocked("decisions is a list, not a stream");
}

static void must_have_an_id_left(void **state)
{
    (void)state;
    world.settings.record_required = true;
    EXPECT("5-0", "XADD decisions 5-0 f v");
    EXPECT("OK", "XSETID decisions 18446744073709551615-18446744073709551615");
    decide_behind("5-0");
    expect_blocked("decisions has come to its last id and takes no more entries");
}

static void must_be_allowed(void **state)
{
    (void)state;
    world.settings.record_required = true;
    decide_behind("0-0");
    log_in();
    expect_blocked("NOPERM this user may not run XADD on decisions");
    log_out();
}

static void must_be_and_is(void **state)
{
    (void)state;
    world.settings.record_required = true;
    EXPECT("5-0", "XADD decisions 5-0 f v");
    decide_behind("5-0");
    assert_int_equal(commit_done().record, RECORDED);
    expect_field("prev", "ab12");
}

#define TEST(name) cmocka_unit_test_setup(name, world_renew)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_stands_with_its_intents),
        TEST(it_names_the_one_before),
        TEST(it_names_none_where_another_wrote),
        TEST(it_names_none_where_nobody_knows_the_last),
        TEST(it_names_one_that_was_taken_out),
        TEST(it_names_none_in_a_new_stream),
        TEST(a_commit_that_publishes_nothing_has_one),
        TEST(no_record_stands_without_its_commit),
        TEST(the_stream_is_trimmed),
        TEST(where_what_is_held_is_compared_too_all_keys_are_found),
        TEST(of_a_wrong_type),
        TEST(at_its_last_id),
        TEST(at_its_last_id_which_is_known),
        TEST(at_its_last_id_by_hand),
        TEST(without_the_right),
        TEST(without_any_right_to_it),
        TEST(must_be_of_the_right_type),
        TEST(must_have_an_id_left),
        TEST(must_be_allowed),
        TEST(must_be_and_is),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("scripts_record", tests, world_set_up, world_tear_down);
}
