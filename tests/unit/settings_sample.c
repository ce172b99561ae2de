/* SPDX-License-Identifier: MIT */
#include "tests/unit/settings_sample.h"

struct router_settings settings_sample(const struct plan_rules *rules)
{
    static char signals[] = "signals", intents[] = "intents", open[] = "open", safe[] = "safe";
    static char commit[] = "commit", dedup[] = "dedup:", daily[] = "daily:", group[] = "router";
    static char leader[] = "leader", held[] = "positions",
                cooldown[] = "cool:", in_flight_group[] = "executor", decisions[] = "decisions",
                kept[] = "settings", instance[] = "alpha", auto_group[] = "auto";

    return (struct router_settings){
        .keys = {.signals = signals,
                 .intents = intents,
                 .open_orders = open,
                 .held = held,
                 .safe_mode = safe,
                 .commit = commit,
                 .dedup = dedup,
                 .daily_trades = daily,
                 .leader = leader,
                 .cooldown = cooldown,
                 .in_flight_group = in_flight_group,
                 .decisions = decisions,
                 .settings = kept,
                 .group = group},
        .instance = instance,
        .in_flight_group = auto_group,
        .record_max_mib = 16,
        .dedup_ttl_sec = 300,
        .intent_maxlen = 10000,
        .in_flight_max_age_sec = 600,
        .in_flight_idle_ms = 300000,
        .plan = *rules,
    };
}
