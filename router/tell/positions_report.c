/* SPDX-License-Identifier: MIT */
#include "router/tell/positions_report.h"

#include <string.h>

#include "common/log/log.h"

/* Why it is not known what is held. */
static void pair_reason(struct log_line *line, const struct holdings *holdings)
{
    static const char *const reasons[] = {
        [HOLDINGS_KNOWN] = "",
        [HOLDINGS_NO_COUNT] = "",
        [HOLDINGS_MISSING] = "missing",
        [HOLDINGS_FORBIDDEN] = "no right",
        [HOLDINGS_WRONG_TYPE] = "wrong type",
        [HOLDINGS_TOO_MANY] = "too many symbols",
        [HOLDINGS_TOO_LARGE] = "too large",
        [HOLDINGS_FLIGHT_TOO_MUCH] = "too many intents in flight",
        [HOLDINGS_MALFORMED] = "malformed",
        [HOLDINGS_OTHER_SUM] = "another sum",
    };

    log_pair(line, "reason", "%s", reasons[holdings->state]);
    if (holdings->state == HOLDINGS_WRONG_TYPE)
        log_pair_foreign(line, "type", holdings->text, strlen(holdings->text), HOLDINGS_TEXT_MAX);
    if (holdings->state == HOLDINGS_MALFORMED)
        log_pair_foreign(line, "field", holdings->text, strlen(holdings->text), HOLDINGS_TEXT_MAX);
    if (holdings->state == HOLDINGS_OTHER_SUM)
        log_pair_int(line, "sum", holdings->sum);
}

static void tell_unknown(const struct router_settings *settings, const struct snapshot *snapshot)
{
    const char *key = settings->keys.held;
    struct log_line line;

    log_open(&line, LEVEL_WARN, "🟠", "POSITIONS_UNKNOWN");
    log_pair_foreign(&line, "key", key, strlen(key), KEY_MAX);
    log_pair_int(&line, "open", snapshot->capacity.open.count);
    pair_reason(&line, &snapshot->holdings);
    log_text(&line, settings->plan.capacity.unknown_closes
                        ? " → publishing nothing"
                        : " → no symbol counts as held but those in flight");
    log_send(&line);
}

/* Nobody keeps the hash: that it is right for as long as nothing is open is no news. */
static bool is_no_news(const struct holdings *told, const struct holdings *now)
{
    bool is_nothing = now->state == HOLDINGS_KNOWN && now->symbols == 0;
    bool is_same = now->state == told->state && strcmp(now->text, told->text) == 0;

    return is_same || now->state == HOLDINGS_NO_COUNT ||
           (is_nothing && told->state == HOLDINGS_MISSING);
}

static void tell_known(const struct holdings *holdings)
{
    struct log_line line;

    log_open(&line, LEVEL_INFO, "🟢", "POSITIONS_KNOWN");
    log_pair_int(&line, "symbols", (int64_t)holdings->symbols);
    log_send(&line);
}

void positions_report_tell(struct positions_report *report, const struct router_settings *settings,
                           const struct snapshot *snapshot)
{
    const struct holdings *now = &snapshot->holdings;

    if (is_no_news(&report->told, now))
        return;
    if (now->state == HOLDINGS_KNOWN)
        tell_known(now);
    else
        tell_unknown(settings, snapshot);
    report->told = *now;
}
