/* SPDX-License-Identifier: MIT */
/* Linked with common/service/http_none.c: a build that was made without HTTP. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/service/http.h"

static void test_nothing_happens(void **state)
{
    const struct http_config config = {0};
    const struct listen_address address = {0};
    uv_loop_t loop;

    (void)state;
    assert_false(http_is_built_in());
    assert_int_equal(uv_loop_init(&loop), 0);
    struct http *http = http_new(&loop, &config);
    assert_null(http);
    http_open(http, &address);
    http_close(http);
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_happens),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
