/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/service/listen_address.h"

static void expect_v4(const char *text, const char *host, unsigned port)
{
    struct listen_address address;
    char shown[INET_ADDRSTRLEN];

    assert_true(listen_address_read(text, &address));
    assert_int_equal(address.socket.any.sa_family, AF_INET);
    assert_int_equal(address.length, sizeof address.socket.v4);
    assert_int_equal(ntohs(address.socket.v4.sin_port), port);
    assert_non_null(inet_ntop(AF_INET, &address.socket.v4.sin_addr, shown, sizeof shown));
    assert_string_equal(shown, host);
}

static void expect_v6(const char *text, const char *host, unsigned port)
{
    struct listen_address address;
    char shown[INET6_ADDRSTRLEN];

    assert_true(listen_address_read(text, &address));
    assert_int_equal(address.socket.any.sa_family, AF_INET6);
    assert_int_equal(address.length, sizeof address.socket.v6);
    assert_int_equal(ntohs(address.socket.v6.sin6_port), port);
    assert_non_null(inet_ntop(AF_INET6, &address.socket.v6.sin6_addr, shown, sizeof shown));
    assert_string_equal(shown, host);
}

static void test_addresses(void **state)
{
    (void)state;
    expect_v4("127.0.0.1:8058", "127.0.0.1", 8058);
    expect_v4("0.0.0.0:1", "0.0.0.0", 1);
    expect_v4("localhost:65535", "127.0.0.1", 65535);
    expect_v6("[::1]:8058", "::1", 8058);
    expect_v6("[::]:8058", "::", 8058);
    expect_v6("[fe80::1]:99", "fe80::1", 99);
}

static void test_what_is_none(void **state)
{
    static const char *const texts[] = {
        "",
        ":",
        "8058",
        ":8058",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "127.0.0.1:-1",
        "127.0.0.1:+1",
        "127.0.0.1: 1",
        "127.0.0.1:0x50",
        "127.0.0.1:99999999999999999999",
        "127.1:8058",
        "example.org:8058",
        "::1:8058",
        "[::1]",
        "[]:8058",
        "[::1:8058",
        "::1]:8058",
        "[127.0.0.1]:8058",
        "[localhost]:8058",
        "http://127.0.0.1:8058",
        "1111111111111111111111111111111111111111111111111111111111111111111111111:1",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct listen_address address = {.length = 7};
        if (listen_address_read(texts[i], &address))
            fail_msg("'%s' was taken", texts[i]);
        assert_int_equal(address.length, 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_what_is_none),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
