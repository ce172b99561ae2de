/* SPDX-License-Identifier: MIT */
#include "common/redis/reply.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/support.h"

static void expect(const char *said, const char *reason)
{
    redisContext context = {.err = REDIS_ERR_IO};

    (void)snprintf(context.errstr, sizeof context.errstr, "%s", said);
    assert_string_equal(connection_reason(&context), reason);
}

static void success_is_no_reason(void **state)
{
    (void)state;
    expect("Success", "the connection broke, and the system does not say why");
    expect(strerror(0), "the connection broke, and the system does not say why");
    expect("", "the connection broke, and the system does not say why");
}

static void a_foreign_protocol_is_named(void **state)
{
    (void)state;
    expect("Protocol error, got \"\\x15\" as reply type byte",
           "what listens there speaks TLS, and was spoken to without");
    expect("Protocol error, got \"\\x16\" as reply type byte",
           "what listens there speaks TLS, and was spoken to without");
    expect("Protocol error, got \"H\" as reply type byte",
           "what listens there speaks HTTP, and is no Redis");
    expect("Out of memory", "what listens there sent more than there is room for, or unasked");
}

static void what_is_said_stays(void **state)
{
    (void)state;
    expect("Connection refused", "Connection refused");
    expect("Protocol error, got \"x\" as reply type byte",
           "Protocol error, got \"x\" as reply type byte");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(success_is_no_reason),
        cmocka_unit_test(a_foreign_protocol_is_named),
        cmocka_unit_test(what_is_said_stays),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
