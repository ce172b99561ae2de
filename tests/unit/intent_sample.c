/* SPDX-License-Identifier: MIT */
#include "tests/unit/intent_sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "executor/act/scripts.h"

struct intent_world intent;

static struct executor_settings settings_sample(void)
{
    static char intents[] = "intents", results[] = "results", dead_letters[] = "dead_letters";
    static char open[] = "open", safe[] = "safe", processed[] = "done:", begun[] = "begun:";
    static char last_exit[] = "exit:", rate_symbol[] = "rate:", rate_global[] = "rate",
                hold[] = "hold";
    static char positions[] = "positions", orders[] = "orders", exits[] = "exits", group[] = "g";

    return (struct executor_settings){
        .keys = {.intents = intents,
                 .results = results,
                 .dead_letters = dead_letters,
                 .open_orders = open,
                 .safe_mode = safe,
                 .processed = processed,
                 .begun = begun,
                 .last_exit = last_exit,
                 .rate_symbol = rate_symbol,
                 .rate_global = rate_global,
                 .hold = hold,
                 .positions = positions,
                 .orders = orders,
                 .exits = exits,
                 .group = group},
        .exit_max_age_sec = 7200,
        .symbol_rate_sec = 30,
        .global_rate_sec = 60,
        .processed_ttl_sec = 3600,
        .results_maxlen = 100000,
        .dead_letters_maxlen = 10000,
        .orders_maxlen = 1000,
        .guards = {.max_open = 10, .symbol_rate_max = 1, .global_rate_max = 5},
    };
}

int intent_set_up(void **state)
{
    (void)state;
    intent = (struct intent_world){
        .open = {.source = open_lua}, .close = {.source = close_lua}, .end = {.source = end_lua}};
    redis_server_start(&intent.server);
    redis_server_teach(&intent.server, &intent.open);
    redis_server_teach(&intent.server, &intent.close);
    redis_server_teach(&intent.server, &intent.end);
    return 0;
}

int intent_tear_down(void **state)
{
    (void)state;
    free(intent.text);
    redis_server_stop(&intent.server);
    return 0;
}

int64_t intent_now_ms(void)
{
    redisReply *now = redis_server_ask(&intent.server, "TIME");
    int64_t ms = strtoll(now->element[0]->str, NULL, 10) * 1000 +
                 strtoll(now->element[1]->str, NULL, 10) / 1000;

    freeReplyObject(now);
    return ms;
}

int intent_renew(void **state)
{
    static const struct fill_rules free_of_charge = {.hold_ms = 60000};
    int64_t now_ms;

    (void)state;
    EXPECT("OK", "FLUSHALL");
    EXPECT("7-0", "XADD intents 7-0 f v");
    EXPECT("OK", "XGROUP CREATE intents g 0");
    DO("XREADGROUP GROUP g c STREAMS intents >");
    EXPECT("OK", "SET open 0");
    EXPECT("1", "HSET begun:7-0 count 1");
    now_ms = intent_now_ms();
    intent.settings = settings_sample();
    intent.order = (struct order){.id = {7, 0},
                                  .symbol = "BTC",
                                  .side = SIDE_BUY,
                                  .size_usd = 130,
                                  .leverage = 1,
                                  .timestamp_ms = now_ms,
                                  .decision_id = "d-1"};
    position_open(&intent.order, &free_of_charge, 100, now_ms, &intent.position);
    intent.opening = (struct opening){.outcome = OUTCOME_FILLED,
                                      .position = &intent.position,
                                      .deadline_ms = now_ms + 600000,
                                      .now_ms = now_ms};
    free(intent.text);
    intent.text = position_write(&intent.position);
    intent.closing = (struct closing){.outcome = OUTCOME_CLOSED,
                                      .positions = &intent.position,
                                      .texts = &intent.text,
                                      .count = 1,
                                      .result = result_of(&intent.order, OUTCOME_CLOSED, now_ms),
                                      .deadline_ms = now_ms + 600000,
                                      .now_ms = now_ms};
    return 0;
}

void intent_hold(const char *intent_id, const char *symbol, enum side side)
{
    struct position position = intent.position;

    (void)snprintf(position.symbol, sizeof position.symbol, "%s", symbol);
    position.side = side;
    char *text = position_write(&position);
    EXPECT("1", "HSET positions %s %s", intent_id, text);
    free(text);
}

static struct settled settle(struct command *command)
{
    redisReply *reply = redis_server_send(&intent.server, command);
    struct settled settled;

    settle_read(reply, &settled);
    freeReplyObject(reply);
    return settled;
}

struct settled intent_open(void)
{
    struct command command;

    settle_open_command(&intent.open, &intent.settings, &intent.order, &intent.opening, &command);
    return settle(&command);
}

struct settled intent_close(void)
{
    struct command command;

    settle_close_command(&intent.close, &intent.settings, &intent.order, &intent.closing, &command);
    return settle(&command);
}

struct settled intent_end(enum outcome outcome, bool marks,
                          const struct dead_letter_cause *dead_letter)
{
    struct result result = result_of(&intent.order, outcome, intent.order.timestamp_ms);
    struct command command;

    settle_end_command(&intent.end, &intent.settings, &intent.order, &result, marks, dead_letter,
                       &command);
    return settle(&command);
}

static const char *words_of(const struct settled *settled)
{
    switch (settled->kind) {
    case SETTLEMENT_DONE:
        return "settled";
    case SETTLEMENT_ELSEWHERE:
        return "gone";
    case SETTLEMENT_HELD:
        return "hold";
    case SETTLEMENT_MOVED:
        return "moved";
    case SETTLEMENT_ENDS:
        return outcome_name(settled->outcome);
    case SETTLEMENT_FAULTY:
    case SETTLEMENT_REFUSED:
        break;
    }
    return settled->what;
}

void expect_settled(struct settled (*settle_it)(void), int64_t positions)
{
    struct settled settled = settle_it();

    assert_string_equal(words_of(&settled), "settled");
    assert_int_equal(settled.positions, positions);
}

void expect_unsettled(struct settled (*settle_it)(void), const char *why)
{
    char *before = redis_server_digest(&intent.server, "intents", "g");
    struct settled settled = settle_it();
    char *after = redis_server_digest(&intent.server, "intents", "g");

    if (strncmp(words_of(&settled), why, strlen(why)) != 0)
        fail_msg("%s, not %s", words_of(&settled), why);
    assert_string_equal(before, after);
    free(before);
    free(after);
}

void expect_pending(bool is_pending)
{
    EXPECT(is_pending ? "[1 7-0 7-0 [[c 1]]]" : "[0 (nil) (nil) (nil)]", "XPENDING intents g");
}
