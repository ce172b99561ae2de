/* SPDX-License-Identifier: MIT */
/* What a commit leaves of the intents before it: how long the stream gets, and who may not go. */
#include <stdlib.h>

#include "tests/unit/world_sample.h"

static uint64_t ago_ms(uint64_t seconds)
{
    redisReply *now = redis_server_ask(&world.server, "TIME");
    uint64_t now_sec = strtoull(now->element[0]->str, NULL, 10);

    freeReplyObject(now);
    return (now_sec - seconds) * 1000;
}

static void add_intents(uint64_t first_ms, uint64_t count)
{
    for (uint64_t i = first_ms; i < first_ms + count; i++)
        freeReplyObject(
            redis_server_ask(&world.server, "XADD intents %llu-0 f v", (unsigned long long)i));
}

static void commit_two(void)
{
    char *ids;
    struct commit_answer answer;

    world_decide();
    answer = world_commit(&ids);
    assert_int_equal(answer.outcome, COMMIT_DONE);
    assert_int_equal(world.plan.chosen, 2);
    EXPECT(ids, "HGET commit intents");
    free(ids);
}

/* However short the stream may be: one that nobody has read yet would be gone, and not counted. */
static void no_young_intent_is_trimmed(void **state)
{
    (void)state;
    world.settings.intent_maxlen = 100;
    add_intents(ago_ms(590), 1000);
    commit_two();
    EXPECT("1002", "XLEN intents");
}

/* Whole nodes of a hundred; never below the length that is to stay. */
static void old_intents_that_are_too_many_are_trimmed(void **state)
{
    (void)state;
    world.settings.intent_maxlen = 150;
    add_intents(ago_ms(700), 1000);
    commit_two();
    EXPECT("202", "XLEN intents");
}

static void a_node_with_a_young_intent_stays(void **state)
{
    (void)state;
    world.settings.intent_maxlen = 100;
    add_intents(ago_ms(700), 250);
    add_intents(ago_ms(590), 50);
    commit_two();
    EXPECT("102", "XLEN intents");
}

static void a_short_stream_is_left_alone(void **state)
{
    (void)state;
    world.settings.intent_maxlen = 502;
    add_intents(ago_ms(700), 500);
    commit_two();
    EXPECT("502", "XLEN intents");
}

#define TEST(name) cmocka_unit_test_setup(name, world_renew)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(no_young_intent_is_trimmed),
        TEST(old_intents_that_are_too_many_are_trimmed),
        TEST(a_node_with_a_young_intent_stays),
        TEST(a_short_stream_is_left_alone),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("scripts_trim", tests, world_set_up, world_tear_down);
}
