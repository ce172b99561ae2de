/* SPDX-License-Identifier: MIT */
/* The language of the file: literals, strings, comments, and what libconfig makes of them. */
#include "tests/unit/config_sample.h"

static void refuses_what_libconfig_would_change(void **state)
{
    (void)state;
#define WIDE(literal) "deep:{er:{wide=" literal ";};};"
    static const char *const fitting[] = {
        WIDE("2147483647"),
        WIDE("-2147483648"),
        WIDE("+5"),
        WIDE("-0"),
        WIDE("0x7fffffff"),
        WIDE("0xffffffffL"),
        WIDE("5000000000LL"),
        WIDE("0x7ffffffffffffffL"),
        "capacity:{confidence=0.0500;};",
        "capacity:{confidence=.5000000000;};",
        "capacity:{confidence=1e-5000000000;};",
        "capacity:{confidence=5000000000.e-10;};",
        "redis:{url=\"5000000000 \\\" 5000000000\";};",
    };
    for (size_t i = 0; i < sizeof(fitting) / sizeof(fitting[0]); i++)
        expect_taken(fitting[i]);
    expect_refused(WIDE("4294967306"),
                   ":1: integer 4294967306 does not fit 32 bits; write 4294967306L");
    expect_refused("\n/* \n */ # \n" WIDE("-2147483649"),
                   ":4: integer -2147483649 does not fit 32 bits; write -2147483649L");
    expect_refused(WIDE("0x80000000"),
                   ":1: integer 0x80000000 does not fit 32 bits; write 0x80000000L");
    expect_refused(WIDE("9223372036854775808L"),
                   ":1: integer 9223372036854775808 does not fit 64 bits");
    expect_refused(WIDE("-9223372036854775809L"),
                   ":1: integer -9223372036854775809 does not fit 64 bits");
    expect_refused(WIDE("0X8000000000000000LL"),
                   ":1: integer 0X8000000000000000 does not fit 64 bits");
    expect_refused(WIDE("99999999999999999999"),
                   ":1: integer 99999999999999999999 does not fit 64 bits");
    expect_refused(WIDE("99999999999999999999999999999999999999999999999999"),
                   ":1: integer 9999999999999999999999999999999999999999… does not fit 64 bits");
    expect_refused("capacity:{confidence=1e999;};", ":1: '1e999' is not a finite number");
    expect_refused("capacity:{confidence=.;};", ":1: '.' is not a finite number");
    expect_refused("redis:{url=\"a\\x00b\";};", ":1: a string cannot hold \\x00");
    expect_refused("deep:{er:{wide=5000000000b=2;};};",
                   ":1: integer 5000000000 does not fit 32 bits; write 5000000000L");
}

/* Versions of libconfig disagree: 1.5 reads 012 as 12, later ones as 10; and 0b11 not at all, or as
 * 3. */
static void refuses_what_versions_read_differently(void **state)
{
    (void)state;
#define OCTAL " begins with a zero, which some versions of libconfig read as octal; write "
    expect_refused(WIDE("012"), ":1: number 012" OCTAL "12");
    expect_refused(WIDE("\n-08"), ":2: number -08" OCTAL "-8");
    expect_refused(WIDE("+007L"), ":1: number +007" OCTAL "7");
    expect_refused(WIDE("00"), ":1: number 00" OCTAL "0");
    expect_refused("capacity:{confidence=00.5;};", ":1: number 00.5" OCTAL "0.5");
    expect_refused("capacity:{confidence=01e-1;};", ":1: number 01e-1" OCTAL "1e-1");
    expect_refused("log:{emoji=01;};", ":1: number 01" OCTAL "1");
    expect_refused("symbols=[01];", ":1: number 01" OCTAL "1");
    expect_refused(WIDE("0000000000000000000000000000000000000000000000007"),
                   ":1: number 0000000000000000000000000000000000000000" OCTAL "7");
#define BASE "' is a number to some versions of libconfig only; write it in decimal"
    expect_refused(WIDE("0b11"), ":1: '0b11" BASE);
    expect_refused(WIDE("0O17"), ":1: '0O17" BASE);
    expect_refused(WIDE("\n\n0q7L"), ":3: '0q7L" BASE);
    expect_refused(WIDE("-0x1f"), ":1: '-0x1f" BASE);
}

static void names_hold_digits(void **state)
{
    (void)state;
    expect_refused("a5000000000-5000000000_5000000000*=1;",
                   ":1: a5000000000-5000000000_5000000000* is not an option; see --help");
}

static void refuses_syntax(void **state)
{
    (void)state;
    expect_refused("capacity : {\n max_open 5; };", ":2: syntax error");
    expect_refused("symbols = [ 1, \"a\" ];", ":1: mismatched element type in array");
    expect_refused("symbols = [];\nsymbols = [];", ":2: duplicate setting name; it is set further "
                                                   "up already, keep one of them");
    expect_refused("\n@include \"b.conf\"\n",
                   ":2: @include is not supported; put everything into one file");
    expect_refused("\n/* open\n\n", ":2: this comment is never closed; write */ at its end");
    expect_refused("\nredis:{url=\"open\\\n\n", ":2: this string is never closed; write \" at its "
                                                "end");
    expect_refused("redis:{url=\"open\\", ":1: this string is never closed; write \" at its end");
    expect_refused("symbols = + - ;", ":1: syntax error");
}

static void a_name_has_no_dots(void **state)
{
    (void)state;
    expect_refused("\ncapacity.max_open = 12;\n",
                   ":2: capacity.max_open: a name has no dots here; write capacity: { max_open = "
                   "…; };");
    expect_refused("redis.url:\"redis://:secret@h\";",
                   ":1: redis.url: a name has no dots here; write redis: { url = …; };");
    expect_refused("deep.er.wide\t= 1;",
                   ":1: deep.er.wide: a name has no dots here; write its groups as name: { … };");
    expect_refused("redis:{url=example.com;};",
                   ":1: example.com: this is no value; a text stands in quotes");
    read_file("capacity.max_open = 12;\nredis.url = \"\";");
    assert_int_equal(complaints.count, 2);
    expect_taken("# capacity.max_open = 12;\nredis:{url=\"a.b\";};");
}

static void names_what_is_never_closed(void **state)
{
    (void)state;
    expect_refused("\ncapacity : {\n max_open = 5;\n",
                   ":2: this { is never closed; write }; at its end");
    expect_refused("capacity:{max_open=5;\nredis:{url=\"}\";};# }",
                   ":1: this { is never closed; write }; at its end");
    expect_refused("redis:{};\nsymbols = [ \"a\",\n",
                   ":2: this [ is never closed; write ]; at its end");
    expect_refused("symbols = ( \"a\"", ":1: this ( is never closed; write ); at its end");
    /* An error further up is told as such. */
    expect_refused("capacity : {\n max_open 5;\n", ":2: syntax error");
    expect_refused("capacity : {\n max_open = 5; }; };\n", ":2: syntax error");
    expect_refused("symbols =", ":2: syntax error");
}

static void refuses_a_nul(void **state)
{
    (void)state;
    read_bytes("\n\0symbols = [];", 15);
    assert_string_equal(complaint(0), ":2: the file holds a NUL byte; it must be plain text");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(refuses_what_libconfig_would_change),
        TEST(refuses_what_versions_read_differently),
        TEST(names_hold_digits),
        TEST(refuses_syntax),
        TEST(a_name_has_no_dots),
        TEST(names_what_is_never_closed),
        TEST(refuses_a_nul),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
