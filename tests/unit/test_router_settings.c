/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/unit/router_sample.h"

static void expect_complaint(const char *expected)
{
    settings_rig_refuse(1, expected);
    end(NULL);
    begin(NULL);
}

static void has_the_defaults_of_the_contract(void **state)
{
    const struct plan_rules *plan = &settings.plan;

    (void)state;
    settings_rig_check();
    assert_int_equal(plan->capacity.max_open, 10);
    assert_int_equal(plan->capacity.target_open, 3);
    assert_int_equal(plan->capacity.max_new_per_cycle, 2);
    assert_true(plan->capacity.super_confidence == 0.9);
    assert_true(plan->sizing.factor[0] == 1.3 && plan->sizing.factor[1] == 1.1);
    assert_true(plan->one_per_symbol);
    assert_true(settings.signal.min_confidence == 0.75);
    assert_int_equal(settings.dedup_ttl_sec, 300);
    assert_int_equal(settings.log.level, LEVEL_INFO);
}

static void works_the_rest_out(void **state)
{
    (void)state;
    settings_rig_set("window.seconds", "0.25");
    settings_rig_set("window.max_candidates", "7");
    settings_rig_set("window.max_mib", "2");
    settings_rig_set("window.signal_max_age_sec", "20");
    settings_rig_set("window.future_max_sec", "5");
    settings_rig_set("sizing.max_position_usd", "500");
    settings_rig_check();
    assert_int_equal(settings.window_ms, 250);
    assert_int_equal(settings.window.candidates_max, 7);
    assert_int_equal(settings.window.weight_max, 2 << 20);
    assert_int_equal(settings.signal.max_age_ms, 20000);
    assert_int_equal(settings.signal.future_max_ms, 5000);
    assert_int_equal(settings.plan.max_age_ms, 20000);
    assert_true(settings.plan.sizing.max_position_usd == 500.0);
    assert_ptr_equal(settings.signal.carry, &settings.carry);
}

static void fills_names_in_from_the_prefix(void **state)
{
    (void)state;
    settings_rig_set("prefix", "q:{a}:");
    settings_rig_set("keys.intents", "elsewhere");
    settings_rig_check();
    assert_string_equal(settings.keys.signals, "q:{a}:stream:ai.decision.made");
    assert_string_equal(settings.keys.intents, "elsewhere");
    assert_string_equal(settings.keys.open_orders, "q:{a}:state:open_orders");
    assert_string_equal(settings.keys.safe_mode, "q:{a}:safety:safe_mode");
    assert_string_equal(settings.keys.commit, "q:{a}:router:commit");
    assert_string_equal(settings.keys.dedup, "q:{a}:dedup:trade_intent:");
    assert_string_equal(settings.keys.daily_trades, "q:{a}:governor:daily_trades:");
    assert_string_equal(settings.keys.leader, "q:{a}:router:leader");
    assert_string_equal(settings.keys.cooldown, "q:{a}:router:cooldown:");
    assert_string_equal(settings.keys.executor_group, "q:{a}:group:execution:trade.intent");
    assert_string_equal(settings.keys.group, "router");
    assert_string_equal(settings.keys.consumer, "ai_strategy_router");
}

static void the_prefix_may_be_empty(void **state)
{
    (void)state;
    settings_rig_set("prefix", "");
    settings_rig_check();
    assert_string_equal(settings.keys.signals, "stream:ai.decision.made");
    assert_string_equal(settings.keys.dedup, "dedup:trade_intent:");
}

static void each_key_has_its_own_name(void **state)
{
    (void)state;
    settings_rig_set("keys.intents", "s");
    settings_rig_set("keys.signals", "s");
    expect_complaint("here: keys.intents names the same key as keys.signals; each needs its own");
    settings_rig_set("keys.safe_mode", "quantum:state:open_orders");
    expect_complaint(
        "here: keys.safe_mode names the same key as keys.open_orders; each needs its own");
    settings_rig_set("keys.signals", "quantum:router:commit");
    expect_complaint(
        "here: keys.commit (\"quantum:router:commit\" by default) names the same key as "
        "keys.signals; each needs its own");
    settings_rig_set("keys.daily_trades", "quantum:dedup:trade_intent:");
    expect_complaint("here: keys.daily_trades names the same key as keys.dedup; each needs its "
                     "own");
    settings_rig_set("keys.group", "same");
    settings_rig_set("keys.consumer", "same");
    settings_rig_set("keys.signals", "same");
    settings_rig_check();
}

static void names_may_not_be_empty_where_none_is_usual(void **state)
{
    (void)state;
    settings_rig_set("keys.group", "");
    expect_complaint("here: keys.group must not be empty");
    settings_rig_set("keys.consumer", "");
    expect_complaint("here: keys.consumer must not be empty");
}

static void a_mark_outlasts_every_signal(void **state)
{
    (void)state;
#define GUARDED "window.signal_max_age_sec, window.future_max_sec and two windows"
    settings_rig_set("intent.dedup_ttl_sec", "67");
    settings_rig_check();
    settings_rig_set("intent.dedup_ttl_sec", "66");
    expect_complaint("here: intent.dedup_ttl_sec must be more than 66: " GUARDED);
    settings_rig_set("intent.dedup_ttl_sec", "300");
    settings_rig_set("window.seconds", "150.5");
    expect_complaint("here: intent.dedup_ttl_sec must be more than 361: " GUARDED);
    settings_rig_set("intent.dedup_ttl_sec", "300");
    settings_rig_set("window.future_max_sec", "1000000");
    expect_complaint("here: intent.dedup_ttl_sec must be more than 1000036: " GUARDED);
}

static void a_ttl_that_nobody_set_grows(void **state)
{
    (void)state;
    settings_rig_set("window.signal_max_age_sec", "264");
    settings_rig_set("window.seconds", "2.9");
    settings_rig_check();
    assert_int_equal(settings.dedup_ttl_sec, 300);
    settings_rig_set("window.seconds", "3");
    settings_rig_check();
    assert_int_equal(settings.dedup_ttl_sec, 301);
    settings_rig_set("window.signal_max_age_sec", "3600");
    settings_rig_set("window.seconds", "3600");
    settings_rig_check();
    assert_int_equal(settings.dedup_ttl_sec, 10831);
}

/* Else an intent could be gone before anybody has read it. */
static void the_stream_holds_what_may_be_unread(void **state)
{
    (void)state;
#define NEEDED "ten times capacity.max_new_per_cycle, and capacity.max_open"
    settings_rig_set("capacity.max_new_per_cycle", "9");
    settings_rig_set("intent.maxlen", "100");
    settings_rig_check();
    settings_rig_set("capacity.max_new_per_cycle", "10");
    settings_rig_set("intent.maxlen", "109");
    expect_complaint("here: intent.maxlen must be at least 110: " NEEDED);
    settings_rig_set("intent.maxlen", "100");
    settings_rig_set("capacity.max_new_per_cycle", "1000");
    expect_complaint("here: intent.maxlen must be at least 10010: " NEEDED);
    settings_rig_set("capacity.max_new_per_cycle", "998");
    settings_rig_set("capacity.max_open", "21");
    settings_rig_check();
    assert_int_equal(settings.intent_maxlen, 10001);
    settings_rig_set("capacity.max_new_per_cycle", "1000");
    settings_rig_set("capacity.max_open", "1000000");
    settings_rig_check();
    assert_int_equal(settings.intent_maxlen, 1010000);
}

/* --- the lease and its like */

static void a_claim_comes_after_window_and_commit(void **state)
{
    (void)state;
    settings_rig_check();
    assert_int_equal(settings.claim_idle_ms, 10000);
    settings_rig_set("window.seconds", "10");
    settings_rig_check();
    assert_int_equal(settings.claim_idle_ms, 22000);
    settings_rig_set("window.seconds", "0.05");
    settings_rig_set("redis.commit_timeout_ms", "60000");
    settings_rig_check();
    assert_int_equal(settings.claim_idle_ms, 60051);
    settings_rig_set("strays.claim_idle_ms", "60051");
    settings_rig_check();
    assert_int_equal(settings.claim_idle_ms, 60051);
    settings_rig_set("strays.claim_idle_ms", "60050");
    expect_complaint("here: strays.claim_idle_ms must be more than 60050: the window and the "
                     "commit's deadline");
}

static void a_lease_is_renewed_three_times_over(void **state)
{
    (void)state;
    settings_rig_check();
    assert_int_equal(settings.lease_ms, 5000);
    assert_int_equal(settings.lease_renew_ms, 1000);
    settings_rig_set("lease.ttl_ms", "3000");
    settings_rig_check();
    settings_rig_set("lease.ttl_ms", "2999");
    expect_complaint("here: lease.renew_ms (1000 by default) must be a third of lease.ttl_ms at "
                     "most, which is 999");
    settings_rig_set("lease.renew_ms", "1667");
    expect_complaint("here: lease.renew_ms must be a third of lease.ttl_ms at most, which is 1666");
}

static void an_instance_has_a_name(void **state)
{
    (void)state;
    settings_rig_check();
    assert_true(settings.instance[0]);
    settings_rig_set("lease.instance", "left");
    settings_rig_check();
    assert_string_equal(settings.instance, "left");
    settings_rig_set("lease.instance", "a:b");
    expect_complaint("here: lease.instance must not hold a colon");
}

static void expect_in_flight_group(const char *group, const char *in_flight_group, bool needed,
                                   int64_t idle_ms)
{
    settings_rig_set("capacity.inflight_group", group);
    settings_rig_check();
    assert_string_equal(settings.keys.in_flight_group, in_flight_group);
    assert_int_equal(settings.plan.capacity.in_flight_needed, needed);
    assert_int_equal(settings.in_flight_idle_ms, idle_ms);
}

static void only_a_group_that_was_named_is_needed_and_counts_always(void **state)
{
    (void)state;
    expect_in_flight_group("auto", "quantum:group:execution:trade.intent", false, 300000);
    expect_in_flight_group("mine", "mine", true, -1);
    expect_in_flight_group("", "", false, -1);
    settings_rig_set("capacity.inflight_idle_sec", "7");
    expect_in_flight_group("auto", "quantum:group:execution:trade.intent", false, 7000);
}

static void works_the_limits_out(void **state)
{
    const struct capacity_rules *capacity = &settings.plan.capacity;

    (void)state;
    settings_rig_set("capacity.max_open", "7");
    settings_rig_check();
    assert_int_equal(capacity->suspect_after, 7);
    assert_false(capacity->suspect_closes || settings.plan.has_cooldown);
    assert_int_equal(capacity->max_daily, 0);
    assert_int_equal(capacity->supers_per_hour, 0);
    assert_int_equal(capacity->supers_per_cycle, 0);
    settings_rig_set("capacity.suspect_after", "3");
    settings_rig_set("capacity.suspect", "close");
    settings_rig_set("capacity.symbol_cooldown_sec", "60");
    settings_rig_set("capacity.super_max_per_cycle", "1");
    settings_rig_check();
    assert_int_equal(capacity->supers_per_cycle, 1);
    assert_int_equal(capacity->suspect_after, 3);
    assert_true(capacity->suspect_closes && settings.plan.has_cooldown);
}

static void carried_names_are_not_the_routers_own(void **state)
{
    (void)state;
    settings_rig_set("intent.carry", "model, regime_hint");
    settings_rig_check();
    assert_int_equal(settings.signal.carry->count, 2);
    settings_rig_set("intent.carry", "model,cycle_id");
    expect_complaint("here: intent.carry names 'cycle_id', which the router itself writes; leave "
                     "it out");
    settings_rig_set("intent.carry", "model,reduceOnly");
    expect_complaint(
        "here: intent.carry names 'reduceOnly', which says which way an intent points; "
        "leave it out");
    settings_rig_set("intent.carry", "v,symbol");
    settings_rig_refuse(2, NULL);
}

/* Who names it wants it; by default nobody gets it. */
static void a_quantity_is_not_both_carried_and_dropped(void **state)
{
    (void)state;
    settings_rig_check();
    assert_false(settings.plan.carries_quantity);
    settings_rig_set("intent.carry", "model, quantity");
    expect_complaint("here: intent.carry names 'quantity', which intent.quantity = drop leaves "
                     "out, for its unit is not known; leave it out, or choose scale");
    settings_rig_set("intent.carry", "model, quantity");
    settings_rig_set("intent.quantity", "scale");
    settings_rig_check();
    assert_true(settings.plan.carries_quantity);
    settings_rig_set("intent.quantity", "drop");
    settings_rig_refuse(1, NULL);
}

static void only_symbols_are_listed(void **state)
{
    const struct names *only = &settings.symbols;

    (void)state;
    settings_rig_check();
    assert_ptr_equal(settings.signal.only, only);
    assert_int_equal(only->count, 0);
    settings_rig_set("window.symbols", "xrpusdt, BTCUSDT ,ADA_usd-t");
    settings_rig_check();
    assert_int_equal(only->count, 3);
    assert_string_equal(only->list[0], "ADA_USD-T");
    assert_string_equal(only->list[1], "BTCUSDT");
    assert_string_equal(only->list[2], "XRPUSDT");
    settings_rig_set("window.symbols", "BTCUSDT,BTC/USDT");
    expect_complaint("here: window.symbols names 'BTC/USDT', which is no symbol (3 to 32 of A-Z, "
                     "0-9, _ and -)");
    settings_rig_set("window.symbols", "BTC USDT,XY");
    settings_rig_refuse(2, NULL);
}

/* What they were read from goes with the next reload. */
static void fresh_symbols_are_copied(void **state)
{
    struct router_settings fresh;

    (void)state;
    settings_rig_set("window.symbols", "BTCUSDT");
    settings_rig_check();
    fresh = settings;
    char ada[] = "ADAUSDT", xrp[] = "XRPUSDT", *list[] = {ada, xrp};
    fresh.symbols = (struct names){list, 2};
    fresh.signal.only = &fresh.symbols;
    router_settings_adopt(&settings, &fresh);
    assert_ptr_equal(settings.signal.only, &settings.symbols);
    assert_int_equal(settings.symbols.count, 2);
    assert_ptr_not_equal(settings.symbols.list[0], list[0]);
    assert_string_equal(settings.symbols.list[1], "XRPUSDT");
}

static void names_all_that_is_wrong(void **state)
{
    (void)state;
    settings_rig_set("keys.group", "");
    settings_rig_set("redis.url", "http://h");
    settings_rig_set("redis.backoff_min_ms", "60000");
    settings_rig_set("intent.carry", "side");
    settings_rig_set("intent.dedup_ttl_sec", "1");
    settings_rig_refuse(5, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(has_the_defaults_of_the_contract),
        TEST(works_the_rest_out),
        TEST(fills_names_in_from_the_prefix),
        TEST(the_prefix_may_be_empty),
        TEST(each_key_has_its_own_name),
        TEST(names_may_not_be_empty_where_none_is_usual),
        TEST(a_mark_outlasts_every_signal),
        TEST(a_ttl_that_nobody_set_grows),
        TEST(the_stream_holds_what_may_be_unread),
        TEST(a_claim_comes_after_window_and_commit),
        TEST(a_lease_is_renewed_three_times_over),
        TEST(an_instance_has_a_name),
        TEST(only_a_group_that_was_named_is_needed_and_counts_always),
        TEST(works_the_limits_out),
        TEST(carried_names_are_not_the_routers_own),
        TEST(a_quantity_is_not_both_carried_and_dropped),
        TEST(only_symbols_are_listed),
        TEST(fresh_symbols_are_copied),
        TEST(names_all_that_is_wrong),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
