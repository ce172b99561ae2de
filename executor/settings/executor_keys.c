/* SPDX-License-Identifier: MIT */
#include "executor/settings/executor_keys.h"

#include <assert.h>

#define AT(member) offsetof(struct executor_keys, member)
#define KEY(member)                                                                                \
    .key = "keys." #member, .type = OPTION_TEXT, .offset = AT(member), .max = KEY_MAX,             \
    .fallback = ""

const struct option_row executor_key_rows[] = {
    KEY_PREFIX_ROW(AT(prefix)),
    {KEY(intents), .help = "intent stream; empty: <prefix>stream:trade.intent"},
    {KEY(results), .help = "result stream; empty: <prefix>stream:execution.result"},
    {.key = "keys.letters",
     .type = OPTION_TEXT,
     .offset = AT(dead_letters),
     .max = KEY_MAX,
     .fallback = "",
     .help = "dead letters; empty: <prefix>stream:trade.intent.dlq"},
    {KEY(open_orders), .help = "capacity key; empty: <prefix>state:open_orders"},
    {KEY(safe_mode), .help = "safe-mode key; empty: <prefix>safety:safe_mode"},
    {KEY(processed), .help = "start of the marks' names; empty: <prefix>exec:processed:"},
    {KEY(begun), .help = "start of the names that count beginnings; empty: <prefix>exec:begun:"},
    {KEY(last_exit), .help = "start of the symbols' last exits' names; empty: <prefix>exec:exit:"},
    {KEY(rate_symbol),
     .help = "start of the symbols' rates' names; empty: <prefix>rate:execution:symbol:"},
    {KEY(rate_global), .help = "rate over all; empty: <prefix>rate:execution:global"},
    {KEY(price), .help = "start of the prices' names; empty: <prefix>price:"},
    {KEY(hold), .help = "whether it holds, and when it went on; empty: <prefix>exec:hold"},
    {KEY(server), .help = "which Redis server was executed on last; empty: <prefix>exec:server"},
    {KEY(commit), .help = "the router's commit hash; empty: <prefix>router:commit"},
    {KEY(paper_positions), .help = "positions on paper; empty: <prefix>paper:positions"},
    {KEY(venue_positions), .help = "positions of the stream venue; empty: <prefix>venue:positions"},
    {KEY(orders), .help = "orders for an adapter; empty: <prefix>stream:venue.order"},
    {KEY(answers), .help = "an adapter's answers; empty: <prefix>stream:venue.answer"},
    {KEY(exits), .help = "exits that an adapter has; empty: <prefix>venue:exits"},
    {KEY(refused),
     .help = "start of the names of what an adapter refused; empty: <prefix>venue:refused:"},
    {KEY(group), .help = "consumer group; empty: <prefix>group:execution:trade.intent"},
    {KEY(answer_group),
     .help = "consumer group on the answers; empty: <prefix>group:execution:venue.answer"},
    {.key = "keys.consumer",
     .type = OPTION_TEXT,
     .offset = AT(consumer),
     .max = KEY_MAX,
     .fallback = "quantum_executor",
     .help = "consumer in these groups"},
};

static_assert(sizeof executor_key_rows / sizeof *executor_key_rows == EXECUTOR_KEY_OPTION_COUNT,
              "the count is in the header");

void executor_keys_check(struct executor_keys *keys, const struct options *options,
                         struct complaints *complaints)
{
    const struct key_slot slots[] = {
        {&keys->intents, "keys.intents", "stream:trade.intent"},
        {&keys->results, "keys.results", "stream:execution.result"},
        {&keys->dead_letters, "keys.letters", "stream:trade.intent.dlq"},
        {&keys->open_orders, "keys.open_orders", "state:open_orders"},
        {&keys->safe_mode, "keys.safe_mode", "safety:safe_mode"},
        {&keys->processed, "keys.processed", "exec:processed:"},
        {&keys->begun, "keys.begun", "exec:begun:"},
        {&keys->last_exit, "keys.last_exit", "exec:exit:"},
        {&keys->rate_symbol, "keys.rate_symbol", "rate:execution:symbol:"},
        {&keys->rate_global, "keys.rate_global", "rate:execution:global"},
        {&keys->price, "keys.price", "price:"},
        {&keys->hold, "keys.hold", "exec:hold"},
        {&keys->server, "keys.server", "exec:server"},
        {&keys->commit, "keys.commit", "router:commit"},
        {&keys->paper_positions, "keys.paper_positions", "paper:positions"},
        {&keys->venue_positions, "keys.venue_positions", "venue:positions"},
        {&keys->orders, "keys.orders", "stream:venue.order"},
        {&keys->answers, "keys.answers", "stream:venue.answer"},
        {&keys->exits, "keys.exits", "venue:exits"},
        {&keys->refused, "keys.refused", "venue:refused:"},
        {&keys->group, "keys.group", "group:execution:trade.intent"},
        {&keys->answer_group, "keys.answer_group", "group:execution:venue.answer"},
        {&keys->consumer, "keys.consumer", NULL},
    };

    key_names_check(keys->prefix, slots, sizeof slots / sizeof *slots, options, complaints);
}
