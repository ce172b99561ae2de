/* SPDX-License-Identifier: MIT */
#include "tests/unit/intent_sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct intent_world intent;

static struct executor_settings settings_sample(void)
{
    static char intents[] = "intents", results[] = "results", dead_letters[] = "dead_letters";
    static char open[] = "open", safe[] = "safe", processed[] = "done:", begun[] = "begun:";
    static char last_exit[] = "exit:", rate_symbol[] = "rate:", rate_global[] = "rate",
                hold[] = "hold";
    static char held[] = "held", positions[] = "positions", orders[] = "orders", exits[] = "exits",
                group[] = "g";

    return (struct executor_settings){
        .keys = {.intents = intents,
                 .results = results,
                 .dead_letters = dead_letters,
                 .open_orders = open,
                 .held = held,
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
    intent = (struct intent_world){.office = {.settings = &intent.settings}};
    office_init(&intent.office);
    redis_server_start(&intent.server);
    redis_server_teach(&intent.server, &intent.office.scripts[SCRIPT_OPEN]);
    redis_server_teach(&intent.server, &intent.office.scripts[SCRIPT_CLOSE]);
    redis_server_teach(&intent.server, &intent.office.scripts[SCRIPT_DECLINE]);
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
    intent.opens = (struct venue_answer){.outcome = OUTCOME_FILLED};
    position_open(&intent.order, &free_of_charge, 100, now_ms, &intent.opens.position);
    intent.closes = (struct venue_answer){
        .outcome = OUTCOME_CLOSED, .result = result_of(&intent.order, OUTCOME_CLOSED, now_ms)};
    intent.deadline_ms = now_ms + 600000;
    free(intent.text);
    intent.text = position_write(&intent.opens.position);
    intent.look = (struct executor_look){
        .positions = &intent.opens.position, .texts = &intent.text, .position_count = 1};
    return 0;
}

void intent_hold(const char *intent_id, const char *symbol, enum side side)
{
    struct position position = intent.opens.position;

    (void)snprintf(position.symbol, sizeof position.symbol, "%s", symbol);
    position.side = side;
    char *text = position_write(&position);
    EXPECT("1", "HSET positions %s %s", intent_id, text);
    free(text);
}

static struct settle_answer settle(struct command *command)
{
    redisReply *reply = redis_server_send(&intent.server, command);
    struct settle_answer answer;

    settle_read(reply, &answer);
    freeReplyObject(reply);
    return answer;
}

struct settle_answer intent_open(void)
{
    struct venue_answer *opens = &intent.opens;
    struct command command;

    opens->result = result_of_opening(&intent.order, opens->outcome, &opens->position,
                                      intent.order.timestamp_ms);
    settle_open_command(&intent.office, &intent.order, opens, intent.deadline_ms, &command);
    return settle(&command);
}

struct settle_answer intent_close(void)
{
    struct command command;

    settle_close_command(&intent.office, &intent.order, &intent.closes, &intent.look,
                         intent.deadline_ms, &command);
    return settle(&command);
}

struct settle_answer intent_decline(enum outcome outcome,
                                    const struct dead_letter_cause *dead_letter)
{
    struct result result = result_of(&intent.order, outcome, intent.order.timestamp_ms);
    struct command command;

    settle_decline_command(&intent.office, &intent.order, outcome, &result, dead_letter, &command);
    return settle(&command);
}

static const char *words_of(const struct settle_answer *answer)
{
    switch (answer->says) {
    case SETTLE_DONE:
        return "settled";
    case SETTLE_GONE:
        return "gone";
    case SETTLE_HOLDS:
        return "hold";
    case SETTLE_MOVED:
        return "moved";
    case SETTLE_ENDS:
        return outcome_name(answer->outcome);
    case SETTLE_FAULTY:
    case SETTLE_REFUSED:
        break;
    }
    return answer->what;
}

void expect_settled(struct settle_answer (*settle_it)(void), int64_t positions)
{
    struct settle_answer answer = settle_it();

    assert_string_equal(words_of(&answer), "settled");
    assert_int_equal(answer.positions, positions);
}

void expect_unsettled(struct settle_answer (*settle_it)(void), const char *why)
{
    char *before = redis_server_digest(&intent.server, "intents", "g");
    struct settle_answer answer = settle_it();
    char *after = redis_server_digest(&intent.server, "intents", "g");

    if (strncmp(words_of(&answer), why, strlen(why)) != 0)
        fail_msg("%s, not %s", words_of(&answer), why);
    assert_string_equal(before, after);
    free(before);
    free(after);
}

void expect_pending(bool is_pending)
{
    EXPECT(is_pending ? "[1 7-0 7-0 [[c 1]]]" : "[0 (nil) (nil) (nil)]", "XPENDING intents g");
}
