/* SPDX-License-Identifier: MIT */
#include "executor/decide/outcome.h"

#include <assert.h>

static const struct {
    const char *name;
    const char *status;
    const char *reason;
    const char *word;
} rows[] = {
    [OUTCOME_FILLED] = {"filled", "filled", "", "FILLED"},
    [OUTCOME_CLOSED] = {"closed", "closed", "", "CLOSED"},
    [OUTCOME_NOTHING_OPEN] = {"nothing_open", "nothing_open", "", "NOTHING_OPEN"},
    [OUTCOME_WOULD_EXECUTE] = {"would_execute", "would_execute", "", "SAFE_DRAIN"},
    [OUTCOME_STALE] = {"stale", "", "stale", "STALE_INTENT_DROP"},
    [OUTCOME_INVALID] = {"invalid", "rejected", "invalid", "DEAD_LETTER"},
    [OUTCOME_DUPLICATE] = {"duplicate", "skipped", "duplicate", "IDEMPOTENCY_SKIP"},
    [OUTCOME_SUPERSEDED] = {"superseded", "skipped", "superseded", "SUPERSEDED_SKIP"},
    [OUTCOME_RATE_SYMBOL] = {"rate_symbol", "skipped", "rate_symbol", "RATE_LIMIT_SKIP"},
    [OUTCOME_RATE_GLOBAL] = {"rate_global", "skipped", "rate_global", "GLOBAL_RATE_LIMIT"},
    [OUTCOME_MAX_OPEN] = {"max_open", "rejected", "max_open", "REJECTED"},
    [OUTCOME_SYMBOL_OPEN] = {"symbol_open", "rejected", "symbol_open", "REJECTED"},
    [OUTCOME_OPPOSITE_OPEN] = {"opposite_open", "rejected", "opposite_open", "REJECTED"},
    [OUTCOME_MIN_NOTIONAL] = {"min_notional", "rejected", "min_notional", "REJECTED"},
    [OUTCOME_MAX_POSITION] = {"max_position", "rejected", "max_position", "REJECTED"},
    [OUTCOME_MAX_LEVERAGE] = {"max_leverage", "rejected", "max_leverage", "REJECTED"},
    [OUTCOME_NO_PRICE] = {"no_price", "rejected", "no_price", "REJECTED"},
    [OUTCOME_VENUE_REJECTED] = {"venue", "rejected", "venue", "REJECTED"},
    [OUTCOME_BEGUN_TOO_OFTEN] = {"begun_too_often", "rejected", "begun_too_often", "DEAD_LETTER"},
    [OUTCOME_EXIT_PENDING] = {"exit_pending", "skipped", "exit_pending", "EXIT_PENDING_SKIP"},
    [OUTCOME_HANDED_OVER] = {"handed_over", "", "", "HANDED_OVER"},
};

static_assert(sizeof rows / sizeof *rows == OUTCOME_COUNT, "a row for each");

const char *outcome_name(enum outcome outcome)
{
    assert(outcome < OUTCOME_COUNT);
    return rows[outcome].name;
}

const char *outcome_status(enum outcome outcome)
{
    assert(outcome < OUTCOME_COUNT);
    return rows[outcome].status;
}

const char *outcome_reason(enum outcome outcome)
{
    assert(outcome < OUTCOME_COUNT);
    return rows[outcome].reason;
}

const char *outcome_word(enum outcome outcome)
{
    assert(outcome < OUTCOME_COUNT);
    return rows[outcome].word;
}

bool outcome_is_dead_letter(enum outcome outcome)
{
    return outcome == OUTCOME_INVALID || outcome == OUTCOME_BEGUN_TOO_OFTEN;
}
