/* SPDX-License-Identifier: MIT */
/* A cycle in a true Redis: how often it tries, what it notes, and what the last commit tells it
 * later. */
#include "router/act/cycle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/calendar.h"
#include "common/redis/reply.h"
#include "router/act/fact.h"
#include "router/act/scripts.h"
#include "tests/unit/link_witness.h"
#include "tests/unit/world_sample.h"

static struct witness witness;
static struct session session;
static struct redis_clock redis_clock;
static struct acks acks;
static char digest[SHA256_TEXT_MAX], first[SHA256_TEXT_MAX];
static struct cycle cycle;
static int answers, ends;
static enum recorded recorded;
static int kept; /* the settings' text: 1, or -1: it could not be */
static enum cycle_end how;

static void on_told(void *owner, const struct router_fact *fact)
{
    (void)owner;
    answers += fact->kind == FACT_COMMITTED;
    if (fact->kind == FACT_RECORDED)
        recorded = fact->recorded;
    if (fact->kind == FACT_SETTINGS_KEPT)
        kept = fact->text ? -1 : 1;
}

static void on_ended(void *owner, enum cycle_end end, const char *what)
{
    witness_tell(owner, "%s", what);
    how = end;
    ends++;
}

static void on_settled(void *owner, enum cycle_outcome outcome)
{
    static const char *const words[] = {
        [CYCLE_DID_RUN] = "ran", [CYCLE_DID_NOT_RUN] = "did not", [CYCLE_UNTOLD] = "untold"};

    witness_tell(owner, "%s", words[outcome]);
    ends++;
}

static int begin(void **state)
{
    static const struct cycle_events events = {.ended = on_ended, .settled = on_settled};
    static const struct router_observer observer = {on_told, NULL};

    (void)world_renew(state);
    witness_begin_on(&witness, world.server.socket);
    session = (struct session){.links = {.worker = witness.link},
                               .lease = {.value = "a:1", .epoch = "e1"},
                               .look = world.snapshot,
                               .commit = world.commit};
    world.settings.commit_timeout_ms = 5000;
    acks = (struct acks){0};
    cycle = (struct cycle){.settings = &world.settings,
                           .events = &events,
                           .owner = &witness,
                           .observer = &observer,
                           .session = &session,
                           .clock = &redis_clock,
                           .acks = &acks};
    recorder_init(&cycle.recorder, &world.settings, witness.link, &observer);
    redisReply *now = redis_server_ask(&world.server, "TIME");
    redis_clock_set(&redis_clock, strtoll(now->element[0]->str, NULL, 10) * 1000);
    freeReplyObject(now);
    history_begin(&cycle.history, 5, false, "");
    answers = ends = kept = 0;
    recorded = RECORDED_COUNT;
    return 0;
}

static int end(void **state)
{
    (void)state;
    cycle_clear(&cycle);
    window_clear(&cycle.held_back);
    recorder_deinit(&cycle.recorder);
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
    static char source[16384];
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
    struct last_commit last = {
        .sequence = sequence, .intent_ids = "7-0 8-0", .record_id = "9-0", .fresh = fresh};

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
    assert_string_equal(cycle.record_id, "9-0");
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
    assert_int_equal(cycle.state, CYCLE_UNSETTLED);
}

/* --- what is held */

static void hold(int from, int to)
{
    EXPECT("1", "EVAL %s 1 positions %d %d",
           "for i = ARGV[1], ARGV[2] do redis.call('HSET', KEYS[1], 'COIN' .. i, 'BUY') end "
           "return 1",
           from, to);
}

/* How often Redis was asked which symbols are held. */
static void expect_asked(long times)
{
    static const char name[] = "cmdstat_hrandfield:calls=";
    redisReply *said = redis_server_ask(&world.server, "INFO commandstats");
    const char *calls = strstr(said->str, name);

    assert_int_equal(calls ? strtol(calls + strlen(name), NULL, 10) : 0, times);
    freeReplyObject(said);
}

static void look_on(enum holdings_state state, long asked)
{
    ends = 0;
    cycle_clear(&cycle);
    expect_end(CYCLE_DONE, "");
    assert_int_equal(cycle.snapshot.holdings.state, state);
    expect_asked(asked);
}

/* Of too many Redis would take long to tell some. */
static void what_is_held_is_asked_for_where_it_is_bounded(void **state)
{
    (void)state;
    EXPECT("OK", "CONFIG RESETSTAT");
    hold(1, 10001);
    EXPECT("OK", "SET open 10001");
    look_on(HOLDINGS_TOO_MANY, 0);
    look_on(HOLDINGS_TOO_MANY, 0);
    EXPECT("1", "HDEL positions COIN10001");
    EXPECT("OK", "SET open 10000");
    look_on(HOLDINGS_KNOWN, 1);
    look_on(HOLDINGS_KNOWN, 2);
    EXPECT("1", "EVAL %s 1 positions",
           "redis.call('HSET', KEYS[1], 'COIN1', string.rep('x', 6000000)) return 1");
    look_on(HOLDINGS_TOO_LARGE, 3);
    look_on(HOLDINGS_TOO_LARGE, 3);
    EXPECT("0", "HSET positions COIN1 BUY");
    look_on(HOLDINGS_KNOWN, 4);
    cycle_lose(&cycle);
    look_on(HOLDINGS_KNOWN, 5);
    EXPECT("1", "DEL positions");
    EXPECT("OK", "SET open 0");
    look_on(HOLDINGS_KNOWN, 6);
}

/* --- its record */

static void expect_chain(const char *records, const char *prev)
{
    redisReply *reply = redis_server_ask(&world.server, "XREVRANGE decisions + - COUNT 1");
    struct entry entry;

    EXPECT(records, "XLEN decisions");
    assert_true(reply_read_entry(reply->element[0], &entry));
    const struct entry_field *field = entry_find(&entry, "prev");
    assert_int_equal(field->value_length, strlen(prev));
    assert_memory_equal(field->value, prev, strlen(prev));
    record_digest(&entry, digest);
    freeReplyObject(reply);
}

/* Once more with the same signals, which are duplicates by now. */
static void expect_another(void)
{
    cycle_give_back(&cycle, &world.window);
    ends = 0;
    expect_end(CYCLE_DONE, "");
}

static void its_record_names_the_one_before(void **state)
{
    char before[SHA256_TEXT_MAX], id[64];

    (void)state;
    recorder_open(&cycle.recorder);
    expect_end(CYCLE_DONE, "");
    assert_int_equal(kept, 1);
    expect_chain("1", "");
    assert_string_equal(cycle.recorder.end_digest, digest);
    EXPECT(cycle.record_id, "HGET commit record");
    memcpy(before, digest, sizeof before);
    (void)snprintf(id, sizeof id, "%s", cycle.record_id);
    expect_another();
    assert_int_equal(recorded, RECORDED);
    expect_chain("2", before);
    assert_string_not_equal(cycle.record_id, id);
    EXPECT("1", "HEXISTS settings %s", cycle.recorder.decisive.digest);
    EXPECT(cycle.recorder.decisive.text, "HGET settings %s", cycle.recorder.decisive.digest);
}

/* Another router's, or another process' before. */
static void a_new_session_goes_on_with_the_chain(void **state)
{
    char before[SHA256_TEXT_MAX];

    (void)state;
    EXPECT("5-0", "XADD decisions 5-0 a b");
    recorder_open(&cycle.recorder);
    expect_end(CYCLE_DONE, "");
    struct entry entry = entry_of("a", "b", NULL);
    record_digest(&entry, before);
    assert_int_equal(recorded, RECORDED);
    expect_chain("2", before);
}

static void an_entry_between_is_a_gap(void **state)
{
    (void)state;
    recorder_open(&cycle.recorder);
    expect_end(CYCLE_DONE, "");
    freeReplyObject(redis_server_ask(&world.server, "XADD decisions * a b"));
    expect_another();
    assert_int_equal(recorded, RECORDED_ALONE);
    expect_chain("3", "");
    assert_string_equal(cycle.recorder.end_digest, digest);
    memcpy(first, digest, sizeof first);
    expect_another();
    assert_int_equal(recorded, RECORDED);
    expect_chain("4", first);
}

static void what_happened_before_is_in_it_once(void **state)
{
    struct unrecorded *unrecorded = &cycle.recorder.unrecorded;

    (void)state;
    look_wrongly();
    acks.settled[FATE_HOLD] = 3;
    expect_end(CYCLE_GAVE_UP, "open orders");
    cycle_give_back(&cycle, &world.window);
    assert_int_equal(unrecorded->quiet[QUIET_GAVE_UP], 1);
    assert_int_equal(unrecorded->drops.of[FATE_HOLD], 3);
    session.look = world.snapshot;
    acks.settled[FATE_HOLD] = 1;
    ends = 0;
    expect_end(CYCLE_DONE, "");
    assert_int_equal(unrecorded->quiet[QUIET_GAVE_UP], 0);
    assert_int_equal(unrecorded->drops.of[FATE_HOLD], 0);
    assert_int_equal(cycle.drops.of[FATE_HOLD], 4);
    redisReply *reply = redis_server_ask(&world.server, "XREVRANGE decisions + - COUNT 1");
    const redisReply *fields = reply->element[0]->element[1];
    assert_string_equal(reply_named(fields, "quiet")->str, "empty=0 gave_up=1 refused=0 late=0");
    assert_string_equal(reply_named(fields, "drops")->str,
                        "outranked=0 low_confidence=0 invalid=0 stale=0 hold=4 close=0 "
                        "not_listed=0");
    freeReplyObject(reply);
}

static void an_empty_window_is_counted(void **state)
{
    struct window none = {0};

    (void)state;
    cycle_begin(&cycle, &none);
    witness_wait(&witness, &ends, 1);
    assert_int_equal(cycle.recorder.unrecorded.quiet[QUIET_EMPTY], 1);
    EXPECT("0", "EXISTS decisions");
}

static void without_room_there_is_none(void **state)
{
    (void)state;
    world.settings.record_max_mib = 0;
    recorder_open(&cycle.recorder);
    expect_end(CYCLE_DONE, "");
    assert_int_equal(recorded, RECORD_OFF);
    assert_string_equal(cycle.record_id, "");
    EXPECT("0", "EXISTS decisions settings");
}

/* Redis refuses to name the key at all. */
static void a_right_that_lacks_stops_nothing(void **state)
{
    (void)state;
    EXPECT("OK", "ACL SETUSER default resetkeys ~signals ~intents ~open ~safe ~commit ~leader "
                 "~positions ~daily:* ~dedup:*");
    recorder_open(&cycle.recorder);
    expect_end(CYCLE_DONE, "");
    assert_int_equal(recorded, RECORD_FORBIDDEN);
    assert_int_equal(kept, -1);
    assert_int_equal(answers, 1);
    EXPECT("2", "XLEN intents");
    expect_another();
    assert_int_equal(recorded, RECORD_FORBIDDEN);
    EXPECT("OK", "ACL SETUSER default ~*");
    recorder_open(&cycle.recorder); /* or a minute later */
    expect_another();
    assert_int_equal(recorded, RECORDED_ALONE);
    assert_int_equal(kept, 1);
    EXPECT("1", "XLEN decisions");
}

static void a_right_that_lacks_stops_all_where_a_record_must_be(void **state)
{
    (void)state;
    world.settings.record_required = true;
    EXPECT("OK", "ACL SETUSER default resetkeys ~signals ~intents ~open ~safe ~commit ~leader "
                 "~positions ~daily:* ~dedup:*");
    recorder_open(&cycle.recorder);
    cycle_begin(&cycle, &world.window);
    witness_wait(&witness, &ends, 1);
    assert_int_equal(how, CYCLE_REFUSED);
    EXPECT("0", "EXISTS intents");
    EXPECT("OK", "ACL SETUSER default ~*");
}

static void settings_of_a_wrong_type_are_told(void **state)
{
    (void)state;
    EXPECT("OK", "SET settings x");
    recorder_open(&cycle.recorder);
    expect_end(CYCLE_DONE, "");
    assert_int_equal(kept, -1);
    assert_int_equal(recorded, RECORDED_ALONE);
    EXPECT("1", "DEL settings");
    expect_another();
    EXPECT("0", "EXISTS settings");
    cycle.recorder.keep_again_ms = 1; /* a minute later */
    expect_another();
    assert_int_equal(kept, 1);
    EXPECT("1", "HEXISTS settings %s", cycle.recorder.decisive.digest);
}

/* --- what the records say of an answer that was lost */

static void ask_records(const char *wanted, bool is_fresh)
{
    cycle.state = CYCLE_UNSETTLED;
    cycle.snapshot.sequence = 5;
    cycle.plan.chosen = 2;
    (void)snprintf(cycle.cycle_id, sizeof cycle.cycle_id, "e1-6");
    ends = 0;
    assert_true(cycle_ask_records(&cycle, is_fresh));
    witness_wait(&witness, &ends, 1);
    witness_expect(&witness, wanted);
    assert_int_equal(cycle.state, CYCLE_IDLE);
}

static void add_records(int from, int to, const char *epoch)
{
    for (int i = from; i <= to; i++)
        freeReplyObject(redis_server_ask(&world.server,
                                         "XADD decisions %d-0 cycle_id %s-%d intents "
                                         "%d-7",
                                         i, epoch, i, i));
}

static void its_record_says_that_it_ran(void **state)
{
    (void)state;
    add_records(1, 6, "e1");
    add_records(7, 90, "e2");
    freeReplyObject(redis_server_ask(&world.server, "XADD decisions * not a-record"));
    ask_records("ran", false);
    assert_string_equal(cycle.intent_ids, "6-7");
    assert_string_equal(cycle.record_id, "6-0");
    assert_int_equal(cycle.history.published_since, 2);
}

static void another_in_its_place_says_that_it_did_not(void **state)
{
    (void)state;
    add_records(1, 5, "e1");
    add_records(6, 40, "e2");
    ask_records("did not", false);
    assert_null(cycle.intent_ids);
}

static void records_with_a_gap_say_nothing(void **state)
{
    (void)state;
    ask_records("untold", false); /* there are none */
    add_records(1, 5, "e1");
    add_records(7, 9, "e2");
    ask_records("untold", false);
    EXPECT("1", "DEL decisions");
    EXPECT("OK", "SET decisions x");
    ask_records("untold", false);
}

/* Where Redis lost its state sequences begin again: only its own name counts. */
static void after_a_loss_only_its_own_name_counts(void **state)
{
    (void)state;
    add_records(6, 6, "e1");
    add_records(7, 7, "e2");
    freeReplyObject(redis_server_ask(&world.server, "XADD decisions * cycle_id e3-1"));
    ask_records("ran", true);
    EXPECT("1", "XDEL decisions 6-0");
    cycle_clear(&cycle);
    freeReplyObject(redis_server_ask(&world.server, "XADD decisions * cycle_id e3-6"));
    ask_records("untold", true);
}

static void where_there_are_none_nobody_asks(void **state)
{
    (void)state;
    world.settings.record_max_mib = 0;
    cycle.state = CYCLE_UNSETTLED;
    assert_false(cycle_ask_records(&cycle, false));
    assert_int_equal(cycle.state, CYCLE_IDLE);
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
        TEST(what_is_held_is_asked_for_where_it_is_bounded),
        TEST(its_record_names_the_one_before),
        TEST(a_new_session_goes_on_with_the_chain),
        TEST(an_entry_between_is_a_gap),
        TEST(what_happened_before_is_in_it_once),
        TEST(an_empty_window_is_counted),
        TEST(without_room_there_is_none),
        TEST(a_right_that_lacks_stops_nothing),
        TEST(a_right_that_lacks_stops_all_where_a_record_must_be),
        TEST(settings_of_a_wrong_type_are_told),
        TEST(its_record_says_that_it_ran),
        TEST(another_in_its_place_says_that_it_did_not),
        TEST(records_with_a_gap_say_nothing),
        TEST(after_a_loss_only_its_own_name_counts),
        TEST(where_there_are_none_nobody_asks),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("cycle", tests, world_set_up, world_tear_down);
}
