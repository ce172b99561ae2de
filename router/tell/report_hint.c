/* SPDX-License-Identifier: MIT */
/* What the router tells of signals that say something else than their producer may mean. */
#include <string.h>

#include "common/base/monotonic.h"
#include "router/decide/inner_ids.h"
#include "router/tell/report.h"

enum { MINUTE_MS = 60000, ID_SHOWN_MAX = 64 };

/* Once a minute; false: not now. */
static bool open_hint(struct log_line *line, struct log_limit *limit, const struct signal *signal,
                      const char *field, uint64_t *ret_suppressed)
{
    char id[STREAM_ID_TEXT_MAX];

    if (!log_limit_pass(limit, monotonic_ms(), 1, MINUTE_MS, ret_suppressed))
        return false;
    stream_id_print(signal->id, id);
    log_open(line, LEVEL_WARN, NULL, "SIGNAL_HINT");
    log_pair(line, "id", "%s", id);
    log_pair(line, "symbol", "%s", signal->symbol);
    log_pair(line, "field", "%s", field);
    return true;
}

static void send_hint(struct log_line *line, uint64_t suppressed)
{
    if (suppressed > 0)
        log_pair(line, "suppressed", "%llu", (unsigned long long)suppressed);
    log_send(line);
}

void report_near_size(struct report *report, const struct signal *signal, const char *name)
{
    uint64_t suppressed;
    struct log_line line;

    if (!open_hint(&line, &report->near_size, signal, name, &suppressed))
        return;
    log_text(
        &line,
        " → no position_size_usd: the default of $%.2f applies; rename the field, if it is the "
        "notional in USD",
        signal->position_size_usd);
    send_hint(&line, suppressed);
}

void report_shared_id(struct report *report, const struct signal *signal, const char *name)
{
    uint64_t suppressed;
    struct log_line line;

    if (!open_hint(&line, &report->shared_id, signal, name, &suppressed))
        return;
    log_pair_foreign(&line, "value", signal->decision_id, strlen(signal->decision_id),
                     ID_SHOWN_MAX);
    log_pair_int(&line, "symbols", INNER_IDS_SYMBOLS);
    log_text(&line, " → inside the document it names over three symbols within a minute, so it is "
                    "no decision's id; send a correlation_id beside the document, one for each "
                    "decision, or leave it out");
    send_hint(&line, suppressed);
}
