/* SPDX-License-Identifier: MIT */
#include "executor/decide/venue.h"

static struct venue_answer fails(void)
{
    return (struct venue_answer){.says = VENUE_FAILS, .why = "the last price cannot be read"};
}

static struct venue_answer rejects(enum outcome outcome)
{
    return (struct venue_answer){.says = VENUE_REJECTS, .outcome = outcome};
}

static enum outcome outcome_of(const struct venue_rules *rules, enum outcome on_paper)
{
    switch (rules->kind) {
    case VENUE_SAFE_DRAIN:
        return OUTCOME_WOULD_EXECUTE;
    case VENUE_STREAM:
        return OUTCOME_HANDED_OVER;
    case VENUE_PAPER:
        break;
    }
    return on_paper;
}

/* As far as the order knows it. */
static void ask_for(const struct order *order, int64_t now_ms, struct position *ret_position)
{
    static const struct fill_rules nothing = {0};

    position_open(order, &nothing, order->entry_price, now_ms, ret_position);
    ret_position->closes_ms = 0;
    ret_position->handed_over = true;
}

static struct venue_answer open_one(const struct venue_rules *rules, const struct order *order,
                                    const struct market *market, int64_t now_ms)
{
    struct venue_answer answer = {.says = VENUE_DOES, .outcome = outcome_of(rules, OUTCOME_FILLED)};
    bool is_paper = rules->kind == VENUE_PAPER, prefers_last = is_paper && rules->prefers_last;
    bool is_own = order->entry_price > 0 && !(prefers_last && market->price > 0);
    double price = is_own ? order->entry_price : market->price;

    if (is_paper && (!is_own || prefers_last) && market->price_is_bad)
        return fails();
    if (is_paper && !(price > 0))
        return rejects(OUTCOME_NO_PRICE);
    if (is_paper)
        position_open(order, &rules->fill, price, now_ms, &answer.position);
    else
        ask_for(order, now_ms, &answer.position);
    answer.result = result_of_opening(order, answer.outcome, &answer.position, now_ms);
    answer.result.price_source = is_own ? "intent" : is_paper ? "last" : NULL;
    return answer;
}

/* Where nobody knows a price the fee is that of the size. */
static void add_exit(const struct venue_rules *rules, const struct position *position, double price,
                     struct result *total)
{
    double exit_price = price > 0 ? position_exit_price(position, &rules->fill, price) : 0;

    total->fee_usd +=
        position_exit_fee(position, &rules->fill, exit_price > 0 ? exit_price : position->price);
    result_close(total, position, exit_price);
}

struct result venue_exit(const struct venue_rules *rules, const struct position *position,
                         double price, int64_t now_ms)
{
    struct result result = result_of_position(position, now_ms);

    result.status = outcome_status(OUTCOME_CLOSED);
    result.action = "CLOSE";
    result.price_source = price > 0 ? "last" : "unknown";
    add_exit(rules, position, price, &result);
    result_round(&result);
    return result;
}

static struct venue_answer close_positions(const struct venue_rules *rules,
                                           const struct order *order, const struct market *market,
                                           int64_t now_ms)
{
    enum outcome outcome = outcome_of(rules, OUTCOME_CLOSED);
    bool has_last = market->price > 0;
    double price = has_last ? market->price : order->entry_price;
    struct result result = result_of(order, outcome, now_ms);

    if (rules->kind == VENUE_PAPER && market->price_is_bad)
        return fails();
    if (market->position_count == 0)
        return rejects(OUTCOME_NOTHING_OPEN);
    result.size_usd = 0;
    result.price_source = has_last ? "last" : price > 0 ? "intent" : "unknown";
    for (size_t i = 0; i < market->position_count && rules->kind != VENUE_STREAM; i++)
        add_exit(rules, &market->positions[i], price, &result);
    result_round(&result);
    result.has_profit = result.has_profit && outcome == OUTCOME_CLOSED;
    return (struct venue_answer){.says = VENUE_DOES, .outcome = outcome, .result = result};
}

struct venue_answer venue_ask(const struct venue_rules *rules, const struct order *order,
                              const struct market *market, int64_t now_ms)
{
    return order->closes ? close_positions(rules, order, market, now_ms)
                         : open_one(rules, order, market, now_ms);
}
