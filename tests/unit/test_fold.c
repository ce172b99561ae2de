/* SPDX-License-Identifier: MIT */
#include "ctl/frame/fold.h"

#include <stdlib.h>

#include "ctl/status/screen.h"
#include "tests/unit/support.h"

struct page {
    char *text;
    size_t length;
    FILE *out;
};

static void open_page(struct page *page)
{
    page->out = open_memstream(&page->text, &page->length);
    assert_non_null(page->out);
}

static void expect_page(struct page *page, const char *expected)
{
    assert_int_equal(fclose(page->out), 0);
    assert_string_equal(page->text, expected);
    free(page->text);
}

static void expect_folded(const char *text, size_t columns, const char *expected)
{
    struct page page;

    open_page(&page);
    fold_print(page.out, text, columns);
    expect_page(&page, expected);
}

static void expect_drawn(const char *text, size_t columns, size_t rows, const char *expected)
{
    struct page page;

    open_page(&page);
    screen_draw(page.out, text, columns, rows);
    expect_page(&page, expected);
}

static void test_what_fits_stays(void **state)
{
    (void)state;
    expect_folded("one two\n\nthree\n", 7, "one two\n\nthree\n");
    expect_folded("öäü ß\n", 5, "öäü ß\n");
    expect_folded("\033[1;31mred\033[0m is it\n", 9, "\033[1;31mred\033[0m is it\n");
    expect_folded("", 5, "");
}

static void test_lines_break_at_blanks(void **state)
{
    (void)state;
    expect_folded("one two three\n", 8, "one two\nthree\n");
    expect_folded("pace  one two three\n", 14, "pace  one two\n      three\n");
    expect_folded("  - one two three\n", 12, "  - one two\n    three\n");
    expect_folded("      --flag    one two\n", 20, "      --flag    one\n        two\n");
    expect_folded("      --f  one two\n", 23, "      --f  one two\n");
}

static void test_a_long_word_is_cut(void **state)
{
    (void)state;
    expect_folded("abcdefgh\n", 3, "abc\ndef\ngh\n");
    expect_folded("ööö\n", 2, "öö\nö\n");
}

static void test_paragraphs_are_broken_again(void **state)
{
    struct page page;

    (void)state;
    open_page(&page);
    fold_print_paragraphs(page.out, "aa bb cc\ndd ee\n\nExamples:\n  ff\n", 6);
    expect_page(&page, "aa bb\ncc dd\nee\n\nExampl\nes:\n  ff\n");
    open_page(&page);
    fold_print_paragraphs(page.out, "aa bb cc\ndd ee\n", 8);
    expect_page(&page, "aa bb cc\ndd ee\n");
}

static void test_a_screen_leaves_out_what_has_no_room(void **state)
{
    (void)state;
    expect_drawn("a\nb\nc\n", 10, 4, "\033[Ha\033[K\nb\033[K\nc\033[K\n\033[J");
    expect_drawn("a\nb\nc\nd\ne\n", 10, 5,
                 "\033[Ha\033[K\nb\033[K\n… 2 more lines\033[K\ne\033[K\n\033[J");
    expect_drawn("a\nbbbbb\nc\nd\n", 3, 5, "\033[Ha\033[K\n… 2 more lines\033[K\nd\033[K\n\033[J");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_fits_stays),
        cmocka_unit_test(test_lines_break_at_blanks),
        cmocka_unit_test(test_a_long_word_is_cut),
        cmocka_unit_test(test_paragraphs_are_broken_again),
        cmocka_unit_test(test_a_screen_leaves_out_what_has_no_room),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
