/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/escape.h"

static void expect_bytes(const char *bytes, size_t length, const char *expected)
{
    char text[256];
    size_t written = escape(bytes, length, length, text, sizeof(text));
    assert_string_equal(text, expected);
    assert_int_equal(written, strlen(expected));
}

static void expect_escaped(const char *bytes, const char *expected)
{
    expect_bytes(bytes, strlen(bytes), expected);
}

static void leaves_printable_text(void **state)
{
    (void)state;
    expect_escaped("", "");
    expect_escaped("BTCUSDT BUY 'x' \"y\"", "BTCUSDT BUY 'x' \"y\"");
    expect_escaped("żółw → 🚀 日本", "żółw → 🚀 日本");
    expect_escaped("\xc2\xa0", "\xc2\xa0");
    expect_escaped("\xf4\x8f\xbf\xbd", "\xf4\x8f\xbf\xbd");
}

static void escapes_controls(void **state)
{
    (void)state;
    expect_escaped("a\nb\r\t\x1b[31m\x7f", "a\\x0ab\\x0d\\x09\\x1b[31m\\x7f");
    expect_bytes("a\0b", 3, "a\\x00b");
    expect_escaped("C:\\x", "C:\\\\x");
    expect_escaped("\xc2\x80\xc2\x9f", "\\xc2\\x80\\xc2\\x9f");
}

static void escapes_what_turns_or_breaks_text(void **state)
{
    (void)state;
    expect_escaped("\u202a\u202e", "\\xe2\\x80\\xaa\\xe2\\x80\\xae");
    expect_escaped("\u2066\u2069", "\\xe2\\x81\\xa6\\xe2\\x81\\xa9");
    expect_escaped("\u200e\u200f", "\\xe2\\x80\\x8e\\xe2\\x80\\x8f");
    expect_escaped("\u061c", "\\xd8\\x9c");
    expect_escaped("\u2028\u2029", "\\xe2\\x80\\xa8\\xe2\\x80\\xa9");
    expect_escaped("\ufeff", "\\xef\\xbb\\xbf");
    expect_escaped("\u2027\u202f\u2070", "\u2027\u202f\u2070");
}

/* Two names that look the same are not: what a reader does not see is spelt out. */
static void escapes_what_nobody_sees(void **state)
{
    (void)state;
    expect_escaped("BTC\u200bUSDT", "BTC\\xe2\\x80\\x8bUSDT");
    expect_escaped("a\u00ad\u034f\u200d", "a\\xc2\\xad\\xcd\\x8f\\xe2\\x80\\x8d");
    expect_escaped("\u2060\u206f\u3164", "\\xe2\\x81\\xa0\\xe2\\x81\\xaf\\xe3\\x85\\xa4");
    expect_escaped("\ufe0f\ufff9", "\\xef\\xb8\\x8f\\xef\\xbf\\xb9");
    expect_escaped("\U000e0041\U000e0fff", "\\xf3\\xa0\\x81\\x81\\xf3\\xa0\\xbf\\xbf");
    expect_escaped("\u00ac\u00ae\ufe10\U000e1000", "\u00ac\u00ae\ufe10\U000e1000");
}

static void escapes_invalid_utf8(void **state)
{
    (void)state;
    expect_escaped("\x80", "\\x80");
    expect_escaped("\xc0\xaf", "\\xc0\\xaf");
    expect_escaped("\xe0\x80\xaf", "\\xe0\\x80\\xaf");
    expect_escaped("\xed\xa0\x80", "\\xed\\xa0\\x80");
    expect_escaped("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
    expect_escaped("\xf8\x88", "\\xf8\\x88");
    expect_escaped("a\xe2\x82", "a\\xe2\\x82");
    expect_escaped("\xe2\x82z", "\\xe2\\x82z");
}

static void expect_cut(const char *bytes, size_t most, size_t room, const char *expected)
{
    char text[64];
    memset(text, '#', sizeof(text));
    size_t written = escape(bytes, strlen(bytes), most, text, room);
    assert_string_equal(text, expected);
    assert_int_equal(written, strlen(expected));
    assert_int_equal(text[room], '#');
}

static void cuts_after_most_bytes(void **state)
{
    (void)state;
    expect_cut("abcdef", 6, 32, "abcdef");
    expect_cut("abcdef", 5, 32, "abcde…");
    expect_cut("abcdef", 0, 32, "…");
    expect_cut("żółw", 3, 32, "ż…");
    expect_cut("a\nb", 2, 32, "a\\x0a…");
}

static void cuts_to_the_room(void **state)
{
    (void)state;
    expect_cut("abcdef", 99, 7, "abcdef");
    expect_cut("abcdef", 99, 6, "ab…");
    expect_cut("żółw", 99, 7, "ż…");
    expect_cut("a\n\n", 99, 9, "a\\x0a…");
    expect_cut("a\n\n", 99, 8, "a…");
    expect_cut("abcdef", 99, 4, "…");
    expect_cut("abcdef", 99, 3, "");
    expect_cut("abcdef", 99, 1, "");
    char untouched = '#';
    assert_int_equal(escape("abc", 3, 3, &untouched, 0), 0);
    assert_int_equal(untouched, '#');
}

static void tells_valid_utf8(void **state)
{
    (void)state;
    assert_true(utf8_valid("", 0));
    assert_true(utf8_valid("a\n→🚀", strlen("a\n→🚀")));
    assert_false(utf8_valid("a\0b", 3));
    assert_true(utf8_well_formed("a\0b", 3));
    assert_false(utf8_well_formed("a\0\xff", 3));
    assert_false(utf8_valid("\xff", 1));
    assert_false(utf8_valid("→", 2));
    assert_false(utf8_valid("\xed\xa0\x80", 3));
}

static void quotes_for_messages(void **state)
{
    (void)state;
    assert_string_equal(escaped("a\nb").text, "a\\x0ab");
    char huge[2000];
    memset(huge, '\n', sizeof(huge) - 1);
    huge[sizeof(huge) - 1] = '\0';
    struct escaped shown = escaped(huge);
    assert_true(strlen(shown.text) < 500);
    assert_string_equal(shown.text + strlen(shown.text) - strlen("…"), "…");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_printable_text),
        cmocka_unit_test(escapes_controls),
        cmocka_unit_test(escapes_what_turns_or_breaks_text),
        cmocka_unit_test(escapes_what_nobody_sees),
        cmocka_unit_test(escapes_invalid_utf8),
        cmocka_unit_test(cuts_after_most_bytes),
        cmocka_unit_test(cuts_to_the_room),
        cmocka_unit_test(tells_valid_utf8),
        cmocka_unit_test(quotes_for_messages),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
