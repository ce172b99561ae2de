/* SPDX-License-Identifier: MIT */
/* What becomes of the entries of a true Redis at the door: in the window, or ACKed with a fate. */
#include "router/act/intake.h"

#include <string.h>

#include "common/base/monotonic.h"
#include "common/redis/acks.h"
#include "router/tell/report.h"
#include "tests/unit/link_witness.h"
#include "tests/unit/redis_server.h"
#include "tests/unit/stderr_trap.h"
#include "tests/unit/support.h"

static struct redis_server server;
static struct router_settings settings;
static struct witness witness;
static struct window window;
static struct acks acks;
static struct report report;
static struct redis_clock redis_clock;
static struct intake intake;
static struct script ack_script = {.source = ack_lua};
static struct script pending_script = {.source = pending_lua};
static uint64_t window_ends_ms;
static int recovered;
static size_t trimmed; /* that it told of */
static bool holds;

#define EXPECT(answer, ...) redis_server_expect(&server, answer, __VA_ARGS__)
#define DO(...)             freeReplyObject(redis_server_ask(&server, __VA_ARGS__))
#define SOUND               "symbol %s side BUY confidence %s"

static void on_recovered(void *owner)
{
    (void)owner;
    recovered++;
}

static void on_failed(void *owner, const char *complaint)
{
    (void)owner;
    fail_msg("%s", complaint);
}

static bool on_holds(void *owner, struct stream_id id)
{
    (void)owner;
    (void)id;
    return holds;
}

static void on_told(void *owner, const struct router_fact *fact)
{
    (void)owner;
    if (fact->kind == FACT_THINNED)
        report_fact(&report, fact);
    if (fact->kind == FACT_TRIMMED)
        trimmed += fact->trimmed;
    if (fact->kind == FACT_JUDGED)
        assert_ptr_equal(fact->judged.entry, &intake.entry);
    if (fact->kind == FACT_NEAR_SIZE || fact->kind == FACT_SHARED_ID)
        assert_non_null(fact->hint.field);
}

static void on_refused(void *owner, const char *complaint)
{
    on_failed(owner, complaint);
}

static void on_returned(void *owner, const redisReply *entries)
{
    (void)owner;
    intake_returned(&intake, entries);
}

static void on_script_loaded(void *data, const char *complaint)
{
    (void)data;
    assert_null(complaint);
}

static void settle_everything(void)
{
    static const struct acks_events events = {.refused = on_refused, .returned = on_returned};
    static char signals[] = "s", group[] = "g", consumer[] = "c";

    settings = (struct router_settings){
        .keys = {.signals = signals, .group = group, .consumer = consumer},
        .read_count = 100,
        .score = bonuses_usual(),
        .signal = rules_usual(),
        .window = {.candidates_max = 4, .weight_max = 1000000000},
        .window_ms = 50,
    };
    window = (struct window){0};
    report_init(&report, &settings);
    acks = (struct acks){.link = witness.link,
                         .stream = signals,
                         .group = group,
                         .consumer = consumer,
                         .script = &ack_script,
                         .clock = &redis_clock,
                         .events = &events,
                         .owner = &witness};
    window_ends_ms = monotonic_ms();
    recovered = 0;
    trimmed = 0;
    holds = false;
    redis_clock_set(&redis_clock, NOW_MS);
}

static int begin(void **state)
{
    static const struct intake_events events = {
        .recovered = on_recovered, .failed = on_failed, .holds = on_holds};
    static const struct router_observer observer = {on_told, NULL};

    (void)catch_stderr(state);
    redis_server_start(&server);
    EXPECT("OK", "XGROUP CREATE s g 0 MKSTREAM");
    witness_begin_on(&witness, server.socket);
    settle_everything();
    assert_int_equal(script_load(&ack_script, witness.link, on_script_loaded, NULL), 0);
    assert_int_equal(script_load(&pending_script, witness.link, on_script_loaded, NULL), 0);
    link_flush(witness.link);
    while (!*pending_script.hash)
        (void)uv_run(&witness.loop, UV_RUN_ONCE);
    intake = (struct intake){.settings = &settings,
                             .events = &events,
                             .owner = &witness,
                             .observer = &observer,
                             .window = &window,
                             .acks = &acks,
                             .clock = &redis_clock,
                             .pending = &pending_script,
                             .window_ends_ms = &window_ends_ms};
    intake_init(&intake, &witness.loop, witness.link);
    return 0;
}

static int end(void **state)
{
    group_reader_stop(&intake.reader);
    group_reader_close(&intake.reader);
    witness_end(&witness);
    acks_deinit(&acks);
    window_clear(&window);
    redis_server_stop(&server);
    return release_stderr(state);
}

/* An entry of this age. */
static void feed_aged(int64_t age_ms, const char *symbol, const char *confidence)
{
    DO("XADD s %lld-* " SOUND, (long long)(NOW_MS - age_ms), symbol, confidence);
}

static void feed(const char *symbol, const char *confidence)
{
    feed_aged(1000, symbol, confidence);
}

static size_t count_acked(void)
{
    size_t count = 0;

    for (size_t kind = 0; kind < ACK_KINDS; kind++)
        count += acks.settled[kind];
    return count;
}

static void expect_taken(size_t candidates, size_t acked)
{
    static const uint64_t patience_ms = 5000;
    uint64_t until_ms = monotonic_ms() + patience_ms;

    while ((window.count != candidates || count_acked() != acked) && monotonic_ms() < until_ms)
        (void)uv_run(&witness.loop, UV_RUN_ONCE);
    assert_int_equal(window.count, candidates);
    assert_int_equal(count_acked(), acked);
}

static void expect_pending(int count)
{
    redisReply *summary = redis_server_ask(&server, "XPENDING s g");

    assert_int_equal(summary->element[0]->integer, count);
    freeReplyObject(summary);
}

static void what_is_dropped_is_acked_with_its_fate(void **state)
{
    (void)state;
    feed("LOW", "0.5");
    feed("GOOD", "0.8");
    feed("?", "0.9");
    DO("XADD s %lld-* symbol HOLDS side HOLD confidence 0.9", (long long)NOW_MS);
    DO("XADD s %lld-* symbol CLOSED side CLOSE confidence 0.9", (long long)NOW_MS);
    group_reader_start(&intake.reader);
    expect_taken(1, 4);
    assert_string_equal(window.candidates[0].signal->symbol, "GOOD");
    assert_int_equal(acks.settled[FATE_LOW_CONFIDENCE], 1);
    assert_int_equal(acks.settled[FATE_INVALID], 1);
    assert_int_equal(acks.settled[FATE_HOLD], 1);
    assert_int_equal(acks.settled[FATE_CLOSE], 1);
    expect_pending(1);
}

static void what_is_gone_is_acked_and_has_no_fate(void **state)
{
    (void)state;
    feed("ONE", "0.8");
    feed("TWO", "0.8");
    DO("XREADGROUP GROUP g c STREAMS s >");
    EXPECT("1", "XTRIM s MAXLEN = 1");
    group_reader_start(&intake.reader);
    witness_wait(&witness, &recovered, 1);
    expect_taken(1, 1);
    assert_int_equal(acks.settled[FATE_COUNT], 1);
    assert_int_equal(trimmed, 1);
    expect_pending(1);
}

/* Thinned to three; one that would fall at the next time does not come in. */
static void who_does_not_fit_is_outranked(void **state)
{
    static const char *const symbols[] = {"AAA", "BBB", "CCC", "DDD", "EEE"};

    (void)state;
    settings.log.pipeline_diag = true;
    for (size_t i = 0; i < COUNT(symbols); i++)
        feed(symbols[i], i < 3 ? "0.9" : "0.8");
    group_reader_start(&intake.reader);
    expect_taken(3, 2);
    assert_non_null(strstr(take_output(), "EEE BUY conf=80.00% score=0.800 fate=outranked"));
    feed("FFF", "0.81");
    expect_taken(3, 3);
    assert_non_null(strstr(take_output(), "FFF BUY conf=81.00% score=0.810 fate=outranked"));
    assert_int_equal(acks.settled[FATE_OUTRANKED], 3);
    expect_pending(3);
}

/* Once for each reply, and not once for all. */
static void the_clock_goes_on(void **state)
{
    (void)state;
    feed_aged(29000, "YOUNG", "0.8");
    group_reader_start(&intake.reader);
    expect_taken(1, 0);
    redis_clock_set(&redis_clock, NOW_MS + 5000);
    feed_aged(26000, "OLD", "0.8");
    expect_taken(1, 1);
    assert_int_equal(acks.settled[FATE_STALE], 1);
}

static void feed_now(const char *symbol)
{
    DO("XADD s * " SOUND, symbol, "0.8");
}

static int64_t true_now_ms(void)
{
    redisReply *reply = redis_server_ask(&server, "TIME");
    int64_t now_ms;

    assert_true(redis_clock_read(reply, 0, &now_ms));
    freeReplyObject(reply);
    return now_ms;
}

/* What we took for Redis' clock was set back meanwhile, or on: nobody is dropped by it, and from
 * then on the clock is right. */
static void a_clock_that_was_set_drops_nobody(void **state)
{
    static const int64_t steps_ms[] = {-7200000, 7200000};

    (void)state;
    DO("XADD s %lld-* " SOUND, (long long)(true_now_ms() - 40000), "OLD", "0.8");
    group_reader_start(&intake.reader);
    expect_taken(0, 1);
    for (size_t i = 0; i < COUNT(steps_ms); i++) {
        redis_clock_set(&redis_clock, true_now_ms() + steps_ms[i]);
        feed_now("FRESH");
        expect_taken(i + 1, 1);
        assert_in_range(redis_clock_now(&redis_clock) - true_now_ms() + 10000, 0, 10001);
    }
    assert_int_equal(acks.settled[FATE_STALE], 1);
    assert_int_equal(acks.settled[FATE_INVALID], 0);
    expect_pending(2);
}

/* What is held already would be decided twice; the deleted ones come in a list of their own. */
static void what_was_claimed_is_taken_once(void **state)
{
    (void)state;
    group_reader_start(&intake.reader);
    witness_wait(&witness, &recovered, 1);
    group_reader_pause(&intake.reader);
    feed("CLAIMED", "0.8");
    redisReply *claimed = redis_server_ask(&server, "XRANGE s - +");
    holds = true;
    intake_claimed(&intake, claimed, NULL);
    assert_int_equal(window.count, 0);
    holds = false;
    intake_claimed(&intake, claimed, claimed);
    assert_int_equal(window.count, 1);
    assert_int_equal(trimmed, 1);
    freeReplyObject(claimed);
    holds = true; /* what is read the usual way is ours, whatever is held */
    group_reader_resume(&intake.reader);
    feed("READ", "0.8");
    expect_taken(3, 0);
}

/* Nothing is claimed for a session that has not read what is pending. */
static void claims_that_come_too_early_are_left_alone(void **state)
{
    (void)state;
    feed("CLAIMED", "0.8");
    redisReply *claimed = redis_server_ask(&server, "XRANGE s - +");
    intake_claimed(&intake, claimed, claimed);
    freeReplyObject(claimed);
    group_reader_start(&intake.reader);
    expect_taken(1, 0);
    assert_int_equal(trimmed, 0);
}

static uint64_t nap_ms(uint64_t window_ms, uint64_t left_ms)
{
    settings.window_ms = window_ms;
    window_ends_ms = monotonic_ms() + left_ms;
    return intake.reader.events->nap_ms(&intake);
}

/* What comes in time is decided in time. */
static void it_never_sleeps_over_the_windows_end(void **state)
{
    (void)state;
    assert_int_equal(nap_ms(3000, 3000), ROUTER_READ_NAP_MS_MAX);
    assert_int_equal(nap_ms(100, 3000), 10);
    assert_true(nap_ms(3000, 20) <= 15);
    assert_int_equal(nap_ms(3000, 5), 0);
    assert_int_equal(nap_ms(3000, 0), 0);
}

static void it_waits_for_entries_no_longer_than_a_window(void **state)
{
    (void)state;
    assert_int_equal(intake.reader.config.block_ms, 50);
    settings.window_ms = 100000;
    intake_adopt(&intake);
    assert_int_equal(intake.reader.config.block_ms, ROUTER_READ_BLOCK_MS_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_dropped_is_acked_with_its_fate),
        TEST(what_is_gone_is_acked_and_has_no_fate),
        TEST(who_does_not_fit_is_outranked),
        TEST(the_clock_goes_on),
        TEST(a_clock_that_was_set_drops_nobody),
        TEST(what_was_claimed_is_taken_once),
        TEST(claims_that_come_too_early_are_left_alone),
        TEST(it_never_sleeps_over_the_windows_end),
        TEST(it_waits_for_entries_no_longer_than_a_window),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("intake", tests, NULL, NULL);
}
