/* SPDX-License-Identifier: MIT */
/* Values as text: what each type takes, refuses and prints. */
#include "tests/unit/options_sample.h"

static void takes_flags(void **state)
{
    (void)state;
    flag("capacity.max_open", "12");
    flag("capacity.super_confidence", "1e-1");
    flag("log.emoji", "OFF");
    flag("log.level", "Error");
    flag("router.symbols", " BTCUSDT ,\tETHUSDT");
    flag("redis.token", "žluť");
    assert_int_equal(complaints.count, 0);
    assert_int_equal(settings.capacity.max_open, 12);
    assert_true(settings.capacity.super_confidence == 0.1);
    assert_false(settings.emoji);
    assert_int_equal(settings.level, 0);
    assert_int_equal(settings.symbols.count, 2);
    assert_string_equal(settings.symbols.list[0], "BTCUSDT");
    assert_string_equal(settings.symbols.list[1], "ETHUSDT");
    const struct option_origin *origin = options_origin(&options, "capacity.max_open");
    assert_int_equal(origin->source, FROM_FLAG);
    assert_string_equal(origin->place, "--capacity.max_open");
    assert_true(options_is_set(&options, "log.level"));
    flag("router.symbols", "  ");
    assert_int_equal(settings.symbols.count, 0);
    assert_int_equal(options_read_flag(&options, "capacity.max", "1", &complaints), 1);
    assert_int_equal(complaints.count, 0);
}

static void reads_all_boolean_words(void **state)
{
    (void)state;
    static const char *const words[] = {"no", "YES", "off", "On", "0", "1", "False", "tRUE"};
    for (size_t i = 0; i < 8; i++) {
        flag("log.emoji", words[i]);
        assert_int_equal(settings.emoji, i % 2);
    }
    expect_refused("log.emoji", "2",
                   "--log.emoji: log.emoji = '2' is not a boolean (true, false, 1, 0, yes, no, "
                   "on, off)");
}

static void refuses_numbers(void **state)
{
    (void)state;
    expect_refused("capacity.max_open", "0",
                   "--capacity.max_open: capacity.max_open = 0 is out of range (1 to 1000000)");
    expect_refused("capacity.max_open", "ten",
                   "--capacity.max_open: capacity.max_open = 'ten' is not an integer (1 to "
                   "1000000)");
    expect_refused("capacity.max_open", "+5",
                   "--capacity.max_open: capacity.max_open = '+5' is not an integer (1 to "
                   "1000000)");
    expect_refused("capacity.max_open", "1\x1b[0m",
                   "--capacity.max_open: capacity.max_open = '1\\x1b[0m' is not an integer (1 to "
                   "1000000)");
    expect_refused("capacity.super_confidence", "1.01",
                   "--capacity.super_confidence: capacity.super_confidence = 1.01 is out of range "
                   "(0 to 1)");
    expect_refused("capacity.super_confidence", "nan",
                   "--capacity.super_confidence: capacity.super_confidence = 'nan' is not a "
                   "number (0 to 1)");
    expect_refused("router.positive", "0.1",
                   "--router.positive: router.positive = 0.1 is out of range (0.5 or more)");
    expect_refused("router.anything", "x",
                   "--router.anything: router.anything = 'x' is not an integer");
    assert_int_equal(settings.capacity.max_open, 10);
    assert_false(options_is_set(&options, "capacity.max_open"));
}

/* As in the file, where versions of libconfig disagree about them. */
static void refuses_leading_zeros(void **state)
{
    (void)state;
    expect_refused("capacity.max_open", "012",
                   "--capacity.max_open: capacity.max_open = '012' is not an integer (1 to "
                   "1000000)");
    expect_refused("capacity.super_confidence", "00.5",
                   "--capacity.super_confidence: capacity.super_confidence = '00.5' is not a "
                   "number (0 to 1)");
    expect_refused("capacity.super_confidence", "-01",
                   "--capacity.super_confidence: capacity.super_confidence = '-01' is not a "
                   "number (0 to 1)");
}

static void refuses_texts(void **state)
{
    (void)state;
    expect_refused("metrics.listen", "a\nb",
                   "--metrics.listen: metrics.listen = 'a\\x0ab' is not a text of at most 4096 "
                   "bytes without control characters");
    expect_refused("metrics.listen", "\xff",
                   "--metrics.listen: metrics.listen = '\\xff' is not a text of at most 4096 "
                   "bytes without control characters");
    expect_refused("redis.token", "much too long",
                   "--redis.token: redis.token = ******** is not a text of at most 8 bytes "
                   "without control characters");
    expect_refused("log.level", "loud",
                   "--log.level: log.level = 'loud' is not one of error, warn, info");
    expect_refused("router.symbols", "A,,B",
                   "--router.symbols: router.symbols = '' is not a list of names, none of them "
                   "empty");
    expect_refused("router.symbols", "A,B,C,D",
                   "--router.symbols: router.symbols = 4 names is out of range (at most 3 names)");
    expect_refused("router.symbols", "A,",
                   "--router.symbols: router.symbols = '' is not a list of names, none of them "
                   "empty");
    assert_string_equal(settings.listen, "127.0.0.1:1");
}

static void prints_values(void **state)
{
    (void)state;
    flag("capacity.super_confidence", "0.10");
    flag("router.symbols", "A, B");
    expect_text("capacity.max_open", "10");
    expect_text("capacity.super_confidence", "0.1");
    expect_text("log.emoji", "true");
    expect_text("log.level", "info");
    expect_text("router.symbols", "A,B");
    expect_text("metrics.listen", "127.0.0.1:1");
    const struct option_origin *origin;
    assert_null(options_row(&options, options.row_count, &origin));
}

static void masks_secrets(void **state)
{
    (void)state;
    expect_text("redis.token", "");
    flag("redis.token", "hidden");
    expect_text("redis.token", "********");
    expect_text("redis.url", "redis://127.0.0.1:6379/0");
    flag("redis.url", "redis://user:pass@host:1/0");
    expect_text("redis.url", "redis://user:********@host:1/0");
    flag("redis.url", "redis://:p/a@s:s@host");
    expect_text("redis.url", "redis://:********@host");
    flag("redis.url", "redis://user@host:1");
    expect_text("redis.url", "redis://user@host:1");
    flag("redis.url", "redis://:@host");
    expect_text("redis.url", "redis://:@host");
    flag("metrics.listen", "http://u:p@h");
    expect_text("metrics.listen", "http://u:********@h");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(takes_flags),           TEST(reads_all_boolean_words), TEST(refuses_numbers),
        TEST(refuses_leading_zeros), TEST(refuses_texts),           TEST(prints_values),
        TEST(masks_secrets),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
