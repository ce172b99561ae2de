/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ctl/frame/command.h"
#include "tests/unit/support.h"

static void expect_advice(const char *reason, const char *part)
{
    assert_non_null(strstr(advice_on(reason), part));
}

static void test_by_kind(void **state)
{
    (void)state;
    expect_advice("NOAUTH Authentication required.", "redis.password_file");
    expect_advice("WRONGPASS invalid username-password pair or user is disabled.",
                  "correct the password");
    expect_advice("NOPERM this user has no permissions to run the 'ping' command",
                  "a user who may");
    expect_advice("ERR AUTH <password> called without any password configured", "no password");
    expect_advice("ERR DB index is out of range", "another database");
    expect_advice("Permission denied", "group of the socket");
    expect_advice("no answer in time", "overloaded");
    expect_advice("Name or service not known", "correct its name");
    expect_advice("Temporary failure in name resolution", "name server");
    expect_advice("LOADING Redis is loading the dataset in memory", "wait");
}

/* Whatever is nobody's fault but that it is not there. */
static void test_others(void **state)
{
    static const char *const reasons[] = {"Connection refused", "No such file or directory", "",
                                          "Connection reset by peer"};

    (void)state;
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        expect_advice(reasons[i], "start it, or name another");
    expect_advice("Connection refused", "systemctl enable --now redis-server");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_kind),
        cmocka_unit_test(test_others),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
