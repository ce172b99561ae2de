/* SPDX-License-Identifier: MIT */
/* Values, keys and the file itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/options/options_file.h"
#include "tests/unit/config_sample.h"

static void reads_every_type(void **state)
{
    (void)state;
    expect_taken("# a comment 5000000000\n"
                 "capacity : { max_open = 12; confidence = 0.5; };\r\n"
                 "log = { emoji = false, level = \"error\" };\n"
                 "/* 5000000000\n */ redis : { url = \"redis://\" // 5000000000 \" \n"
                 "  \"host\"; };\n"
                 "symbols = [ \"A\", \"B\" ];\n"
                 "deep : { er : { wide = -5000000000L; }; };\n"
                 "# last line without a newline");
    assert_int_equal(settings.max_open, 12);
    assert_true(settings.confidence == 0.5);
    assert_false(settings.emoji);
    assert_int_equal(settings.level, 0);
    assert_string_equal(settings.url, "redis://host");
    assert_int_equal(settings.symbols.count, 2);
    assert_true(settings.wide == -5000000000);
    const struct option_origin *origin = options_origin(&options, "capacity.max_open");
    assert_int_equal(origin->source, FROM_FILE);
    assert_string_equal(origin->place + strlen(path), ":2");
    assert_string_equal(options_origin(&options, "redis.url")->place + strlen(path), ":5");
}

static void takes_what_means_the_same(void **state)
{
    (void)state;
    expect_taken("capacity : { max_open = 12L; confidence = 1; };");
    assert_int_equal(settings.max_open, 12);
    assert_true(settings.confidence == 1);
    expect_taken("capacity : { max_open = 0x10; confidence = 0L; };");
    assert_int_equal(settings.max_open, 16);
    expect_taken("log : { emoji = 0; };");
    assert_false(settings.emoji);
    expect_taken("log : { emoji = \"Off\"; };");
    assert_false(settings.emoji);
    expect_taken("symbols = ( \"x\" );");
    assert_int_equal(settings.symbols.count, 1);
    expect_taken("symbols = ( );");
    expect_taken("");
    expect_taken("capacity : { };");
}

static void refuses_values(void **state)
{
    (void)state;
    expect_refused("\n\ncapacity : {\n max_open = 0; };",
                   ":4: capacity.max_open = 0 is out of range (1 to 1000000)");
    expect_refused("capacity : { max_open = 5000000000L; };",
                   ":1: capacity.max_open = 5000000000 is out of range (1 to 1000000)");
    expect_refused("capacity : { confidence = 2; };",
                   ":1: capacity.confidence = 2 is out of range (0 to 1)");
    expect_refused("log : { level = \"loud\"; };", ":1: log.level = 'loud' is not one of error, "
                                                   "warn");
    expect_refused("redis : { url = \"a\\nb\"; };", ":1: redis.url = 'a\\x0ab' is not a text of at "
                                                    "most 100 bytes without control characters");
    expect_refused("symbols = [ \"a\", \"b,c\" ];",
                   ":1: symbols = 'b,c' is not a list of names, none of them empty");
    expect_refused("log : { emoji = 2; };",
                   ":1: log.emoji = '2' is not a boolean (true, false, 1, 0, yes, no, on, off)");
}

static void refuses_types(void **state)
{
    (void)state;
    expect_refused("capacity : { max_open = \"5\"; };",
                   ":1: capacity.max_open must be an integer (1 to 1000000), not a string");
    expect_refused("capacity : { max_open = 5.0; };",
                   ":1: capacity.max_open must be an integer (1 to 1000000), not a float");
    expect_refused("capacity : { max_open : { }; };",
                   ":1: capacity.max_open must be an integer (1 to 1000000), not a group");
    expect_refused("capacity : { confidence = true; };",
                   ":1: capacity.confidence must be a number (0 to 1), not a boolean");
    expect_refused("log : { level = 1; };", ":1: log.level must be one of error, warn, not an "
                                            "integer");
    expect_refused("log : { emoji = 1.0; };",
                   ":1: log.emoji must be a boolean (true, false, 1, 0, yes, no, on, off), not a "
                   "float");
    expect_refused("symbols = \"a\";", ":1: symbols must be a list of names, none of them empty, "
                                       "not a string");
    expect_refused("symbols = ( \"a\", 1 );", ":1: symbols must be a list of names, none of them "
                                              "empty, not a list of other things");
    expect_refused("log : { level = [ 1 ]; };", ":1: log.level must be one of error, warn, not an "
                                                "array");
    expect_refused("log : { level = ( ); };", ":1: log.level must be one of error, warn, not a "
                                              "list");
    expect_refused("capacity = 5;", ":1: capacity must be a group of options, not an integer; "
                                    "write capacity : { … }");
}

static void names_unknown_keys(void **state)
{
    (void)state;
    expect_refused("capacity : {\n\n max_opne = 5; };", ":3: capacity.max_opne is not an option; "
                                                        "did you mean capacity.max_open?");
    expect_refused("max_open = 5;", ":1: max_open is not an option; did you mean "
                                    "capacity.max_open?");
    expect_refused("capcity : { max_open = 5; };", ":1: capcity is not a group of options; did you "
                                                   "mean capacity?");
    expect_refused("zzzzzzzzz : { };", ":1: zzzzzzzzz is not a group of options; see --help");
    expect_refused("zzzzzzzzz = 1;", ":1: zzzzzzzzz is not an option; see --help");
}

static void names_everything_at_once(void **state)
{
    (void)state;
    read_file("capacity : { max_open = 5000000000;\n confidence = 7; };\nbogus = 1;\n");
    assert_int_equal(complaints.count, 3);
    assert_string_equal(complaint(0), ":1: integer 5000000000 does not fit 32 bits; write "
                                      "5000000000L");
    assert_string_equal(complaint(2), ":3: bogus is not an option; see --help");
}

static void expect_unreadable(const char *which, const char *why)
{
    char *expected;
    assert_true(asprintf(&expected, "%s: cannot read this configuration file: %s", which, why) > 0);
    options_read_file(&options, which, &complaints);
    assert_int_equal(complaints.count, 1);
    assert_string_equal(complaints.lines[0], expected);
    complaints_free(&complaints);
    free(expected);
}

static void refuses_what_is_no_file(void **state)
{
    (void)state;
    expect_unreadable("/nonexistent/router.conf", "No such file or directory");
    expect_unreadable(folder, "Is a directory");
    expect_unreadable("", "No such file or directory");
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    expect_unreadable(path, "Not a regular file");
    unlink(path);
}

static void bounds_the_size(void **state)
{
    (void)state;
    const size_t most = 1024 * (size_t)1024;
    char *blanks = malloc(most + 1);
    assert_non_null(blanks);
    memset(blanks, ' ', most + 1);
    read_bytes(blanks, most);
    assert_int_equal(complaints.count, 0);
    read_bytes(blanks, most + 1);
    assert_string_equal(complaint(0), ": cannot read this configuration file: File too large");
    free(blanks);
}

static void escapes_the_path(void **state)
{
    (void)state;
    options_read_file(&options, "/nonexistent\n/x", &complaints);
    assert_string_equal(complaints.lines[0], "/nonexistent\\x0a/x: cannot read this configuration "
                                             "file: No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reads_every_type),        TEST(takes_what_means_the_same),
        TEST(refuses_values),          TEST(refuses_types),
        TEST(names_unknown_keys),      TEST(names_everything_at_once),
        TEST(refuses_what_is_no_file), TEST(bounds_the_size),
        TEST(escapes_the_path),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
