/* SPDX-License-Identifier: MIT */
/* What Redis makes of the drain's two scripts: a batch is settled whole or not at all. */
#include "ctl/drain/drain_group.h"
#include "ctl/drain/drain_writer.h"

#include "common/redis/clock.h"
#include "common/redis/reply.h"
#include "tests/unit/shared_server.h"
#include "tests/unit/support.h"

#define SETTLE  "EVAL %s 3 s audit dead g me 1000 100 2026-01-19T12:00:03.000Z r1 "
#define FORWARD "EVAL %s 4 s audit dead out g me 1000 100 2026-01-19T12:00:03.000Z r1 "
#define ONE     " BTCUSDT 60.000 0.75 drained_ok "
#define OLD     " BTCUSDT 60.000 0.75 dropped_old 0 "
#define INVALID " ? 60.000 ? dropped_invalid 1 symbol "

/* The year 9999. */
#define FAR_AHEAD "253402300799000"

/* Three entries, two of them pending for us and one for another. */
static int renew(void **state)
{
    (void)state;
    EXPECT("OK", "FLUSHALL");
    for (int i = 1; i <= 3; i++)
        freeReplyObject(redis_server_ask(&shared_server, "XADD s %d-0 f v", i));
    EXPECT("OK", "XGROUP CREATE s g 0");
    freeReplyObject(redis_server_ask(&shared_server, "XREADGROUP GROUP g me COUNT 2 STREAMS s >"));
    freeReplyObject(redis_server_ask(&shared_server, "XREADGROUP GROUP g other STREAMS s >"));
    return 0;
}

static void what_is_ours_is_audited_and_acked(void **state)
{
    (void)state;
    EXPECT("[]", SETTLE "1-0" ONE "0 2-0" ONE "0 0", drain_settle_lua);
    EXPECT("2", "XLEN audit");
    EXPECT("[original_id 1-0 symbol BTCUSDT age_sec 60.000 confidence 0.75 action drained_ok "
           "drained_at_ts 2026-01-19T12:00:03.000Z run_id r1]",
           "EVAL %s 1 audit", "return redis.call('XRANGE', KEYS[1], '-', '+')[1][2]");
    EXPECT("0", "EXISTS out dead");
    EXPECT("[1 3-0 3-0 [[other 1]]]", "XPENDING s g");
    EXPECT("3", "XLEN s");
}

static void what_is_not_ours_is_left_alone(void **state)
{
    (void)state;
    EXPECT("[1 2]", SETTLE "2-0" ONE "0 3-0" ONE "0 4-0" ONE "0 0", drain_settle_lua);
    EXPECT("1", "XLEN audit");
    EXPECT("[0]", SETTLE "2-0" ONE "0 0", drain_settle_lua);
    EXPECT("1", "XLEN audit");
    EXPECT("[]", "EVAL %s 3 s audit dead g other 1000 100 now r1 3-0" ONE "0 0", drain_settle_lua);
    EXPECT("2", "XLEN audit");
}

static void a_survivor_is_forwarded_with_its_ack(void **state)
{
    (void)state;
    EXPECT("[]", FORWARD "1-0" ONE "4 f v replay_of 1-0 2-0" ONE "0 0", drain_settle_lua);
    EXPECT("1", "XLEN out");
    EXPECT("2", "XLEN audit");
}

/* As the executor writes it, and with the ACK. */
static void what_is_invalid_is_a_dead_letter(void **state)
{
    (void)state;
    EXPECT("9-0", "XADD s 9-0 payload {bad reason mine");
    freeReplyObject(redis_server_ask(&shared_server, "XREADGROUP GROUP g me STREAMS s >"));
    EXPECT("[]", FORWARD "1-0" ONE "2 f v 9-0" INVALID "0", drain_settle_lua);
    EXPECT("[payload {bad original_reason mine intent_id 9-0 reason symbol count 0 last_error ]",
           "EVAL %s 1 dead", "return redis.call('XRANGE', KEYS[1], '-', '+')[1][2]");
    EXPECT("[2]", "EVAL %s 3 dead audit out",
           "return {redis.call('XLEN', KEYS[1]) + redis.call('XLEN', KEYS[3])}");
    EXPECT("2", "XLEN audit");
    EXPECT("[2 2-0 3-0 [[me 1] [other 1]]]", "XPENDING s g");
    EXPECT("[0]", FORWARD "9-0" INVALID "0", drain_settle_lua);
    EXPECT("1", "XLEN dead");
}

static void dead_letters_are_trimmed(void **state)
{
    (void)state;
    for (int i = 0; i < 450; i++)
        freeReplyObject(redis_server_ask(&shared_server, "XADD dead * f v"));
    EXPECT("[]", SETTLE "1-0" INVALID "0", drain_settle_lua);
    redis_server_expect_between(&shared_server, 100, 200, "XLEN dead");
}

/* They matter to a batch that has one. */
static void dead_letters_that_cannot_be_written(void **state)
{
    (void)state;
    EXPECT("OK", "SET dead x");
    EXPECT("-dead is a string, not a stream", SETTLE "1-0" ONE "0 2-0" INVALID "0",
           drain_settle_lua);
    EXPECT("0", "EXISTS audit");
    EXPECT("[]", SETTLE "1-0" ONE "0 0", drain_settle_lua);
    EXPECT("1", "DEL dead");
    freeReplyObject(redis_server_ask(&shared_server, "XADD dead 18446744073709551615-1 f v"));
    EXPECT("-dead has come to its last id", SETTLE "2-0" INVALID "0", drain_settle_lua);
    EXPECT("1", "DEL dead");
    EXPECT("OK", "ACL SETUSER default resetkeys ~s ~audit %%R~dead %%RW~x");
    EXPECT("-NOPERM", SETTLE "2-0" INVALID "0", drain_settle_lua);
    EXPECT("OK", "ACL SETUSER default ~*");
    EXPECT("1", "XLEN audit");
    EXPECT("[2 2-0 3-0 [[me 1] [other 1]]]", "XPENDING s g");
}

static void nothing_is_written_when_something_is_wrong(void **state)
{
    static const char *const keys[] = {"audit", "out"};

    (void)state;
    for (size_t i = 0; i < COUNT(keys); i++) {
        char answer[64];
        EXPECT("OK", "SET %s x", keys[i]);
        (void)snprintf(answer, sizeof answer, "-%s is a string, not a stream", keys[i]);
        EXPECT(answer, FORWARD "1-0" ONE "2 f v 0", drain_settle_lua);
        EXPECT("1", "DEL %s", keys[i]);
        freeReplyObject(
            redis_server_ask(&shared_server, "XADD %s 18446744073709551615-1 f v", keys[i]));
        EXPECT("-", FORWARD "1-0" ONE "2 f v 0", drain_settle_lua);
        EXPECT("1", "DEL %s", keys[i]);
    }
    EXPECT("0", "EXISTS audit out");
    EXPECT("[3 1-0 3-0 [[me 2] [other 1]]]", "XPENDING s g");
    EXPECT("1", "XGROUP DESTROY s g");
    EXPECT("-NOGROUP", FORWARD "1-0" ONE "2 f v 0", drain_settle_lua);
    EXPECT("0", "EXISTS audit out");
}

static void what_is_not_allowed_changes_nothing(void **state)
{
    static const char *const commands[] = {"xadd", "xack"};

    (void)state;
    for (size_t i = 0; i < COUNT(commands); i++) {
        EXPECT("OK", "ACL SETUSER default -%s", commands[i]);
        EXPECT("-NOPERM", FORWARD "1-0" ONE "2 f v 0", drain_settle_lua);
        EXPECT("OK", "ACL SETUSER default +@all");
        EXPECT("0", "EXISTS audit out");
    }
    EXPECT("[3 1-0 3-0 [[me 2] [other 1]]]", "XPENDING s g");
}

/* The audit comes first and the ACK last: what fails midway is pending yet, and nothing of it is
 * forwarded without a line about it. */
static void what_fails_midway_is_still_pending(void **state)
{
    (void)state;
    EXPECT("-", "EVAL %s 4 s audit dead out g me -1 100 now r1 1-0" ONE "2 f v 2-0" ONE "2 f v 0",
           drain_settle_lua);
    EXPECT("0", "EXISTS out");
    EXPECT("[3 1-0 3-0 [[me 2] [other 1]]]", "XPENDING s g");
    EXPECT("-", FORWARD "1-0" ONE "3 f v g 0", drain_settle_lua); /* a field without a value */
    EXPECT("1", "XLEN audit");
    EXPECT("[3 1-0 3-0 [[me 2] [other 1]]]", "XPENDING s g");
}

static void a_batch_of_hundreds(void **state)
{
    struct command command = {0};

    (void)state;
    for (int i = 10; i < 2510; i++)
        freeReplyObject(redis_server_ask(&shared_server, "XADD s %d-0 f v", i));
    freeReplyObject(
        redis_server_ask(&shared_server, "XREADGROUP GROUP g me COUNT 2500 STREAMS s >"));
    command_add_all(&command, "EVAL", drain_settle_lua, "3", "s", "audit", "dead", "g", "me",
                    "9999", "100", "now", "r1", NULL);
    for (int i = 10; i < 2510; i++) {
        command_add_format(&command, "%d-0", i);
        command_add_all(&command, "S", "1.0", "", "dropped_old", "0", NULL);
    }
    command_add(&command, "0");
    redisReply *reply = redis_server_send(&shared_server, &command);
    assert_string_equal(reply_shown(reply), "[]");
    freeReplyObject(reply);
    EXPECT("2500", "XLEN audit");
    EXPECT("[3 1-0 3-0 [[me 2] [other 1]]]", "XPENDING s g");
}

/* H2: Redis' clock was set back since one was too old. */
static void a_drop_that_holds_no_more(void **state)
{
    int64_t told_ms;

    (void)state;
    redisReply *reply =
        redis_server_ask(&shared_server, SETTLE "1-0" ONE "0 2-0" OLD FAR_AHEAD, drain_settle_lua);
    assert_true(reply_is_text(reply_element(reply, 0), "again"));
    assert_true(redis_clock_read(reply, 1, &told_ms));
    freeReplyObject(reply);
    EXPECT("0", "EXISTS audit");
    EXPECT("[3 1-0 3-0 [[me 2] [other 1]]]", "XPENDING s g");
    EXPECT("[]", SETTLE "1-0" ONE "0 2-0" OLD "1", drain_settle_lua);
    EXPECT("2", "XLEN audit");
}

/* F52 */
static void nobody_leaves_something_pending_behind(void **state)
{
    (void)state;
    EXPECT("3", "EVAL %s 1 s g me 0", drain_leave_lua);
    EXPECT("[3 1-0 3-0 [[me 2] [other 1]]]", "XPENDING s g");
    EXPECT("2", "XACK s g 1-0 2-0");
    EXPECT("1", "EVAL %s 1 s g me 1", drain_leave_lua);
    EXPECT("0", "XGROUP DELCONSUMER s g me");
    EXPECT("1", "XACK s g 3-0");
    EXPECT("0", "EVAL %s 1 s g me 0", drain_leave_lua);
    EXPECT("-1", "EVAL %s 1 s g me 1", drain_leave_lua);
    EXPECT("0", "XGROUP DESTROY s g");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_ours_is_audited_and_acked, renew),
        cmocka_unit_test_setup(what_is_not_ours_is_left_alone, renew),
        cmocka_unit_test_setup(a_survivor_is_forwarded_with_its_ack, renew),
        cmocka_unit_test_setup(what_is_invalid_is_a_dead_letter, renew),
        cmocka_unit_test_setup(dead_letters_are_trimmed, renew),
        cmocka_unit_test_setup(dead_letters_that_cannot_be_written, renew),
        cmocka_unit_test_setup(nothing_is_written_when_something_is_wrong, renew),
        cmocka_unit_test_setup(what_is_not_allowed_changes_nothing, renew),
        cmocka_unit_test_setup(what_fails_midway_is_still_pending, renew),
        cmocka_unit_test_setup(a_batch_of_hundreds, renew),
        cmocka_unit_test_setup(a_drop_that_holds_no_more, renew),
        cmocka_unit_test_setup(nobody_leaves_something_pending_behind, renew),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, shared_server_start, shared_server_stop);
}
