/* SPDX-License-Identifier: MIT */
#include "ctl/frame/sheet.h"

#include <stdint.h>
#include <stdlib.h>

#include "tests/unit/support.h"

static const char *const titles[] = {"<name", "count", "<word", NULL};

static void expect_printed(const struct sheet *sheet, const struct terminal *terminal,
                           const char *expected)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    assert_non_null(out);
    sheet_print(sheet, out, terminal);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, expected);
    free(text);
}

static void fill(struct sheet *sheet)
{
    sheet_init(sheet, titles);
    sheet_add(sheet, "abcdefghijklmnopqrstuvwxyz");
    sheet_add_count(sheet, 7);
    sheet_add(sheet, "x");
    sheet_add(sheet, "é");
    sheet_add_count(sheet, -1);
    sheet_add(sheet, "");
}

static void test_columns_align(void **state)
{
    const struct terminal pipe = {.columns = SIZE_MAX};
    struct sheet sheet;

    (void)state;
    fill(&sheet);
    expect_printed(&sheet, &pipe,
                   "name                        count  word\n"
                   "abcdefghijklmnopqrstuvwxyz      7  x\n"
                   "é                               -\n");
    sheet_deinit(&sheet);
}

static void test_the_first_gives_way(void **state)
{
    const struct terminal narrow = {.columns = 30};
    struct sheet sheet;

    (void)state;
    fill(&sheet);
    expect_printed(&sheet, &narrow,
                   "name               count  word\n"
                   "abcde…pqrstuvwxyz      7  x\n"
                   "é                      -\n");
    sheet_deinit(&sheet);
}

static void test_names_give_way_last(void **state)
{
    const struct terminal narrow = {.columns = 42}, narrower = {.columns = 38};
    static const char *const named[] = {"<name", "<said", NULL};
    struct sheet sheet;

    (void)state;
    sheet_init(&sheet, named);
    sheet_add(&sheet, "a-name-of-24-characters!");
    sheet_add(&sheet, "words that go on and on without an end");
    expect_printed(&sheet, &narrow,
                   "name                      said\n"
                   "a-name-of-24-characters!  words…out an end\n");
    expect_printed(&sheet, &narrower,
                   "name                  said\n"
                   "a-name…4-characters!  words…out an end\n");
    sheet_deinit(&sheet);
}

static void test_colors(void **state)
{
    const struct terminal bright = {.has_colors = true, .columns = SIZE_MAX};
    struct sheet sheet;

    (void)state;
    sheet_init(&sheet, titles);
    sheet_add(&sheet, "a");
    sheet_add_span(&sheet, 60000);
    sheet_add(&sheet, "b");
    sheet_color(&sheet, COLOR_GREEN);
    expect_printed(&sheet, &bright,
                   "\033[1mname  count  word\033[0m\n\033[32ma        1m  b\033[0m\n");
    sheet_deinit(&sheet);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns_align),
        cmocka_unit_test(test_the_first_gives_way),
        cmocka_unit_test(test_names_give_way_last),
        cmocka_unit_test(test_colors),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
