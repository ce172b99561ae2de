/* SPDX-License-Identifier: MIT */
/* One who asks for the lease, and a true Redis that others have been at. */
#include "router/act/lease.h"

#include <string.h>

#include "common/base/memory.h"
#include "common/base/monotonic.h"
#include "tests/unit/link_witness.h"
#include "tests/unit/redis_server.h"

static struct redis_server server;
static struct router_settings settings;
static struct witness witness;
static struct lease lease;
static struct past past;
static int loaded, taken, held, lost, released, failed, paused;

#define EXPECT(answer, ...) redis_server_expect(&server, answer, __VA_ARGS__)

static void on_taken(void *owner, const redisReply *reply)
{
    (void)reply;
    witness_tell(owner, "taken");
    taken++;
}

static void on_held(void *owner, const char *holder)
{
    if (held == 0)
        witness_tell(owner, "held: %s", holder);
    held++;
}

static void on_lost(void *owner, const char *why)
{
    witness_tell(owner, "lost: %s", why);
    lost++;
}

static void on_released(void *owner)
{
    witness_tell(owner, "released");
    released++;
}

static void on_failed(void *owner, const char *complaint)
{
    witness_tell(owner, "failed: %.9s", complaint);
    failed++;
}

static void on_loaded(void *data, const char *complaint)
{
    (void)data;
    assert_null(complaint);
    loaded++;
}

static void load(struct script *script)
{
    assert_int_equal(script_load(script, witness.link, on_loaded, NULL), 0);
}

static int begin(void **state)
{
    static char leader[] = "leader", commit[] = "commit", signals[] = "signals", group[] = "router",
                consumer[] = "one", instance[] = "a";
    static const struct lease_events events = {on_taken, on_held, on_lost, on_released, on_failed};

    (void)state;
    loaded = taken = held = lost = released = failed = paused = 0;
    settings = (struct router_settings){.keys = {.leader = leader,
                                                 .commit = commit,
                                                 .signals = signals,
                                                 .group = group,
                                                 .consumer = consumer},
                                        .instance = instance,
                                        .lease_ms = 1500,
                                        .lease_renew_ms = 50};
    redis_server_start(&server);
    witness_begin_on(&witness, server.socket);
    lease_init(&lease, &witness.loop, &settings, witness.link, &past, &events, &witness);
    load(&lease.take);
    load(&lease.renew);
    load(&lease.release);
    witness_wait(&witness, &loaded, 3);
    witness.story[0] = '\0';
    return 0;
}

static int end(void **state)
{
    (void)state;
    lease_close(&lease);
    witness_end(&witness);
    redis_server_stop(&server);
    return 0;
}

static void on_pause(uv_timer_t *timer)
{
    paused++;
    uv_close((uv_handle_t *)timer, NULL);
}

static void live_on(uint64_t ms)
{
    uv_timer_t timer;
    int before = paused;

    (void)uv_timer_init(&witness.loop, &timer);
    uv_update_time(&witness.loop);
    (void)uv_timer_start(&timer, on_pause, ms, 0);
    witness_wait(&witness, &paused, before + 1);
    (void)uv_run(&witness.loop, UV_RUN_NOWAIT);
}

static void take(void)
{
    int before = taken;

    lease_ask(&lease);
    witness_wait(&witness, &taken, before + 1);
}

/* The next renewal, whose answer is so late; when it was sent. */
static uint64_t renew_unheard(int late_ms)
{
    EXPECT("OK", "CLIENT PAUSE %d ALL", late_ms);
    while (lease.sent_ms == 0)
        (void)uv_run(&witness.loop, UV_RUN_ONCE);
    return lease.sent_ms;
}

static void is_taken_and_kept(void **state)
{
    (void)state;
    assert_false(lease_is_good(&lease));
    take();
    assert_true(lease_is_good(&lease));
    assert_memory_equal(lease.value, "a:", 2);
    assert_int_equal(strlen(lease.value), 2 + 32);
    EXPECT(lease.value, "GET leader");
    EXPECT(lease.epoch, "HGET commit epoch");
    live_on(2000);
    assert_true(lease_is_good(&lease));
    EXPECT(lease.value, "GET leader");
    witness_expect(&witness, "taken");
}

static void waits_until_anothers_runs_out(void **state)
{
    (void)state;
    EXPECT("OK", "SET leader b:1 PX 300");
    take();
    assert_true(held >= 2);
    EXPECT(lease.value, "GET leader");
    witness_expect(&witness, "held: b:1 | taken");
}

/* The same instance, restarted: at once, and only then. */
static void takes_over_from_its_own_name_at_start_only(void **state)
{
    (void)state;
    EXPECT("OK", "SET leader a:dead PX 100000");
    take();
    witness_expect(&witness, "taken");
    lease_forget(&lease);
    EXPECT("OK", "SET leader a:other PX 100000");
    lease_ask(&lease);
    witness_wait(&witness, &held, 2);
    EXPECT("a:other", "GET leader");
    witness_expect(&witness, "held: a:other");
}

static void one_that_waited_has_no_name_to_take_over_from(void **state)
{
    (void)state;
    EXPECT("OK", "SET leader b:1 PX 100000");
    lease_ask(&lease);
    witness_wait(&witness, &held, 1);
    EXPECT("OK", "SET leader a:other PX 100000");
    witness_wait(&witness, &held, 4);
    EXPECT("a:other", "GET leader");
    assert_int_equal(taken, 0);
}

static void exchanges_its_own_after_a_lost_connection(void **state)
{
    char first[LEASE_VALUE_MAX];
    char epoch[TOKEN_MAX];

    (void)state;
    take();
    memcpy(first, lease.value, sizeof first);
    memcpy(epoch, lease.epoch, sizeof epoch);
    lease_forget(&lease);
    assert_false(lease_is_good(&lease));
    take();
    assert_string_not_equal(first, lease.value);
    assert_string_not_equal(epoch, lease.epoch);
    EXPECT(lease.value, "GET leader");
    EXPECT(lease.epoch, "HGET commit epoch");
    witness_expect(&witness, "taken | taken");
}

/* Its life begins no later than the asking: how long the answer took is nobody's to add. */
static void lives_from_the_asking(void **state)
{
    (void)state;
    EXPECT("OK", "CLIENT PAUSE 400 ALL");
    lease_ask(&lease);
    uint64_t asked_ms = monotonic_ms();
    witness_wait(&witness, &taken, 1);
    assert_true(monotonic_ms() >= asked_ms + 100);
    assert_true(lease.good_until_ms <= asked_ms + 1000); /* two thirds of 1500 */
}

/* An answer that was late is the first renewal's, and its life is counted from that one. */
static void has_one_renewal_on_its_way(void **state)
{
    (void)state;
    take();
    uint64_t sent_ms = renew_unheard(300);
    live_on(100);
    assert_int_equal(lease.sent_ms, sent_ms);
}

/* However long the pause between renewals, the end of the last one is not slept over. */
static void wakes_for_its_end(void **state)
{
    (void)state;
    take();
    settings.lease_renew_ms = 100000;
    (void)renew_unheard(100);
    assert_true(uv_timer_get_due_in(&lease.timer) <= 1001);
}

/* Neither half a window nor a renewal's pause is waited for when it runs out before. */
static void asks_when_anothers_has_run_out(void **state)
{
    (void)state;
    settings.window_ms = 100000;
    settings.lease_renew_ms = 100000;
    EXPECT("OK", "SET leader b:1 PX 400");
    lease_ask(&lease);
    witness_wait(&witness, &held, 1);
    assert_true(uv_timer_get_due_in(&lease.timer) <= 401);
    witness_wait(&witness, &taken, 1);
}

static void asks_twice_a_window_whether_it_was_given_back(void **state)
{
    (void)state;
    settings.window_ms = 400;
    settings.lease_renew_ms = 100000;
    EXPECT("OK", "SET leader b:1 PX 100000");
    lease_ask(&lease);
    witness_wait(&witness, &held, 1);
    assert_true(uv_timer_get_due_in(&lease.timer) <= 200);
    EXPECT("1", "DEL leader");
    witness_wait(&witness, &taken, 1);
}

static void an_answer_that_comes_after_all_is_over_changes_nothing(void **state)
{
    (void)state;
    lease_ask(&lease);
    lease_forget(&lease);
    live_on(100);
    EXPECT(lease.asking, "GET leader");
    assert_int_equal(lease.state, LEASE_NONE);
    take();
    EXPECT("OK", "SET leader b:9");
    (void)renew_unheard(50);
    lease_forget(&lease);
    live_on(100);
    assert_int_equal(lost, 0);
    witness_expect(&witness, "taken");
}

static void is_lost_to_another(void **state)
{
    (void)state;
    take();
    EXPECT("OK", "SET leader b:9");
    witness_wait(&witness, &lost, 1);
    assert_false(lease_is_good(&lease));
    witness_expect(&witness, "taken | lost: b:9 holds it now");
    live_on(200);
    EXPECT("b:9", "GET leader");
    EXPECT("-1", "PTTL leader");
}

static void is_lost_to_nobody(void **state)
{
    (void)state;
    take();
    EXPECT("1", "DEL leader");
    witness_wait(&witness, &lost, 1);
    witness_expect(&witness, "taken | lost: nobody holds it now");
}

/* Two thirds of its life after the last renewal was sent, no matter who is to blame. */
static void is_lost_when_redis_does_not_answer(void **state)
{
    (void)state;
    take();
    uint64_t good_ms = lease.good_until_ms;
    EXPECT("OK", "CLIENT PAUSE 20000 ALL");
    witness_wait(&witness, &lost, 1);
    assert_true(uv_hrtime() / 1000000 >= good_ms);
    assert_false(lease_is_good(&lease));
    witness_expect(&witness, "taken | lost: it could not be renewed in time");
}

/* One refusal is not the end: the next renewal may go through. */
static void outlives_a_short_refusal(void **state)
{
    (void)state;
    take();
    EXPECT("OK", "CONFIG SET maxmemory 1");
    live_on(200);
    EXPECT("OK", "CONFIG SET maxmemory 0");
    live_on(1800);
    assert_true(lease_is_good(&lease));
    witness_expect(&witness, "taken");
}

static void is_given_back(void **state)
{
    (void)state;
    take();
    lease_release(&lease);
    assert_false(lease_is_good(&lease));
    witness_wait(&witness, &released, 1);
    EXPECT("(nil)", "GET leader");
    witness_expect(&witness, "taken | released");
}

static void anothers_is_not_given_back(void **state)
{
    (void)state;
    take();
    EXPECT("OK", "SET leader b:9");
    lease_release(&lease);
    witness_wait(&witness, &released, 1);
    EXPECT("b:9", "GET leader");
}

static void a_key_of_a_wrong_type_is_told(void **state)
{
    (void)state;
    EXPECT("1", "LPUSH leader x");
    lease_ask(&lease);
    witness_wait(&witness, &failed, 1);
    witness_expect(&witness, "failed: WRONGTYPE");
    assert_false(lease_is_good(&lease));
    EXPECT("0", "EXISTS commit");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(is_taken_and_kept),
        TEST(waits_until_anothers_runs_out),
        TEST(takes_over_from_its_own_name_at_start_only),
        TEST(one_that_waited_has_no_name_to_take_over_from),
        TEST(exchanges_its_own_after_a_lost_connection),
        TEST(lives_from_the_asking),
        TEST(has_one_renewal_on_its_way),
        TEST(wakes_for_its_end),
        TEST(asks_when_anothers_has_run_out),
        TEST(asks_twice_a_window_whether_it_was_given_back),
        TEST(an_answer_that_comes_after_all_is_over_changes_nothing),
        TEST(is_lost_to_another),
        TEST(is_lost_to_nobody),
        TEST(is_lost_when_redis_does_not_answer),
        TEST(outlives_a_short_refusal),
        TEST(is_given_back),
        TEST(anothers_is_not_given_back),
        TEST(a_key_of_a_wrong_type_is_told),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("lease", tests, NULL, NULL);
}
