/* SPDX-License-Identifier: MIT */
#include "router/settings/decisive.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "tests/unit/router_sample.h"

static void expect_line(const char *line)
{
    struct decisive decisive;

    settings_rig_check();
    decisive_make(&settings, &decisive);
    char *wanted = memory_format("\n%s\n", line);
    char *padded = memory_format("\n%s", decisive.text);
    if (!strstr(padded, wanted))
        fail_msg("there is no line '%s' in:\n%s", line, decisive.text);
    free(padded);
    free(wanted);
    decisive_release(&decisive);
}

static void expect_digest(const char *wanted, bool same)
{
    struct decisive decisive;

    settings_rig_check();
    decisive_make(&settings, &decisive);
    assert_int_equal(strcmp(decisive.digest, wanted) == 0, same);
    decisive_release(&decisive);
}

static void names_each_that_decides(void **state)
{
    (void)state;
    expect_line("capacity.max_open = 10");
    expect_line("capacity.super_confidence = 0.9");
    expect_line("capacity.inflight_group = auto");
    expect_line("positions.same_side = reject");
    expect_line("window.symbols = ");
    expect_line("window.one_per_symbol = true");
    expect_line("sizing.rank_1_factor = 1.3");
}

static void writes_numbers_in_their_shortest_exact_form(void **state)
{
    (void)state;
    settings_rig_set("score.regime_bonus", "0.30000000000000004");
    settings_rig_set("sizing.max_position_usd", "1e11");
    settings_rig_set("window.symbols", "ethusdt, BTCUSDT");
    expect_line("score.regime_bonus = 0.30000000000000004");
    expect_line("sizing.max_position_usd = 100000000000");
    expect_line("window.symbols = BTCUSDT,ETHUSDT");
}

/* Nothing else is told, and nothing else changes the digest. */
static void leaves_out_what_decides_nothing(void **state)
{
    struct decisive first;

    (void)state;
    settings_rig_check();
    decisive_make(&settings, &first);
    assert_null(strstr(first.text, "redis."));
    assert_null(strstr(first.text, "lease."));
    settings_rig_set("log.level", "debug");
    settings_rig_set("redis.url", "redis://elsewhere:7000/3");
    settings_rig_set("metrics.listen", "");
    expect_digest(first.digest, true);
    settings_rig_set("sizing.rank_2_factor", "1.2");
    expect_digest(first.digest, false);
    decisive_release(&first);
}

static char *value_at(char *line, char **ret_key)
{
    char *equals = strstr(line, " = ");

    assert_non_null(equals);
    *equals = '\0';
    *ret_key = line;
    return equals + 3;
}

/* The text is what the options read: the same settings come of it. */
static void is_read_back_as_the_same(void **state)
{
    struct decisive first, again;

    (void)state;
    settings_rig_set("capacity.inflight_group", "desk");
    settings_rig_set("window.seconds", "0.30000000000000004");
    settings_rig_set("window.age_by", "id");
    settings_rig_set("window.symbols", "BTCUSDT,ETH_USDT");
    settings_rig_set("intent.quantity", "scale");
    settings_rig_check();
    decisive_make(&settings, &first);
    end(NULL);
    begin(NULL);
    char *copy = memory_text(first.text), *rest = copy, *line;
    while ((line = strsep(&rest, "\n")) && *line) {
        char *key, *value = value_at(line, &key);
        settings_rig_set(key, value);
    }
    free(copy);
    settings_rig_check();
    decisive_make(&settings, &again);
    assert_string_equal(again.text, first.text);
    assert_string_equal(again.digest, first.digest);
    decisive_release(&first);
    decisive_release(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(names_each_that_decides),
        TEST(writes_numbers_in_their_shortest_exact_form),
        TEST(leaves_out_what_decides_nothing),
        TEST(is_read_back_as_the_same),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
