/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/token.h"

static void is_32_digits_in_hexadecimal(void **state)
{
    char token[TOKEN_MAX];

    (void)state;
    token_draw(token);
    assert_int_equal(strlen(token), TOKEN_MAX - 1);
    assert_int_equal(strspn(token, "0123456789abcdef"), TOKEN_MAX - 1);
}

static void no_two_are_the_same(void **state)
{
    enum { MANY = 200 };
    char tokens[MANY][TOKEN_MAX];

    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        token_draw(tokens[i]);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(tokens[i], tokens[j]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_32_digits_in_hexadecimal),
        cmocka_unit_test(no_two_are_the_same),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("test_token", tests, NULL, NULL);
}
