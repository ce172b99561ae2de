/* SPDX-License-Identifier: MIT */
/* What a halt says that could not begin: how to go without what is wrong, and nothing more. */
#include <string.h>

#include "common/options/options_file.h"
#include "ctl/control/halt.h"
#include "ctl/frame/command.h"
#include "tests/unit/diversion.h"
#include "tests/unit/support.h"

static struct router_settings settings;
static struct options options;
static char said[4096];

static int begin(void **state)
{
    (void)state;
    options_init(&options, &router_options, &settings);
    return 0;
}

static int end(void **state)
{
    (void)state;
    router_settings_release(&settings);
    options_release(&options);
    return 0;
}

static void tell(void)
{
    struct diversion error = diversion_begin(stderr);

    fallback_tell(&halt_command, &options, &settings);
    diversion_end(&error, said, sizeof said);
    assert_non_null(strstr(said, "quantumctl halt: NOT halted: the configuration is refused"));
    assert_non_null(strstr(said, "redis-cli -h HOST -p PORT SET "));
}

static void expect(const char *line)
{
    tell();
    assert_non_null(strstr(said, line));
}

/* A sound file says which Redis, and stays in. */
static void the_variables_alone_are_left_out(void **state)
{
    struct complaints complaints = {0};

    (void)state;
    options_read_file(&options, "/nowhere/router.conf", &complaints);
    complaints_free(&complaints);
    options.usual_variables_wrong = true;
    expect("or leave /etc/quantum/quantumctl.env out: quantumctl --env-file=/dev/null halt "
           "REASON... (if it "
           "names Redis: REDIS_URL=redis://USER:PASSWORD@HOST:PORT");
    options.rest_wrong = true;
    expect(": quantumctl --env-file=/dev/null --config=/dev/null halt REASON... (");
}

static void the_file_alone_is_left_out(void **state)
{
    struct complaints complaints = {0};

    (void)state;
    options_read_file(&options, "/nowhere/router.conf", &complaints);
    complaints_free(&complaints);
    options.rest_wrong = true;
    expect("or leave the file out: quantumctl --config=/dev/null halt REASON... (");
    assert_null(strstr(said, "--env-file"));
}

static void what_was_not_read_is_not_left_out(void **state)
{
    struct complaints complaints = {0};

    (void)state;
    options.rest_wrong = true;
    tell();
    assert_null(strstr(said, "/dev/null"));
    options_read_file(&options, "/dev/null", &complaints);
    assert_int_equal(complaints.count, 0);
    tell();
    assert_null(strstr(said, "/dev/null"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_variables_alone_are_left_out),
        TEST(the_file_alone_is_left_out),
        TEST(what_was_not_read_is_not_left_out),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
