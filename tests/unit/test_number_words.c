/* SPDX-License-Identifier: MIT */
/* NaN and its like, where a value stands and nowhere else. */
#include "common/trade/number_words.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/support.h"

#define M "\"\x7f\""

static void expect_replaced(const char *text, const char *wanted)
{
    char *replaced = number_words_replace(text, strlen(text));

    if (!replaced)
        fail_msg("nothing to replace: %s", text);
    assert_int_equal(memcmp(replaced, wanted, strlen(text)), 0);
    free(replaced);
}

static void words_become_marks_of_their_length(void **state)
{
    (void)state;
    expect_replaced("{\"a\":NaN}", "{\"a\":" M "}");
    expect_replaced("{\"a\": Infinity ,\"b\":\n-Infinity\t}",
                    "{\"a\": " M "      ,\"b\":\n" M "      \t}");
    expect_replaced("[NaN,NaN,[ NaN ]]", "[" M "," M ",[ " M " ]]");
    expect_replaced("{\"NaN\":\"NaN\",\"b\\\"\":NaN}", "{\"NaN\":\"NaN\",\"b\\\"\":" M "}");
}

static void all_else_stays_as_it_is(void **state)
{
    static const char *const texts[] = {"",
                                        "NaN",
                                        "{\"a\":1}",
                                        "{\"a\":\"NaN\"}",
                                        "{NaN:1}",
                                        "{NaN :1}",
                                        "{\"a\":NaNs}",
                                        "[1NaN]",
                                        "[+Infinity]",

                                        "[nan]",
                                        "[--Infinity]",
                                        "[\"NaN]",
                                        "[\"\\\",NaN]",
                                        "[Inf]",
                                        "{\"a\":Infini"};

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++)
        assert_null(number_words_replace(texts[i], strlen(texts[i])));
}

static void a_mark_is_known_again(void **state)
{
    char *replaced = number_words_replace("[NaN,\"NaN\"]", 11);
    json_t *list = json_loadb(replaced, 11, 0, NULL);

    (void)state;
    assert_true(number_words_is_mark(json_string_value(json_array_get(list, 0))));
    assert_false(number_words_is_mark(json_string_value(json_array_get(list, 1))));
    assert_false(number_words_is_mark(""));
    json_decref(list);
    free(replaced);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_become_marks_of_their_length),
        cmocka_unit_test(all_else_stays_as_it_is),
        cmocka_unit_test(a_mark_is_known_again),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("number_words", tests, NULL, NULL);
}
