/* SPDX-License-Identifier: MIT */
#include "router/settings/decisive_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/memory.h"
#include "router/settings/decisive.h"
#include "tests/unit/settings_rig.h"

static struct router_settings settings;
static struct decisive decisive;

static int begin(void **state)
{
    (void)state;
    settings_rig_begin_router(&settings);
    settings_rig_set("capacity.max_open", "17");
    settings_rig_set("window.min_confidence", "0.1234567890123");
    settings_rig_set("positions.same_side", "add");
    settings_rig_set("window.symbols", "ethusdt,BTCUSDT");
    settings_rig_check();
    decisive_make(&settings, &decisive);
    return 0;
}

static int end(void **state)
{
    (void)state;
    decisive_release(&decisive);
    settings_rig_end_router(&settings);
    return 0;
}

static void what_was_written_is_read_back(void **state)
{
    struct decisive_settings read;
    char why[DECISIVE_WHY_MAX] = "";
    struct decisive again;

    (void)state;
    assert_true(decisive_read(decisive.text, strlen(decisive.text), decisive.digest, &read, why));
    assert_int_equal(read.rules.plan.capacity.max_open, 17);
    assert_true(read.rules.plan.adds_to_held);
    assert_true(read.settings.signal.min_confidence == 0.1234567890123);
    assert_memory_equal(&read.rules.plan, &settings.plan, sizeof settings.plan);
    decisive_make(&read.settings, &again);
    assert_string_equal(again.text, decisive.text);
    decisive_release(&again);
    decisive_settings_release(&read);
}

static void expect_refused(const char *text, const char *digest, const char *wanted)
{
    struct decisive_settings read;
    char why[DECISIVE_WHY_MAX] = "", of_text[SHA256_TEXT_MAX];

    sha256_text(text, strlen(text), of_text);
    assert_false(decisive_read(text, strlen(text), digest ? digest : of_text, &read, why));
    assert_string_equal(why, wanted);
}

static void a_text_of_another_digest_is_refused(void **state)
{
    (void)state;
    expect_refused(decisive.text, "0123456789abcdef",
                   "the text of its settings is not that of 0123456789ab…");
}

static void what_is_not_known_is_refused(void **state)
{
    (void)state;
    expect_refused("capacity.max_open\n", NULL,
                   "its settings are not understood: the line 'capacity.max_open' is no setting");
    expect_refused("capacity.moon = 1\n", NULL,
                   "its settings are not understood: 'capacity.moon' is no setting of a decision, "
                   "or stands twice");
    expect_refused("redis.url = redis://elsewhere\n", NULL,
                   "its settings are not understood: 'redis.url' is no setting of a decision, or "
                   "stands twice");
    expect_refused("capacity.max_open = 1\ncapacity.max_open = 2\n", NULL,
                   "its settings are not understood: 'capacity.max_open' is no setting of a "
                   "decision, or stands twice");
    expect_refused("capacity.max_open = -5\n", NULL,
                   "its settings are not understood: the record's settings: capacity.max_open = -5 "
                   "is out of range (1 to 1000000)");
}

/* An older program did not know it, and decided as if it had its default. */
static void what_is_not_there_has_its_default(void **state)
{
    static const char text[] = "capacity.max_open = 5\n";
    struct decisive_settings read;
    char why[DECISIVE_WHY_MAX], digest[SHA256_TEXT_MAX];

    (void)state;
    sha256_text(text, strlen(text), digest);
    assert_true(decisive_read(text, strlen(text), digest, &read, why));
    assert_int_equal(read.rules.plan.capacity.max_open, 5);
    assert_int_equal(read.rules.plan.capacity.target_open, 3);
    decisive_settings_release(&read);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_written_is_read_back, begin, end),
        cmocka_unit_test_setup_teardown(a_text_of_another_digest_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(what_is_not_known_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(what_is_not_there_has_its_default, begin, end),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("decisive_read", tests, NULL, NULL);
}
