/* SPDX-License-Identifier: MIT */
#include "executor/venue.h"

#include "common/base/number.h"

static struct venue_answer does(enum outcome outcome)
{
    return (struct venue_answer){.says = VENUE_DOES, .outcome = outcome};
}

static struct venue_answer fails(const char *why)
{
    return (struct venue_answer){.says = VENUE_FAILS, .why = why};
}

static enum outcome outcome_of(const struct executor_settings *settings, enum outcome on_paper)
{
    switch (settings->venue) {
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

struct venue_answer venue_open(const struct executor_settings *settings, const struct order *order,
                               const struct market *market, int64_t now_ms,
                               struct position *ret_position)
{
    double price = order->entry_price > 0 ? order->entry_price : market->price;

    if (settings->venue != VENUE_PAPER) {
        ask_for(order, now_ms, ret_position);
        return does(outcome_of(settings, OUTCOME_FILLED));
    }
    if (!(order->entry_price > 0) && market->price_is_bad)
        return fails("the last price cannot be read");
    if (!(price > 0))
        return (struct venue_answer){.says = VENUE_REJECTS, .outcome = OUTCOME_NO_PRICE};
    position_open(order, &settings->fill, price, now_ms, ret_position);
    return does(OUTCOME_FILLED);
}

struct result venue_exit(const struct executor_settings *settings, const struct position *position,
                         double price, int64_t now_ms)
{
    struct result result = result_of_position(position, now_ms);

    result.status = outcome_status(OUTCOME_CLOSED);
    result.action = "CLOSE";
    result.price = position_exit_price(position, &settings->fill, price);
    result.fee_usd = position_exit_fee(position, &settings->fill, result.price);
    return result;
}

/* The price is the mean, weighted by quantity. */
static void add_exit(const struct executor_settings *settings, const struct position *position,
                     double price, struct result *total)
{
    struct result one =
        venue_exit(settings, position, price > 0 ? price : position->price, total->ts_ms);
    double quantity = total->quantity + one.quantity;

    if (quantity > 0)
        total->price = (total->price * total->quantity + one.price * one.quantity) / quantity;
    total->quantity = quantity;
    total->size_usd += one.size_usd;
    total->fee_usd += one.fee_usd;
}

/* They go into the result as they are printed. */
static void round_sums(struct result *total)
{
    enum { PLACES = 8 };

    total->price = number_round(total->price, PLACES);
    total->quantity = number_round(total->quantity, PLACES);
    total->size_usd = number_round(total->size_usd, PLACES);
    total->fee_usd = number_round(total->fee_usd, PLACES);
}

struct venue_answer venue_close(const struct executor_settings *settings, const struct order *order,
                                const struct market *market, int64_t now_ms,
                                struct result *ret_result)
{
    enum outcome outcome = outcome_of(settings, OUTCOME_CLOSED);
    double price = market->price > 0 ? market->price : order->entry_price;
    struct result result = result_of(order, outcome, now_ms);

    if (settings->venue == VENUE_PAPER && market->price_is_bad)
        return fails("the last price cannot be read");
    if (market->position_count == 0)
        return (struct venue_answer){.says = VENUE_REJECTS, .outcome = OUTCOME_NOTHING_OPEN};
    result.size_usd = 0;
    for (size_t i = 0; i < market->position_count && settings->venue != VENUE_STREAM; i++)
        add_exit(settings, &market->positions[i], price, &result);
    round_sums(&result);
    *ret_result = result;
    return does(outcome);
}
