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

#include "common/base/version.h"
#include "common/options/program.h"
#include "tests/unit/diversion.h"

struct settings {
    int64_t max_open;
    int64_t target;
    int level;
};

static const char *const levels[] = {"error", "warn", "info", "debug", NULL};

static const struct option_row rows[] = {
    {.key = "capacity.max_open",
     .env = "TEST_MAX_OPEN TEST_MAX_OPEN_TOO",
     .type = OPTION_INT,
     .min = 1,
     .max = 1000000,
     .fallback = "10",
     .offset = offsetof(struct settings, max_open),
     .help = "hard cap of open orders, which nothing ever exceeds, however good a signal may "
             "look to the one who sent it"},
    {.key = "capacity.target",
     .type = OPTION_INT,
     .min = 0,
     .max = 100,
     .fallback = "3",
     .offset = offsetof(struct settings, target),
     .help = "desired normal state"},
    {.key = "log.level",
     .type = OPTION_CHOICE,
     .choices = levels,
     .fallback = "info",
     .offset = offsetof(struct settings, level),
     .help = "least level that is logged"},
};

static const struct option_group group = {rows, sizeof(rows) / sizeof(rows[0]), 0};
static const struct option_table table = {&group, 1};
static const struct option_group group_without_level = {rows, 2, 0};
static const struct option_table table_without_level = {&group_without_level, 1};

static void check(struct options *options, struct complaints *complaints)
{
    const struct settings *settings = options->values;
    if (settings->target > settings->max_open)
        options_complain(options, "capacity.target", complaints, "is above capacity.max_open");
}

static char folder[] = "/tmp/test_program.XXXXXX";
static char usual_path[64];
static char other_path[64];
static struct settings settings;
static struct options options;
static struct program program = {
    .name = "quantum-test", .purpose = "Tests things.", .config_path = usual_path, .check = check};
static const char *config;
static char output[16384];
static char errors[16384];

static int make_folder(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(usual_path, sizeof(usual_path), "%s/usual.conf", folder);
    (void)snprintf(other_path, sizeof(other_path), "%s/other.conf", folder);
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
    options_init(&options, &table, &settings);
    config = NULL;
    return 0;
}

static int end(void **state)
{
    (void)state;
    options_release(&options);
    unlink(usual_path);
    unlink(other_path);
    return 0;
}

/* Starts the program with up to four words, the last of them NULL. */
static int start(const char *first, const char *second, const char *third)
{
    char *words[] = {strdup("quantum-test"), first ? strdup(first) : NULL,
                     second ? strdup(second) : NULL, third ? strdup(third) : NULL, NULL};
    int count = 0;
    while (words[count] != NULL)
        count++;
    struct diversion out = diversion_begin(stdout);
    struct diversion error = diversion_begin(stderr);
    int result = program_start(&program, &options, count, words, &config);
    diversion_end(&error, errors, sizeof(errors));
    diversion_end(&out, output, sizeof(output));
    for (int i = 0; i < count; i++)
        free(words[i]);
    return result;
}

static void expect_refused(const char *first, const char *second, const char *expected)
{
    assert_true(start(first, second, NULL) < 0);
    assert_string_equal(errors, expected);
    assert_string_equal(output, "");
    assert_null(config);
}

static void runs_with_defaults(void **state)
{
    (void)state;
    assert_int_equal(start(NULL, NULL, NULL), 0);
    assert_int_equal(settings.max_open, 10);
    assert_null(config);
    assert_string_equal(output, "");
    assert_string_equal(errors, "");
}

static void later_sources_win(void **state)
{
    (void)state;
    write_file(usual_path, "capacity : { max_open = 20; target = 5; };");
    assert_int_equal(start(NULL, NULL, NULL), 0);
    assert_int_equal(settings.max_open, 20);
    assert_ptr_equal(config, usual_path);
    setenv("TEST_MAX_OPEN", "30", 1);
    assert_int_equal(start(NULL, NULL, NULL), 0);
    assert_int_equal(settings.max_open, 30);
    assert_int_equal(start("--capacity.max_open=40", NULL, NULL), 0);
    assert_int_equal(settings.max_open, 40);
    assert_int_equal(start("--capacity.max_open", "41", "--capacity.max_open=42"), 0);
    assert_int_equal(settings.max_open, 42);
    assert_int_equal(settings.target, 5);
}

static void reads_the_named_file(void **state)
{
    (void)state;
    write_file(usual_path, "capacity : { max_open = 20; };");
    write_file(other_path, "capacity : { max_open = 21; };");
    assert_int_equal(start("--config", other_path, NULL), 0);
    assert_int_equal(settings.max_open, 21);
    assert_int_equal(start("-c", other_path, NULL), 0);
    assert_int_equal(settings.max_open, 21);
    assert_non_null(config);
    assert_int_equal(unlink(other_path), 0);
    config = NULL;
    char expected[256];
    (void)snprintf(expected, sizeof(expected),
                   "quantum-test: %s: cannot read this configuration file: No such file or "
                   "directory\n",
                   other_path);
    expect_refused("--config", other_path, expected);
}

static void takes_the_level(void **state)
{
    (void)state;
    assert_int_equal(start("--log-level", "debug", NULL), 0);
    assert_int_equal(settings.level, 3);
    assert_string_equal(options_origin(&options, "log.level")->place, "--log-level");
    expect_refused("--log-level=loud", NULL,
                   "quantum-test: --log-level: log.level = 'loud' is not one of error, warn, info, "
                   "debug\n");
    options_release(&options);
    options_init(&options, &table_without_level, &settings);
    expect_refused("--log-level=info", NULL,
                   "quantum-test: --log-level is not an option (see --help)\n");
}

static void refuses_unknown_flags(void **state)
{
    (void)state;
    expect_refused("--capacity.max_opne=1", NULL,
                   "quantum-test: --capacity.max_opne is not an option; did you mean "
                   "--capacity.max_open? (see --help)\n");
    expect_refused("--zzz\x1b", NULL, "quantum-test: --zzz\\x1b is not an option (see --help)\n");
    expect_refused("-x", NULL, "quantum-test: -x is not an option (see --help)\n");
    expect_refused("-\x1b", NULL, "quantum-test: -\\x1b is not an option (see --help)\n");
    expect_refused("--versoin", NULL,
                   "quantum-test: --versoin is not an option; did you mean --version? (see "
                   "--help)\n");
}

static void refuses_abbreviations(void **state)
{
    (void)state;
    expect_refused("--conf=x", NULL,
                   "quantum-test: --conf is not an option; did you mean --config? (see --help)\n");
    expect_refused("--capacity.max_ope", "5",
                   "quantum-test: --capacity.max_ope is not an option; did you mean "
                   "--capacity.max_open? (see --help)\n");
    expect_refused("--capacity.max_ope", NULL,
                   "quantum-test: --capacity.max_ope is not an option; did you mean "
                   "--capacity.max_open? (see --help)\n");
    expect_refused("--capac=1", NULL, "quantum-test: --capac is not an option (see --help)\n");
    expect_refused("--hel", NULL,
                   "quantum-test: --hel is not an option; did you mean --help? (see --help)\n");
}

static void refuses_wrong_shapes(void **state)
{
    (void)state;
    expect_refused("--config", NULL, "quantum-test: --config needs a value (see --help)\n");
    expect_refused("-c", NULL, "quantum-test: -c needs a value (see --help)\n");
    expect_refused("--help=1", NULL, "quantum-test: --help takes no value but all (see --help)\n");
    expect_refused("stray", NULL,
                   "quantum-test: 'stray' is not expected here: options begin with -- (see "
                   "--help)\n");
    expect_refused("--", "--help",
                   "quantum-test: '--help' is not expected here: options begin with -- (see "
                   "--help)\n");
    expect_refused("--capacity.max_open=", NULL,
                   "quantum-test: --capacity.max_open: capacity.max_open = '' is not an integer (1 "
                   "to 1000000)\n");
}

static void names_every_error(void **state)
{
    (void)state;
    write_file(usual_path, "capacity : { max_open = 0; };");
    setenv("TEST_MAX_OPEN", "x", 1);
    assert_true(start("stray", "--capacity.target=101", "--bogus") < 0);
    size_t lines = 0;
    for (const char *at = errors; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    assert_int_equal(lines, 5);
}

static void checks_last(void **state)
{
    (void)state;
    expect_refused("--capacity.max_open=2", NULL,
                   "quantum-test: default: capacity.target is above capacity.max_open\n");
    program.check = NULL;
    assert_int_equal(start("--capacity.max_open=2", NULL, NULL), 0);
    program.check = check;
}

static void prints_the_version(void **state)
{
    (void)state;
    assert_int_equal(start("--version", "--bogus", NULL), 1);
    assert_memory_equal(output, "quantum-test ", 13);
    assert_memory_equal(output + 13, quantum_version, strlen(quantum_version));
    assert_string_equal(output + 13 + strlen(quantum_version), "\n");
    assert_string_equal(errors, "");
    assert_int_equal(start("-V", NULL, NULL), 1);
    assert_int_equal(start("-Vh", NULL, NULL), 1);
    assert_memory_equal(output, "Usage:", 6);
}

static void prints_help(void **state)
{
    (void)state;
    assert_int_equal(start("--help", NULL, NULL), 1);
    static const char expected_start[] = "Usage: quantum-test [OPTION]...\nTests things.\n\n"
                                         "  -h, --help ";
    assert_memory_equal(output, expected_start, strlen(expected_start));
    assert_non_null(strstr(output, "      --capacity.max_open=INTEGER  hard cap of open orders"));
    assert_non_null(strstr(output, " 1 to 1000000; default 10; $TEST_MAX_OPEN;\n"));
    assert_non_null(strstr(output, " $TEST_MAX_OPEN_TOO\n"));
    assert_non_null(strstr(output, "one of error, warn, info, debug; default info\n"));
    size_t column = 0;
    for (const char *at = output; *at != '\0'; at++) {
        column = *at == '\n' ? 0 : column + 1;
        assert_true(column <= 80);
    }
}

static void help_fails_on_a_full_disk(void **state)
{
    (void)state;
    char *words[] = {strdup("quantum-test"), strdup("--help"), NULL};
    FILE *full = fopen("/dev/full", "we");
    assert_non_null(full);
    assert_int_equal(fflush(stdout), 0);
    int saved = dup(STDOUT_FILENO);
    assert_true(dup2(fileno(full), STDOUT_FILENO) >= 0);
    struct diversion error = diversion_begin(stderr);
    int result = program_start(&program, &options, 2, words, &config);
    diversion_end(&error, errors, sizeof(errors));
    clearerr(stdout);
    assert_true(dup2(saved, STDOUT_FILENO) >= 0);
    close(saved);
    assert_int_equal(fclose(full), 0);
    assert_int_equal(result, PROGRAM_UNHEARD);
    assert_int_equal(program_exit_status(result), EXIT_FAILED);
    assert_string_equal(errors,
                        "quantum-test: stdout cannot be written: No space left on device\n");
    free(words[0]);
    free(words[1]);
}

static void expect_command_at(int expected, const char *line)
{
    char *copy = strdup(line);
    char *words[8], *rest = NULL;
    int count = 0;
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        words[count++] = word;
    words[count] = NULL;
    assert_int_equal(program_command_at(&program, &options, count, words), expected);
    free(copy);
}

static void finds_the_command(void **state)
{
    (void)state;
    expect_command_at(1, "test");
    expect_command_at(1, "test feed --rate=1");
    expect_command_at(3, "test --capacity.target 4 feed");
    expect_command_at(4, "test -c file --unknown feed");
    expect_command_at(2, "test -- feed");
    expect_command_at(2, "test --config");
    program.env_path = "/nowhere/test.env";
    expect_command_at(3, "test --env-file file feed");
    program.env_path = NULL;
}

static void help_lists_the_commands(FILE *out)
{
    (void)fputs("Commands:\n  feed\n", out);
}

static void prints_the_commands(void **state)
{
    (void)state;
    program.help_commands = help_lists_the_commands;
    assert_int_equal(start("--help", NULL, NULL), 1);
    assert_non_null(strstr(output, "[OPTION]... COMMAND [ARGUMENT]...\n"));
    assert_non_null(strstr(output, "Commands:\n  feed\n\n"));
    program.help_commands = NULL;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(runs_with_defaults),   TEST(later_sources_win),     TEST(reads_the_named_file),
        TEST(takes_the_level),      TEST(refuses_unknown_flags), TEST(refuses_abbreviations),
        TEST(refuses_wrong_shapes), TEST(names_every_error),     TEST(checks_last),
        TEST(prints_the_version),   TEST(prints_help),           TEST(help_fails_on_a_full_disk),
        TEST(finds_the_command),    TEST(prints_the_commands),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
