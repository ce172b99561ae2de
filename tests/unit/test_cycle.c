/* SPDX-License-Identifier: MIT */
/* A cycle in a true Redis: how often it tries, what it notes, and what the last commit tells it
 * later. */
#include "router/act/cycle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/calendar.h"
#include "router/act/fact.h"
#include "router/act/scripts.h"
#include "tests/unit/link_witness.h"
#include "tests/unit/world_sample.h"

static struct witness witness;
static struct session session;
static struct redis_clock redis_clock;
static struct cycle cycle;
static int answers, ends;
static enum cycle_end how;

static void on_told(void *owner, const struct router_fact *fact)
{
    (void)owner;
    answers += fact->kind == FACT_COMMITTED;
}

static void on_ended(void *owner, enum cycle_end end, const char *what)
{
    witness_tell(owner, "%s", what);
    how = end;
    ends++;
}

static int begin(void **state)
{
    static const struct cycle_events events = {on_ended};
    static const struct router_observer observer = {on_told, NULL};

    (void)world_renew(state);
    witness_begin_on(&witness, world.server.socket);
    session = (struct session){.links = {.worker = witness.link},
                               .lease = {.value = "a:1", .epoch = "e1"},
                               .look = world.snapshot,
                               .commit = world.commit};
    world.settings.commit_timeout_ms = 5000;
    cycle = (struct cycle){.settings = &world.settings,
                           .events = &events,
                           .owner = &witness,
                           .observer = &observer,
                           .session = &session,
                           .clock = &redis_clock};
    redisReply *now = redis_server_ask(&world.server, "TIME");
    redis_clock_set(&redis_clock, strtoll(now->element[0]->str, NULL, 10) * 1000);
    freeReplyObject(now);
    history_begin(&cycle.history, 5, false, "");
    answers = ends = 0;
    return 0;
}

static int end(void **state)
{
    (void)state;
    cycle_clear(&cycle);
    window_clear(&cycle.held_back);
    witness_end(&witness);
    return 0;
}

static void expect_end(enum cycle_end wanted, const char *what)
{
    cycle_begin(&cycle, &world.window);
    witness_wait(&witness, &ends, 1);
    assert_int_equal(how, wanted);
    witness_expect(&witness, what);
    assert_int_equal(cycle.state, CYCLE_IDLE);
}

static void it_commits_and_remembers(void **state)
{
    (void)state;
    expect_end(CYCLE_DONE, "");
    assert_int_equal(answers, 1);
    EXPECT("6", "HGET commit seq");
    EXPECT("e1-6", "HGET commit cycle_id");
    EXPECT(cycle.intent_ids, "HGET commit intents");
    assert_int_equal(cycle.history.sequence, 6);
    assert_int_equal(cycle.history.published_since, 2);
}

/* Its clock is a day behind: the first look is at another counter than the one that is full, and
 * tells it so. */
static void a_look_sets_the_clock(void **state)
{
    char day[CALENDAR_DAY_MAX];

    (void)state;
    calendar_day(redis_clock_now(&redis_clock), day);
    EXPECT("OK", "SET daily:%s 200", day);
    redis_clock.told_ms -= 24 * INT64_C(3600000);
    world.settings.plan.capacity.max_daily = 200;
    expect_end(CYCLE_DONE, "");
    assert_int_equal(answers, 2);
    assert_int_equal(cycle.plan.chosen, 0);
    EXPECT("200", "GET daily:%s", day);
}

/* A look that sees other open orders than there are. */
static void look_wrongly(void)
{
    static const char seen[] = "seen(KEYS[1], most)", wrong[] = "'text:2'           ";
    static char source[8192];
    struct script blind = {.source = source};

    (void)snprintf(source, sizeof source, "%s", snapshot_lua);
    memcpy(strstr(source, seen), wrong, strlen(seen));
    redis_server_teach(&world.server, &blind);
    session.look = blind;
}

static void it_tries_three_times(void **state)
{
    (void)state;
    look_wrongly();
    expect_end(CYCLE_GAVE_UP, "open orders");
    assert_int_equal(answers, 3);
    assert_int_equal(cycle.window.count, 2);
    cycle_give_back(&cycle, &world.window);
    assert_int_equal(world.window.count, 2);
    EXPECT("5", "HGET commit seq");
}

/* However often nothing comes of it: all that is in memory is in the window, which is thinned. */
static void what_is_held_is_given_back_too(void **state)
{
    (void)state;
    look_wrongly();
    /* Of the two in the window the first one is older. */
    EXPECT("2", "HSET commit unsure_since 1768824003001 unsure_resumed %s", "");
    for (size_t times = 0; times < 3; times++) {
        ends = 0;
        expect_end(CYCLE_GAVE_UP, "open orders");
        assert_int_equal(cycle.held_back.count, 1);
        cycle_give_back(&cycle, &world.window);
        assert_int_equal(cycle.held_back.count, 0);
        assert_int_equal(world.window.count, 2);
    }
}

/* Nothing is decided, and the commit not even tried, for a world that another one commits to. */
static void another_epoch_ends_it_before_it_decides(void **state)
{
    (void)state;
    EXPECT("0", "HSET commit epoch e2");
    expect_end(CYCLE_FENCED, "epoch");
    assert_int_equal(answers, 0);
    assert_null(cycle.plan.verdicts);
}

/* --- an answer that was lost */

static enum cycle_outcome settled_by(const char *cycle_id, uint64_t sequence, bool fresh)
{
    struct last_commit last = {.sequence = sequence, .intent_ids = "7-0 8-0", .fresh = fresh};

    (void)snprintf(last.cycle_id, sizeof last.cycle_id, "%s", cycle_id);
    cycle.state = CYCLE_UNSETTLED;
    cycle.snapshot.sequence = 5;
    cycle.plan.chosen = 2;
    (void)snprintf(cycle.cycle_id, sizeof cycle.cycle_id, "e1-6");
    return cycle_settle(&cycle, &last);
}

static void the_last_commit_tells_what_ran(void **state)
{
    (void)state;
    assert_int_equal(settled_by("e1-6", 6, false), CYCLE_DID_RUN);
    assert_string_equal(cycle.intent_ids, "7-0 8-0");
    assert_int_equal(cycle.history.sequence, 6);
    assert_int_equal(cycle.history.published_since, 2);
    assert_int_equal(cycle.state, CYCLE_IDLE);
}

/* The commit before ours, or another in its place. */
static void the_last_commit_tells_what_did_not_run(void **state)
{
    (void)state;
    assert_int_equal(settled_by("e1-5", 5, false), CYCLE_DID_NOT_RUN);
    assert_int_equal(settled_by("e2-6", 6, false), CYCLE_DID_NOT_RUN);
    assert_null(cycle.intent_ids);
    assert_int_equal(cycle.history.sequence, 5);
}

/* Ours may have run before that one, or before Redis lost it. */
static void the_last_commit_cannot_tell(void **state)
{
    (void)state;
    assert_int_equal(settled_by("e2-7", 7, false), CYCLE_UNTOLD);
    assert_int_equal(settled_by("e1-4", 4, false), CYCLE_UNTOLD);
    assert_int_equal(settled_by("", 5, true), CYCLE_UNTOLD);
    assert_int_equal(settled_by("e2-6", 6, true), CYCLE_UNTOLD);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_commits_and_remembers),
        TEST(a_look_sets_the_clock),
        TEST(it_tries_three_times),
        TEST(what_is_held_is_given_back_too),
        TEST(another_epoch_ends_it_before_it_decides),
        TEST(the_last_commit_tells_what_ran),
        TEST(the_last_commit_tells_what_did_not_run),
        TEST(the_last_commit_cannot_tell),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("cycle", tests, world_set_up, world_tear_down);
}
