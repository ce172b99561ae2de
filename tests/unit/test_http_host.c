/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/service/http_host.h"

static void names_of_this_machine(void **state)
{
    static const char *const ours[] = {
        "localhost",
        "LOCALHOST:8058",
        "localhost:",
        "127.0.0.1",
        "127.0.0.1:8058",
        "127.1.2.3:1",
        "[::1]",
        "[::1]:65535",
        "[0:0:0:0:0:0:0:1]:80",
        "[::ffff:127.0.0.1]:80",
    };

    (void)state;
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (!http_host_is_ours(ours[i], NULL))
            fail_msg("'%s' is ours", ours[i]);
}

static void names_of_others(void **state)
{
    static const char *const others[] = {
        "",
        ":8058",
        "evil.example",
        "evil.example:8058",
        "localhost.evil.example",
        "localhost.",
        "127.0.0.1.evil.example",
        "128.0.0.1",
        "10.127.0.1",
        "0.0.0.0",
        "0:8058",
        "127.1",
        "2130706433",
        "127.0.0.1:80:80",
        "127.0.0.1:x",
        "127.0.0.1:123456",
        "127.0.0.1 ",
        " localhost",
        "localhost,evil",
        "user@localhost",
        "localhost/",
        "::1",
        "[::1",
        "[::1]x",
        "[::1]:x",
        "[::2]",
        "[::]",
        "[]",
        "[127.0.0.1]",
        "[localhost]",
        "[::ffff:10.0.0.1]",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    };

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (http_host_is_ours(others[i], NULL))
            fail_msg("'%s' is not ours", others[i]);
}

static void is_asked_for_on_a_loopback_address_only(void **state)
{
    struct listen_address address;

    (void)state;
    assert_true(listen_address_read("localhost:80", &address) && http_host_is_needed(&address));
    assert_true(listen_address_read("127.9.9.9:80", &address) && http_host_is_needed(&address));
    assert_true(listen_address_read("[::1]:80", &address) && http_host_is_needed(&address));
    assert_true(listen_address_read("0.0.0.0:80", &address) && !http_host_is_needed(&address));
    assert_true(listen_address_read("10.0.0.1:80", &address) && !http_host_is_needed(&address));
    assert_true(listen_address_read("[::]:80", &address) && !http_host_is_needed(&address));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_this_machine),
        cmocka_unit_test(names_of_others),
        cmocka_unit_test(is_asked_for_on_a_loopback_address_only),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
