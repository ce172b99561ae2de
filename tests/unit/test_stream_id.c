/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/stream_id.h"

static void expect_id(const char *text, uint64_t ms, uint64_t sequence)
{
    struct stream_id id;
    assert_true(stream_id_read(text, strlen(text), &id));
    assert_true(id.ms == ms);
    assert_true(id.sequence == sequence);
    char printed[STREAM_ID_TEXT_MAX];
    stream_id_print(id, printed);
    assert_string_equal(printed, text);
}

static void reads_and_prints_ids(void **state)
{
    (void)state;
    expect_id("0-0", 0, 0);
    expect_id("0-1", 0, 1);
    expect_id("1768824000000-0", 1768824000000, 0);
    expect_id("18446744073709551615-18446744073709551615", UINT64_MAX, UINT64_MAX);
}

static void refuses_what_is_no_id(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "-",
        "1",
        "1-",
        "-1",
        "1-2-3",
        "01-1",
        "1-01",
        "00-0",
        "+1-1",
        "1-+1",
        "1--1",
        " 1-1",
        "1-1 ",
        "1 -1",
        "a-1",
        "1-a",
        "*",
        "$",
        "0x1-1",
        "18446744073709551616-0",
        "0-18446744073709551616",
        "99999999999999999999-0",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct stream_id id = {47, 11};
        assert_false(stream_id_read(texts[i], strlen(texts[i]), &id));
        assert_true(id.ms == 47 && id.sequence == 11);
    }
}

static void reads_no_further_than_told(void **state)
{
    (void)state;
    struct stream_id id;
    assert_true(stream_id_read("12-345", 4, &id));
    assert_true(id.ms == 12 && id.sequence == 3);
    assert_false(stream_id_read("12-345", 2, &id));
    assert_false(stream_id_read("1-1\0", 4, &id));
}

static int compare(uint64_t a_ms, uint64_t a_sequence, uint64_t b_ms, uint64_t b_sequence)
{
    return stream_id_compare((struct stream_id){a_ms, a_sequence},
                             (struct stream_id){b_ms, b_sequence});
}

static void compares_ms_first(void **state)
{
    (void)state;
    assert_true(compare(1, 9, 2, 0) < 0);
    assert_true(compare(2, 0, 1, 9) > 0);
    assert_true(compare(1, 1, 1, 2) < 0);
    assert_true(compare(1, 2, 1, 1) > 0);
    assert_int_equal(compare(5, 5, 5, 5), 0);
    assert_true(compare(UINT64_MAX, 0, 0, UINT64_MAX) > 0);
}

static void expect_before(uint64_t ms, uint64_t sequence, const char *expected)
{
    char text[STREAM_ID_TEXT_MAX];

    stream_id_print(stream_id_before((struct stream_id){ms, sequence}), text);
    assert_string_equal(text, expected);
}

static void steps_back(void **state)
{
    (void)state;
    expect_before(5, 3, "5-2");
    expect_before(5, 1, "5-0");
    expect_before(5, 0, "4-18446744073709551615");
    expect_before(0, 1, "0-0");
    expect_before(0, 0, "0-0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_prints_ids),
        cmocka_unit_test(refuses_what_is_no_id),
        cmocka_unit_test(reads_no_further_than_told),
        cmocka_unit_test(compares_ms_first),
        cmocka_unit_test(steps_back),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
