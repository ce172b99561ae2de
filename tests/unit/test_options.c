/* SPDX-License-Identifier: MIT */
/* Where values come from, and what is said about them. */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/options_sample.h"

static void takes_defaults(void **state)
{
    (void)state;
    assert_true(settings.emoji);
    assert_int_equal(settings.level, 2);
    assert_string_equal(settings.url, "redis://127.0.0.1:6379/0");
    assert_string_equal(settings.token, "");
    assert_int_equal(settings.symbols.count, 0);
    assert_int_equal(settings.capacity.max_open, 10);
    assert_true(settings.capacity.super_confidence == 0.9);
    assert_false(options_is_set(&options, "capacity.max_open"));
    assert_null(options_origin(&options, "capacity.max_open")->place);
    assert_int_equal(options.row_count, 10);
}

static void reads_the_environment(void **state)
{
    (void)state;
    setenv("MAX_OPEN_ORDERS", "20", 1);
    setenv("SUPER_CONFIDENCE", "", 1);
    options_read_env(&options, &complaints);
    assert_int_equal(settings.capacity.max_open, 20);
    assert_string_equal(options_origin(&options, "capacity.max_open")->place, "MAX_OPEN_ORDERS");
    assert_int_equal(options_origin(&options, "capacity.max_open")->source, FROM_ENV);
    assert_true(settings.capacity.super_confidence == 0.9);
    setenv("TEST_MAX_OPEN", "30", 1);
    options_read_env(&options, &complaints);
    assert_int_equal(settings.capacity.max_open, 30);
    assert_string_equal(options_origin(&options, "capacity.max_open")->place, "TEST_MAX_OPEN");
    setenv("TEST_MAX_OPEN", "", 1);
    options_read_env(&options, &complaints);
    assert_int_equal(settings.capacity.max_open, 20);
    assert_int_equal(complaints.count, 0);
}

static void an_empty_variable_may_count(void **state)
{
    (void)state;
    setenv("METRICS_LISTEN", "0.0.0.0:9", 1);
    options_read_env(&options, &complaints);
    assert_string_equal(settings.listen, "0.0.0.0:9");
    setenv("TEST_METRICS_LISTEN", "", 1);
    options_read_env(&options, &complaints);
    assert_string_equal(settings.listen, "");
    assert_string_equal(options_origin(&options, "metrics.listen")->place, "TEST_METRICS_LISTEN");
}

#define COMMENT " holds a comment: systemd strips none behind a value; put it on a line of its own"

/* Of any type, texts too: what a shell or dotenv strips, nobody strips here. */
static void a_comment_behind_a_value_is_named(void **state)
{
    (void)state;
    setenv("MAX_OPEN_ORDERS", "10 # cap", 1);
    options_read_env(&options, &complaints);
    expect_complaint("MAX_OPEN_ORDERS: capacity.max_open = '10 # cap'" COMMENT);
    assert_false(options_is_sound(&options, "capacity.max_open"));
    setenv("MAX_OPEN_ORDERS", "# none", 1);
    options_read_env(&options, &complaints);
    expect_complaint("MAX_OPEN_ORDERS: capacity.max_open = '# none'" COMMENT);
    unsetenv("MAX_OPEN_ORDERS");
    setenv("TEST_SYMBOLS", "BTCUSDT\t; the majors", 1);
    options_read_env(&options, &complaints);
    expect_complaint("TEST_SYMBOLS: router.symbols = 'BTCUSDT\\x09; the majors'" COMMENT);
    unsetenv("TEST_SYMBOLS");
    setenv("REDIS_URL", "redis://:hush@a:1 # home", 1);
    setenv("TEST_TOKEN", "hush # b", 1);
    options_read_env(&options, &complaints);
    assert_int_equal(complaints.count, 2);
    assert_string_equal(complaints.lines[0],
                        "REDIS_URL: redis.url = 'redis://:********@a:1 # home'" COMMENT);
    assert_string_equal(complaints.lines[1], "TEST_TOKEN: redis.token = '********'" COMMENT);
}

static void a_mark_inside_a_word_is_no_comment(void **state)
{
    (void)state;
    setenv("REDIS_URL", "unix:///a#b;c", 1);
    flag("metrics.listen", "a # b");
    options_read_env(&options, &complaints);
    assert_int_equal(complaints.count, 0);
    assert_string_equal(settings.url, "unix:///a#b;c");
}

static void names_every_wrong_variable(void **state)
{
    (void)state;
    setenv("MAX_OPEN_ORDERS", "ten", 1);
    setenv("TEST_SYMBOLS", "a,\x01", 1);
    setenv("TEST_TOKEN", "secret\n", 1);
    options_read_env(&options, &complaints);
    assert_int_equal(complaints.count, 3);
    for (size_t i = 0; i < complaints.count; i++)
        assert_null(strstr(complaints.lines[i], "secret"));
    assert_string_equal(complaints.lines[2], "MAX_OPEN_ORDERS: capacity.max_open = 'ten' is not an "
                                             "integer (1 to 1000000)");
}

static void complains_with_origin(void **state)
{
    (void)state;
    options_complain(&options, "capacity.max_open", &complaints, "= %d is below %s", 10, "x");
    expect_complaint("default: capacity.max_open = 10 is below x");
    flag("capacity.max_open", "5");
    options_complain(&options, "capacity.max_open", &complaints, "is odd\nindeed");
    expect_complaint("--capacity.max_open: capacity.max_open is odd?indeed");
}

/* Both are to be found: where the one named is a default, the other's place is told. */
static void complains_of_two_at_the_place_of_the_one_that_was_set(void **state)
{
    (void)state;
#define BOTH OPTION_KEYS("capacity.max_open", "capacity.super_confidence", "redis.token")
    options_complain_between(&options, BOTH, &complaints, "is odd");
    expect_complaint("default: capacity.max_open is odd");
    flag("redis.token", "t");
    options_complain_between(&options, BOTH, &complaints, "is below %d", 3);
    expect_complaint("--redis.token: capacity.max_open (10 by default) is below 3");
    flag("capacity.super_confidence", "0.5");
    options_complain_between(&options, BOTH, &complaints, "is odd");
    expect_complaint("--capacity.super_confidence: capacity.max_open (10 by default) is odd");
    flag("capacity.max_open", "5");
    options_complain_between(&options, BOTH, &complaints, "is odd");
    expect_complaint("--capacity.max_open: capacity.max_open is odd");
    options_complain_between(&options, OPTION_KEYS("redis.url", "redis.token"), &complaints,
                             "is odd");
    expect_complaint("--redis.token: redis.url (\"redis://127.0.0.1:6379/0\" by default) is odd");
}

static void is_silent_where_one_of_two_was_refused(void **state)
{
    (void)state;
    flag("capacity.super_confidence", "2");
    assert_int_equal(complaints.count, 1);
    options_complain_between(&options, BOTH, &complaints, "is odd");
    assert_int_equal(complaints.count, 1);
}

static void finds_the_nearest_key(void **state)
{
    (void)state;
    assert_string_equal(options_nearest(&options, "capacity.max_opne"), "capacity.max_open");
    assert_string_equal(options_nearest(&options, "capcity.maxopen"), "capacity.max_open");
    assert_string_equal(options_nearest(&options, "max_open"), "capacity.max_open");
    assert_string_equal(options_nearest(&options, "redis.ulr"), "redis.url");
    assert_null(options_nearest(&options, "nothing.like_it"));
    assert_null(options_nearest(&options, ""));
    char huge[300];
    memset(huge, 'a', sizeof(huge) - 1);
    huge[sizeof(huge) - 1] = '\0';
    assert_null(options_nearest(&options, huge));
    assert_true(options_has(&options, "redis.url"));
    assert_false(options_has(&options, "redis"));
}

static void reads_from_any_place(void **state)
{
    (void)state;
    assert_int_equal(
        options_read_text(&options, "log.level", FROM_FLAG, "--log-level", "warn", &complaints), 0);
    assert_string_equal(options_origin(&options, "log.level")->place, "--log-level");
    assert_int_equal(options_read_text(&options, "none", FROM_FLAG, "x", "y", &complaints), 1);
}

static void may_be_used_again(void **state)
{
    (void)state;
    flag("redis.token", "t");
    options_release(&options);
    assert_null(settings.token);
    options_init(&options, &table, &settings);
    assert_string_equal(settings.token, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(takes_defaults),
        TEST(reads_the_environment),
        TEST(an_empty_variable_may_count),
        TEST(a_comment_behind_a_value_is_named),
        TEST(a_mark_inside_a_word_is_no_comment),
        TEST(names_every_wrong_variable),
        TEST(complains_with_origin),
        TEST(complains_of_two_at_the_place_of_the_one_that_was_set),
        TEST(is_silent_where_one_of_two_was_refused),
        TEST(finds_the_nearest_key),
        TEST(reads_from_any_place),
        TEST(may_be_used_again),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
