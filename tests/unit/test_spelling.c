/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/spelling.h"

static size_t distance(const char *word, const char *other)
{
    return spelling_distance(word, strlen(word), other, strlen(other));
}

static void counts_edits(void **state)
{
    (void)state;
    assert_int_equal(distance("", ""), 0);
    assert_int_equal(distance("max_open", "max_open"), 0);
    assert_int_equal(distance("max_opn", "max_open"), 1);
    assert_int_equal(distance("max_openn", "max_open"), 1);
    assert_int_equal(distance("mex_open", "max_open"), 1);
    assert_int_equal(distance("max_opne", "max_open"), 1);
    assert_int_equal(distance("drian", "drain"), 1);
    assert_int_equal(distance("abdc", "abcd"), 1);
    assert_int_equal(distance("amx_poen", "max_open"), 2);
    assert_int_equal(distance("sitting_it", "kitten_it"), 3);
}

static void a_third_may_differ(void **state)
{
    (void)state;
    assert_int_equal(distance("xbc", "abc"), 1);
    assert_int_equal(distance("xyc", "abc"), SIZE_MAX);
    assert_int_equal(distance("b", "a"), SIZE_MAX);
    assert_int_equal(distance("", "ab"), SIZE_MAX);
    assert_int_equal(distance("", "abc"), SIZE_MAX);
    assert_int_equal(distance("a", ""), SIZE_MAX);
}

static void long_words_are_like_no_other(void **state)
{
    char word[SPELLING_WORD_MAX + 2];

    (void)state;
    memset(word, 'a', sizeof word);
    assert_int_equal(spelling_distance(word, SPELLING_WORD_MAX, word, SPELLING_WORD_MAX), 0);
    assert_int_equal(spelling_distance(word, SPELLING_WORD_MAX + 1, word, SPELLING_WORD_MAX),
                     SIZE_MAX);
    assert_int_equal(spelling_distance(word, SPELLING_WORD_MAX, word, SPELLING_WORD_MAX + 1),
                     SIZE_MAX);
}

/* The first of several alike; one that is like none stays without. */
static void finds_the_most_similar(void **state)
{
    struct spelling_search search = spelling_search("targte");

    (void)state;
    assert_false(spelling_is_nearer(&search, "capacity", 8));
    assert_true(spelling_is_nearer(&search, "tarxxe", 6));
    assert_true(spelling_is_nearer(&search, "target.open", 6));
    assert_false(spelling_is_nearer(&search, "targtx", 6));
    assert_true(spelling_is_nearer(&search, "targte", 6));
    assert_false(spelling_is_nearer(&search, "targte", 6));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_edits),
        cmocka_unit_test(a_third_may_differ),
        cmocka_unit_test(long_words_are_like_no_other),
        cmocka_unit_test(finds_the_most_similar),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
