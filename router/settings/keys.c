/* SPDX-License-Identifier: MIT */
#include "router/settings/keys.h"

#include <assert.h>

#define AT(member) offsetof(struct keys, member)
#define KEY(member)                                                                                \
    .key = "keys." #member, .type = OPTION_TEXT, .offset = AT(member), .max = KEY_MAX

const struct option_row key_option_rows[] = {
    KEY_PREFIX_ROW(AT(prefix)),
    {KEY(signals), .fallback = "", .help = "signal stream; empty: <prefix>stream:ai.decision.made"},
    {KEY(intents), .fallback = "", .help = "intent stream; empty: <prefix>stream:trade.intent"},
    {KEY(open_orders), .fallback = "", .help = "capacity key; empty: <prefix>state:open_orders"},
    {KEY(safe_mode), .fallback = "", .help = "safe-mode key; empty: <prefix>safety:safe_mode"},
    {KEY(commit), .fallback = "", .help = "commit hash; empty: <prefix>router:commit"},
    {KEY(dedup), .fallback = "",
     .help = "start of the marks' names; empty: <prefix>dedup:trade_intent:"},
    {KEY(daily_trades), .fallback = "",
     .help = "start of the daily counters' names; empty: <prefix>governor:daily_trades:"},
    {KEY(leader), .fallback = "",
     .help = "lease of the router that decides; empty: <prefix>router:leader"},
    {KEY(cooldown), .fallback = "",
     .help = "start of the cooldowns' names; empty: <prefix>router:cooldown:"},
    {KEY(executor_group), .fallback = "",
     .help = "executor's group; empty: <prefix>group:execution:trade.intent"},
    {KEY(group), .fallback = "router", .help = "consumer group on the signal stream"},
    {KEY(consumer), .fallback = "ai_strategy_router",
     .help = "consumer in that group, the same for all routers"},
};

static_assert(sizeof key_option_rows / sizeof *key_option_rows == KEY_OPTION_COUNT,
              "the count is in the header");

void keys_check(struct keys *keys, const struct options *options, struct complaints *complaints)
{
    const struct key_slot slots[] = {
        {&keys->signals, "keys.signals", "stream:ai.decision.made"},
        {&keys->intents, "keys.intents", "stream:trade.intent"},
        {&keys->open_orders, "keys.open_orders", "state:open_orders"},
        {&keys->safe_mode, "keys.safe_mode", "safety:safe_mode"},
        {&keys->commit, "keys.commit", "router:commit"},
        {&keys->dedup, "keys.dedup", "dedup:trade_intent:"},
        {&keys->daily_trades, "keys.daily_trades", "governor:daily_trades:"},
        {&keys->leader, "keys.leader", "router:leader"},
        {&keys->cooldown, "keys.cooldown", "router:cooldown:"},
        {&keys->executor_group, "keys.executor_group", "group:execution:trade.intent"},
        {&keys->group, "keys.group", NULL},
        {&keys->consumer, "keys.consumer", NULL},
    };

    key_names_check(keys->prefix, slots, sizeof slots / sizeof *slots, options, complaints);
}
