/* SPDX-License-Identifier: MIT */
/* A tool's usual file of variables, and --env-file in its place. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/memory.h"
#include "common/options/program.h"
#include "tests/unit/diversion.h"
#include "tests/unit/support.h"

struct settings {
    int64_t max_open;
};

static const struct option_row rows[] = {
    {.key = "capacity.max_open",
     .env = "TEST_MAX_OPEN",
     .type = OPTION_INT,
     .min = 1,
     .max = 1000000,
     .fallback = "10",
     .offset = offsetof(struct settings, max_open),
     .help = "hard cap of open orders"},
};

static const struct option_group group = {rows, sizeof rows / sizeof *rows, 0};
static const struct option_table table = {&group, 1};

static char folder[] = "/tmp/test_program_env.XXXXXX";
static char usual_path[64], other_path[64], env_path[64];
static struct settings settings;
static int64_t max_open; /* as it was read last */
static struct options options;
static bool variables_wrong, rest_wrong; /* as they were then */
static const struct program program = {
    .name = "quantum-test",
    .purpose = "Tests things.",
    .config_path = usual_path,
    .env_path = env_path,
};
static char output[16384], errors[16384];

static int make_folder(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(usual_path, sizeof usual_path, "%s/usual.conf", folder);
    (void)snprintf(other_path, sizeof other_path, "%s/other.env", folder);
    (void)snprintf(env_path, sizeof env_path, "%s/test.env", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static int begin(void **state)
{
    (void)state;
    unsetenv("TEST_MAX_OPEN");
    return 0;
}

static int end(void **state)
{
    (void)state;
    unlink(usual_path);
    unlink(other_path);
    unlink(env_path);
    return 0;
}

static int start(const char *word)
{
    char *words[] = {memory_text("quantum-test"), word ? memory_text(word) : NULL, NULL};
    const char *config;

    options_init(&options, &table, &settings);
    struct diversion out = diversion_begin(stdout);
    struct diversion error = diversion_begin(stderr);
    int result = program_start(&program, &options, word ? 2 : 1, words, &config);
    diversion_end(&error, errors, sizeof errors);
    diversion_end(&out, output, sizeof output);
    max_open = settings.max_open;
    variables_wrong = options.usual_variables_wrong;
    rest_wrong = options.rest_wrong;
    options_release(&options);
    free(words[0]);
    free(words[1]);
    return result;
}

static void expect(const char *word, int64_t expected)
{
    assert_int_equal(start(word), 0);
    assert_int_equal(max_open, expected);
    assert_string_equal(errors, "");
}

/* The usual variables count more than the configuration and less than the environment. */
static void reads_its_usual_variables(void **state)
{
    (void)state;
    write_file(usual_path, "capacity : { max_open = 20; };");
    expect(NULL, 20);
    write_file(env_path, "TEST_MAX_OPEN=40\n");
    expect(NULL, 40);
    setenv("TEST_MAX_OPEN", "30", 1);
    expect(NULL, 30);
    expect("--capacity.max_open=9", 9);
}

/* A named one takes its place, and counts more than the environment. */
static void a_named_env_file_takes_its_place(void **state)
{
    char *flag = memory_format("--env-file=%s", other_path);

    (void)state;
    write_file(env_path, "TEST_MAX_OPEN=40\nnonsense\n");
    write_file(other_path, "TEST_MAX_OPEN=50\n");
    setenv("TEST_MAX_OPEN", "30", 1);
    expect(flag, 50);
    unsetenv("TEST_MAX_OPEN");
    expect("--env-file=/dev/null", 10);
    expect("--env-file=-/nowhere/x.env", 10);
    free(flag);
}

static void a_bad_line_of_them_is_an_error(void **state)
{
    char expected[256];

    (void)state;
    write_file(env_path, "# usual\nTEST_MAX_OPEN=x\n");
    (void)snprintf(expected, sizeof expected,
                   "quantum-test: %s:2 (TEST_MAX_OPEN): capacity.max_open = 'x' is not an integer "
                   "(1 to 1000000)\n",
                   env_path);
    assert_true(start(NULL) < 0);
    assert_string_equal(errors, expected);
    write_file(env_path, "TEST_MAX_OPEN\n");
    assert_true(start(NULL) < 0);
    assert_non_null(strstr(errors, "test.env:1: this line has no '='"));
}

/* So that an emergency leaves out no more than that. */
static void says_which_of_both_is_wrong(void **state)
{
    (void)state;
    write_file(env_path, "TEST_MAX_OPEN=30 # cap\n");
    assert_true(start(NULL) < 0);
    assert_non_null(strstr(errors, "test.env:1 (TEST_MAX_OPEN): capacity.max_open = '30 # cap'"));
    assert_true(variables_wrong && !rest_wrong);
    assert_true(start("--bogus") < 0);
    assert_true(variables_wrong && rest_wrong);
    write_file(env_path, "TEST_MAX_OPEN=30\n");
    assert_true(start("--bogus") < 0);
    assert_true(!variables_wrong && rest_wrong);
    expect(NULL, 30);
    assert_true(!variables_wrong && !rest_wrong);
}

/* Others than root: they have the environment. */
static void those_of_others_are_passed_over(void **state)
{
    uid_t nobody = 65534;

    (void)state;
    if (geteuid() == 0)
        assert_int_equal(chmod(folder, 0755), 0);
    write_file(env_path, "TEST_MAX_OPEN=x\n");
    assert_int_equal(chmod(env_path, 0), 0);
    if (geteuid() == 0)
        assert_int_equal(seteuid(nobody), 0);
    int result = start(NULL);
    assert_int_equal(seteuid(getuid()), 0);
    assert_int_equal(result, 0);
    assert_int_equal(max_open, 10);
    assert_string_equal(errors, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reads_its_usual_variables),       TEST(a_named_env_file_takes_its_place),
        TEST(a_bad_line_of_them_is_an_error),  TEST(says_which_of_both_is_wrong),
        TEST(those_of_others_are_passed_over),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
