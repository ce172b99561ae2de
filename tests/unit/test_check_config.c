/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/diversion.h"
#include "tests/unit/service_sample.h"

__attribute__((format(printf, 1, 2))) static void expect_line(const char *format, ...);

/* The output has this line. */
static void expect_line(const char *format, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    line[0] = '\n';
    (void)vsnprintf(line + 1, sizeof(line) - 2, format, arguments);
    va_end(arguments);
    size_t length = strlen(line);
    line[length] = '\n';
    line[length + 1] = '\0';
    bool is_first = strncmp(output, line + 1, strlen(line + 1)) == 0;
    if (!is_first && strstr(output, line) == NULL)
        fail_msg("no line %sin\n%s", line, output);
}

static void prints_defaults(void **state)
{
    (void)state;
    assert_int_equal(start("--check-config", NULL, NULL), 1);
    assert_string_equal(errors, "");
    assert_string_equal(output, "token = \"\"              # default\n"
                                "name = \"sample\"         # default, worked out\n"
                                "capacity.max_open = 10  # default\n"
                                "capacity.target = 3     # default\n"
                                "factor = 0.9            # default\n"
                                "ttl = 100               # default\n"
                                "carry = []              # default\n");
}

static void names_every_origin(void **state)
{
    (void)state;
    write_file(config_path, "name = \"a\\\"b\\\\c\";\n"
                            "carry = [\"x\", \" y \"];\n"
                            "ttl = 6000000000L;\n"
                            "capacity : { target = 4; max_open = 5; };\n");
    write_file(env_path, "\nTEST_MAX_OPEN_TOO=30\n");
    setenv("TEST_TARGET", "6", 1);
    char env_flag[128];
    (void)snprintf(env_flag, sizeof(env_flag), "--env-file=%s", env_path);
    assert_int_equal(start("--check-config", env_flag, "--factor=1.5"), 1);
    assert_string_equal(errors, "");
    expect_line("name = \"a\\\"b\\\\c\"        # %s:1", config_path);
    expect_line("carry = [\"x\", \"y\"]      # %s:2", config_path);
    expect_line("ttl = 6000000000L       # %s:3", config_path);
    expect_line("capacity.max_open = 30  # %s:2 (TEST_MAX_OPEN_TOO)", env_path);
    expect_line("capacity.target = 6     # TEST_TARGET");
    expect_line("factor = 1.5            # --factor");
}

static void masks_secrets(void **state)
{
    (void)state;
    setenv("TEST_TOKEN", "hush", 1);
    assert_int_equal(start("--check-config", NULL, NULL), 1);
    expect_line("token = \"********\"      # TEST_TOKEN");
    expect_line("name = \"sample-secret\"  # default, worked out");
    assert_null(strstr(output, "hush"));
}

static void prints_worked_out_values(void **state)
{
    (void)state;
    assert_int_equal(start("--check-config", "--capacity.max_open=200", NULL), 1);
    expect_line("ttl = 201                # default, worked out");
}

static void warns(void **state)
{
    (void)state;
    assert_int_equal(start("--check-config", "--capacity.target=11", NULL), 1);
    assert_string_equal(errors, "quantum-test: warning: the target is above the cap\n");
    expect_line("capacity.target = 11    # --capacity.target");
    assert_int_equal(start("--capacity.target=11", NULL, NULL), 0);
    assert_string_equal(errors, "");
}

static void names_every_error(void **state)
{
    (void)state;
    write_file(config_path, "name = \"wrong\";\ncapacity : { max_open = 0; };\nttl = 1;\n");
    write_file(env_path, "TEST_TARGET=x\n");
    char env_flag[128];
    (void)snprintf(env_flag, sizeof(env_flag), "--env-file=%s", env_path);
    assert_true(start("--check-config", env_flag, "--bogus=1") < 0);
    char expected[1024];
    (void)snprintf(
        expected, sizeof(expected),
        "quantum-test: --bogus is not an option (see --help)\n"
        "quantum-test: %s:2: capacity.max_open = 0 is out of range (1 to 1000000000000)\n"
        "quantum-test: %s:1 (TEST_TARGET): capacity.target = 'x' is not an integer (0 to 1000)\n"
        "quantum-test: %s:1: name must not be 'wrong'\n",
        config_path, env_path, config_path);
    assert_string_equal(errors, expected);
    assert_string_equal(output, "");
}

static void compares_with_nothing_unknown(void **state)
{
    (void)state;
    write_file(config_path, "syntax error");
    assert_true(start("--check-config", "--ttl=2", NULL) < 0);
    char expected[256];
    (void)snprintf(expected, sizeof(expected), "quantum-test: %s:1: syntax error\n", config_path);
    assert_string_equal(errors, expected);
    assert_true(start("--check-config", "--ttl=2", "--capacity.max_open=5") < 0);
    assert_non_null(strstr(errors, "--ttl: ttl must be more than capacity.max_open"));
}

static void env_files_are_read_at_the_start_too(void **state)
{
    (void)state;
    write_file(env_path, "TEST_MAX_OPEN=30\n");
    assert_int_equal(start("--env-file", env_path, NULL), 0);
    assert_int_equal(settings.max_open, 30);
    assert_true(start("--env-file", "/nonexistent", NULL) < 0);
    assert_string_equal(errors, "quantum-test: environment file '/nonexistent' cannot be read: No "
                                "such file or directory\n");
    assert_int_equal(start("--env-file=-/nonexistent", NULL, NULL), 0);
}

static void a_comment_in_an_env_file_is_named(void **state)
{
    (void)state;
    write_file(env_path, "# caps\nTEST_MAX_OPEN=30 # cap\n");
    assert_true(start("--env-file", env_path, NULL) < 0);
    char expected[256];
    (void)snprintf(expected, sizeof expected,
                   "quantum-test: %s:2 (TEST_MAX_OPEN): capacity.max_open = '30 # cap' holds a "
                   "comment: systemd strips none behind a value; put it on a line of its own\n",
                   env_path);
    assert_string_equal(errors, expected);
    write_file(env_path, "TEST_MAX_OPEN=30\n# cap\n");
    assert_int_equal(start("--env-file", env_path, NULL), 0);
}

static void lists_the_table(void **state)
{
    (void)state;
    assert_int_equal(start("--list-options", NULL, NULL), 1);
    expect_line("key\ttype\tvariables\tdefault\trange\treload\thelp");
    expect_line("capacity.target\tinteger\tTEST_TARGET\t3\t0 to 1000\tyes\tdesired");
    expect_line("name\ttext\t\t\"\"\t\tno\ta name; empty: worked out");
    expect_line("factor\tnumber\t\t0.90\t0 to 2\tyes\ta factor");
    expect_line("carry\tlist of names\t\t[]\t\tno\tnames");
}

static void only_services_have_these(void **state)
{
    (void)state;
    struct program tool = {.name = "tool", .purpose = "", .config_path = config_path};
    static const char *const flags[] = {"--check-config", "--list-options", "--env-file=x"};
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        char *words[] = {strdup("tool"), strdup(flags[i]), NULL};
        const char *config;
        assert_true(program_start(&tool, &options, 2, words, &config) < 0);
        free(words[0]);
        free(words[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(prints_defaults),
        TEST(names_every_origin),
        TEST(masks_secrets),
        TEST(prints_worked_out_values),
        TEST(warns),
        TEST(names_every_error),
        TEST(compares_with_nothing_unknown),
        TEST(env_files_are_read_at_the_start_too),
        TEST(a_comment_in_an_env_file_is_named),
        TEST(lists_the_table),
        TEST(only_services_have_these),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
