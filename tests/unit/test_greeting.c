/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "tests/unit/link_witness.h"

/* Greets a server that answers so; says what becomes of it. */
static void expect_after(const struct fake_answer *answers, const char *user, const char *password,
                         const char *heard, const char *story)
{
    struct witness witness;

    witness_begin(&witness);
    fake_listen(&witness.fake);
    witness.fake.answers = answers;
    witness.address.user = user ? memory_text(user) : NULL;
    witness.address.password = password ? memory_text(password) : NULL;
    witness.address.database = 3;
    witness_open(&witness);
    while (witness.ups + witness.downs == 0)
        (void)uv_run(&witness.loop, UV_RUN_ONCE);
    witness_expect(&witness, story);
    assert_string_equal(witness.fake.heard, heard);
    witness_end(&witness);
}

#define AFTER_LOGIN "CLIENT SETNAME test\nSELECT 3\nINFO server\nPING\n"

static void logs_in(void **state)
{
    (void)state;
    expect_after(NULL, NULL, NULL, AFTER_LOGIN, "up");
    expect_after(NULL, NULL, "pass", "AUTH pass\n" AFTER_LOGIN, "up");
    expect_after(NULL, "user", "pass", "AUTH user pass\n" AFTER_LOGIN, "up");
    expect_after(NULL, "user", "", "AUTH user \n" AFTER_LOGIN, "up");
}

static void a_user_alone_does_not_log_in(void **state)
{
    (void)state;
    expect_after(NULL, "user", NULL, AFTER_LOGIN, "up");
}

static void expect_complaint(const char *command, const char *reply, const char *complaint)
{
    const struct fake_answer answers[] = {{command, reply}, {NULL, NULL}};

    expect_after(answers, NULL, "pass", "AUTH pass\n" AFTER_LOGIN, complaint);
}

static void says_what_redis_objects_to(void **state)
{
    (void)state;
    expect_complaint("AUTH", "-WRONGPASS invalid username-password pair\r\n",
                     "down: WRONGPASS invalid username-password pair");
    expect_complaint("SELECT", "-ERR DB index is out of range\r\n",
                     "down: ERR DB index is out of range");
    expect_complaint("PING", "-LOADING Redis is loading the dataset in memory\r\n",
                     "down: LOADING Redis is loading the dataset in memory");
    expect_complaint("PING", "-MASTERDOWN Link with MASTER is down\r\n",
                     "down: MASTERDOWN Link with MASTER is down");
    expect_complaint("PING", ":1\r\n", "down: Redis sent a reply of an unexpected shape");
    expect_complaint("AUTH", "+QUEUED\r\n", "down: Redis sent a reply of an unexpected shape");
}

static void the_first_objection_counts(void **state)
{
    const struct fake_answer answers[] = {
        {"AUTH", "-WRONGPASS no\r\n"}, {"", "-NOAUTH Authentication required.\r\n"}, {NULL, NULL}};

    (void)state;
    expect_after(answers, NULL, "pass", "AUTH pass\n" AFTER_LOGIN, "down: WRONGPASS no");
}

static void cuts_a_long_objection(void **state)
{
    char reply[400] = "-";
    char story[200] = "down: ";

    (void)state;
    memset(reply + 1, 'x', 300);
    memcpy(reply + 301, "\r\n", 3);
    memset(story + 6, 'x', 159);
    expect_complaint("PING", reply, story);
}

static void courtesies_may_be_refused(void **state)
{
    (void)state;
    expect_complaint("CLIENT", "-NOPERM this user has no permissions\r\n", "up");
    expect_complaint("INFO", "-NOPERM this user has no permissions\r\n", "up");
    expect_complaint("INFO", "*0\r\n", "up");
}

#define BULK(length, text) "$" #length "\r\n" text "\r\n"

static void needs_redis_7(void **state)
{
    (void)state;
    expect_complaint("INFO", BULK(30, "# Server\r\nredis_version:6.2.14"),
                     "down: Redis 6.2.14 is too old: 7.0 or later is needed");
    expect_complaint("INFO", BULK(37, "# Server\r\nredis_version:5.0.3\r\nos:x\r\n"),
                     "down: Redis 5.0.3 is too old: 7.0 or later is needed");
    expect_complaint("INFO", BULK(19, "redis_version:7.0.0"), "up");
    expect_complaint("INFO", BULK(19, "redis_version:8.0.1"), "up");
    expect_complaint("INFO", BULK(20, "redis_version:10.0.1"), "up");
    expect_complaint("INFO", BULK(22, "redis_version:unstable"), "up");
}

static void a_version_may_be_missing(void **state)
{
    (void)state;
    expect_complaint("INFO", BULK(0, ""), "up");
    expect_complaint("INFO", BULK(14, "redis_version:"), "up");
    expect_complaint("INFO", BULK(15, "redis_version:6"), "up");
    expect_complaint("INFO", BULK(10, "# Server\r\n"), "up");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logs_in),
        cmocka_unit_test(a_user_alone_does_not_log_in),
        cmocka_unit_test(says_what_redis_objects_to),
        cmocka_unit_test(the_first_objection_counts),
        cmocka_unit_test(cuts_a_long_objection),
        cmocka_unit_test(courtesies_may_be_refused),
        cmocka_unit_test(needs_redis_7),
        cmocka_unit_test(a_version_may_be_missing),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
