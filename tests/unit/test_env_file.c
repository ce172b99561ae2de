/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/options/env_file.h"

static char path[] = "/tmp/test_env_file.XXXXXX";
static struct env_files files;
static struct complaints complaints;

static int make_file(void **state)
{
    (void)state;
    int file = mkstemp(path);
    return file < 0 ? -1 : close(file);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static int end(void **state)
{
    (void)state;
    env_files_free(&files);
    complaints_free(&complaints);
    return 0;
}

static void read_bytes(const char *bytes, size_t length)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    env_files_read(&files, path, &complaints);
}

static void read_text(const char *text)
{
    read_bytes(text, strlen(text));
}

static void expect_place(const char *name, unsigned line)
{
    char expected[128];
    (void)snprintf(expected, sizeof(expected), "%s:%u (%s)", path, line, name);
    assert_string_equal(env_files_find(&files, name)->place, expected);
}

/* The file sets A to this, and nothing else. */
static void expect_read_as(const char *text, const char *expected)
{
    read_text(text);
    assert_int_equal(complaints.count, 0);
    assert_int_equal(files.count, 1);
    assert_string_equal(files.list[0].name, "A");
    assert_string_equal(files.list[0].value, expected);
    env_files_free(&files);
}

/* There is one complaint, and it begins with the file and this line. */
static void expect_complaint(const char *text, unsigned line, const char *expected)
{
    read_text(text);
    assert_int_equal(complaints.count, 1);
    char whole[256];
    (void)snprintf(whole, sizeof(whole), "%s:%u: %s", path, line, expected);
    assert_string_equal(complaints.lines[0], whole);
    complaints_free(&complaints);
    env_files_free(&files);
}

static void reads_plain_lines(void **state)
{
    (void)state;
    read_text("# a comment\n"
              "\n"
              "A=1\n"
              "  ; another\n"
              "  B =  two words  \r\n"
              "C=\n"
              "\tD=x=y # no comment");
    assert_int_equal(complaints.count, 0);
    assert_int_equal(files.count, 4);
    assert_string_equal(env_files_find(&files, "A")->value, "1");
    assert_string_equal(env_files_find(&files, "B")->value, "two words");
    assert_string_equal(env_files_find(&files, "C")->value, "");
    assert_string_equal(env_files_find(&files, "D")->value, "x=y # no comment");
    assert_null(env_files_find(&files, "E"));
    expect_place("A", 3);
    expect_place("D", 7);
}

static void joins_lines(void **state)
{
    (void)state;
    read_text("A=one\\\n  two\n"
              "# a comment that goes on \\\nB=1\n"
              "C=x");
    assert_int_equal(files.count, 2);
    assert_string_equal(env_files_find(&files, "A")->value, "one  two");
    expect_place("C", 5);
}

static void reads_unquoted_values(void **state)
{
    (void)state;
    expect_read_as("A=a\\ \n", "a ");
    expect_read_as("A=\\#\\\\\\n", "#\\n");
    expect_read_as("A=it's \"so\"\n", "it's \"so\"");
    expect_read_as("A=\\\n'b'\n", "'b'");
    expect_read_as("A=a\\", "a");
    expect_read_as("A=x \\\n  \n", "x ");
}

static void reads_quoted_values(void **state)
{
    (void)state;
    expect_read_as("A='  a\\n\"$'  \n", "  a\\n\"$");
    expect_read_as("A=\" a\\\"b\\\\c\\$d\\`e\\nf' \"", " a\"b\\c$d`e\\nf' ");
    expect_read_as("A=\"one\ntwo\\\nthree\"\n", "one\ntwothree");
    expect_read_as("A='one\ntwo'\n", "one\ntwo");
    expect_read_as("A='x' \"y\"z w \n", "xyz w");
    expect_read_as("A=\"\"\n", "");
}

static void counts_lines_through_quotes(void **state)
{
    (void)state;
    read_text("A='\n\n'\nB=\"\\\n\"\nC=1\n");
    expect_place("A", 1);
    expect_place("B", 4);
    expect_place("C", 6);
}

#define NO_NAME " is no name of a variable; write NAME=VALUE, the name of letters, digits and _"

static void names_bad_lines(void **state)
{
    (void)state;
    expect_complaint("\nexport A=1\n", 2, "'export A'" NO_NAME);
    expect_complaint("1A=1\n", 1, "'1A'" NO_NAME);
    expect_complaint("=1\n", 1, "''" NO_NAME);
    expect_complaint("A\x1b=1\n", 1, "'A\\x1b'" NO_NAME);
    expect_complaint("A=1\nB\n", 2,
                     "this line has no '='; write NAME=VALUE, or # in front of a comment");
    expect_complaint("A=1\nB='x\nC=1\n", 2, "this quotation is never closed; write ' at its end");
    expect_complaint("A=\"x\\", 1, "this quotation is never closed; write \" at its end");
    expect_complaint("A=\xff\n", 1, "the value of A is not UTF-8; write it as UTF-8");
}

static void goes_on_after_a_bad_line(void **state)
{
    (void)state;
    read_text("A\nB\nC=1\n");
    assert_int_equal(complaints.count, 2);
    assert_string_equal(env_files_find(&files, "C")->value, "1");
}

static void refuses_nul(void **state)
{
    (void)state;
    read_bytes("A=1\0B=2\n", 8);
    assert_int_equal(complaints.count, 1);
    assert_int_equal(files.count, 0);
}

static void later_files_win(void **state)
{
    (void)state;
    read_text("A=1\nB=1\n");
    read_text("A=2\nA=3\n");
    assert_string_equal(env_files_find(&files, "A")->value, "3");
    assert_string_equal(env_files_find(&files, "B")->value, "1");
    expect_place("A", 2);
}

static void files_win_over_the_environment(void **state)
{
    (void)state;
    assert_int_equal(setenv("A", "outside", 1), 0);
    assert_int_equal(setenv("B", "outside", 1), 0);
    unsetenv("C");
    read_text("A=\n");
    struct variable_source source = env_files_source(&files);
    struct variable found = source.look_up(source.holder, "A");
    assert_string_equal(found.text, "");
    assert_string_equal(found.place, files.list[0].place);
    found = source.look_up(source.holder, "B");
    assert_string_equal(found.text, "outside");
    assert_string_equal(found.place, "B");
    assert_null(source.look_up(source.holder, "C").text);
    unsetenv("A");
    unsetenv("B");
}

static void a_dash_lets_it_be_missing(void **state)
{
    (void)state;
    env_files_read(&files, "-/nonexistent/env", &complaints);
    assert_int_equal(complaints.count, 0);
    env_files_read(&files, "/nonexistent/env", &complaints);
    env_files_read(&files, "-/tmp", &complaints);
    assert_int_equal(complaints.count, 2);
    assert_string_equal(complaints.lines[0], "environment file '/nonexistent/env' cannot be read: "
                                             "No such file or directory");
    assert_string_equal(complaints.lines[1],
                        "environment file '/tmp' cannot be read: Is a directory");
}

static void a_dash_reads_what_is_there(void **state)
{
    (void)state;
    char optional[sizeof(path) + 1];
    (void)snprintf(optional, sizeof(optional), "-%s", path);
    read_text("A=1\n");
    env_files_free(&files);
    env_files_read(&files, optional, &complaints);
    expect_place("A", 1);
}

#define TEST(name) cmocka_unit_test_teardown(name, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reads_plain_lines),
        TEST(joins_lines),
        TEST(reads_unquoted_values),
        TEST(reads_quoted_values),
        TEST(counts_lines_through_quotes),
        TEST(names_bad_lines),
        TEST(goes_on_after_a_bad_line),
        TEST(refuses_nul),
        TEST(later_files_win),
        TEST(files_win_over_the_environment),
        TEST(a_dash_lets_it_be_missing),
        TEST(a_dash_reads_what_is_there),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
