/* SPDX-License-Identifier: MIT */
#include "router/tell/drop_report.h"

#include <stdio.h>
#include <string.h>

#include "common/base/monotonic.h"
#include "common/base/number.h"
#include "common/service/service_report.h"
#include "common/trade/evidence.h"
#include "router/decide/fate.h"
#include "router/decide/inner_ids.h"

/* A flood of one kind of bad entry gets this many lines in so long a time, and the rest a number.
 */
enum {
    DROP_BURST = 5,
    DROP_WINDOW_MS = 10000,
    MINUTE_MS = 60000,
    NAME_SHOWN_MAX = 200,
    ID_SHOWN_MAX = 64,
};

static void pair_id(struct log_line *line, struct stream_id id)
{
    char text[STREAM_ID_TEXT_MAX];

    stream_id_print(id, text);
    log_pair(line, "id", "%s", text);
}

static void pair_suppressed(struct log_line *line, uint64_t suppressed)
{
    if (suppressed > 0)
        log_pair(line, "suppressed", "%llu", (unsigned long long)suppressed);
}

static void pair_evidence(struct log_line *line, const char *key, const struct evidence_text *text)
{
    log_pair_foreign(line, key, text->bytes, text->length, EVIDENCE_BYTES_MAX);
}

static void tell_invalid(struct stream_id id, enum rule rule, const struct evidence *evidence,
                         uint64_t suppressed)
{
    struct log_line line;

    log_open(&line, LEVEL_WARN, NULL, "INVALID_SIGNAL_DROP");
    pair_id(&line, id);
    log_pair(&line, "reason", "%s", rule_name(rule));
    pair_evidence(&line, "symbol", &evidence->symbol);
    pair_evidence(&line, "value", &evidence->value);
    pair_suppressed(&line, suppressed);
    log_send(&line);
}

/* Whether a line may be written of it. */
static bool may_tell_invalid(struct drop_report *report, enum rule rule, uint64_t *ret_suppressed)
{
    return log_limit_pass(&report->invalid[rule], monotonic_ms(), DROP_BURST, DROP_WINDOW_MS,
                          ret_suppressed);
}

static void tell_invalid_entry(struct drop_report *report, const struct entry *entry,
                               enum rule rule)
{
    struct evidence evidence;
    uint64_t suppressed;

    if (!may_tell_invalid(report, rule, &suppressed))
        return;
    evidence_read(entry, rule, &evidence);
    tell_invalid(entry->id, rule, &evidence, suppressed);
}

/* Ids of `XADD *` go on from the newest one, so a stream of its own begins again; or those that are
 * ahead may be so. */
static void tell_skew(const struct drop_report *report, uint64_t suppressed)
{
    char remedy[2 * NAME_SHOWN_MAX + 160];
    const char *stream = report->settings->keys.signals;

    (void)snprintf(remedy, sizeof remedy,
                   "RENAME %.*s to another name, or reload with window.future_max_sec = %lld",
                   NAME_SHOWN_MAX, stream, (long long)report->skew_ms / 1000 + 1);
    service_report_skew(report->skew_id, report->skew_ms, suppressed, remedy);
}

static void note_skew(struct drop_report *report, struct stream_id id, int64_t ahead_ms)
{
    uint64_t suppressed;

    report->skew_id = id;
    report->skew_ms = ahead_ms;
    if (log_limit_pass(&report->skew, monotonic_ms(), 1, MINUTE_MS, &suppressed))
        tell_skew(report, suppressed);
}

static void tell_close(struct stream_id id, uint64_t suppressed)
{
    struct log_line line;

    log_open(&line, LEVEL_WARN, "🚪", "CLOSE_SIGNAL_DROP");
    pair_id(&line, id);
    log_text(&line, " exits do not pass through this router");
    pair_suppressed(&line, suppressed);
    log_send(&line);
}

static void note_close(struct drop_report *report, struct stream_id id)
{
    uint64_t suppressed;

    report->close_id = id;
    if (log_limit_pass(&report->close, monotonic_ms(), 1, DROP_WINDOW_MS, &suppressed))
        tell_close(id, suppressed);
}

static void tell_low_confidence(const struct drop_report *report,
                                const struct signal_verdict *verdict)
{
    struct log_line line;

    if (!log_enabled(LEVEL_DEBUG))
        return;
    log_open(&line, LEVEL_DEBUG, "🗑️", "LOW_CONFIDENCE_DROP");
    log_text(&line, " %s %s", verdict->symbol, verdict->side);
    log_field(&line, "symbol", "%s", verdict->symbol);
    log_pair(&line, "conf", "%.2f%%", verdict->confidence * 100.0);
    log_pair(&line, "min", "%.2f%%", report->settings->signal.min_confidence * 100.0);
    log_send(&line);
}

static void tell_fate(struct stream_id id, const struct signal_verdict *verdict)
{
    struct log_line line;

    log_open(&line, LEVEL_INFO, "🔎", "FATE");
    pair_id(&line, id);
    if (verdict->drop == DROP_LOW_CONFIDENCE || verdict->drop == DROP_NOT_LISTED) {
        log_text(&line, " %s %s", verdict->symbol, verdict->side);
        log_pair(&line, "conf", "%.2f%%", verdict->confidence * 100.0);
    }
    log_pair(&line, "fate", "%s", fate_name(fate_of_drop(verdict->drop)));
    if (verdict->drop == DROP_INVALID)
        log_pair(&line, "reason", "%s", rule_name(verdict->rule));
    log_send(&line);
}

void drop_report_size_zero(struct drop_report *report, const struct signal *signal)
{
    const struct signal_verdict verdict = {.drop = DROP_INVALID, .rule = RULE_SIZE_ZERO};
    struct evidence evidence = {0};
    char size[NUMBER_TEXT_MAX];
    uint64_t suppressed;

    if (may_tell_invalid(report, RULE_SIZE_ZERO, &suppressed)) {
        number_shortest(signal->asked_usd, size);
        evidence_put(&evidence.symbol, signal->symbol, strlen(signal->symbol));
        evidence_put(&evidence.value, size, strlen(size));
        tell_invalid(signal->id, RULE_SIZE_ZERO, &evidence, suppressed);
    }
    if (report->settings->log.pipeline_diag)
        tell_fate(signal->id, &verdict);
}

static void tell_judged(struct drop_report *report, const struct entry *entry,
                        const struct signal_verdict *verdict)
{
    struct stream_id id = entry->id;

    if (verdict->drop == DROP_NONE)
        return;
    if (verdict->drop == DROP_INVALID)
        tell_invalid_entry(report, entry, verdict->rule);
    if (verdict->drop == DROP_INVALID && verdict->rule == RULE_FUTURE)
        note_skew(report, id, verdict->ahead_ms);
    if (verdict->drop == DROP_CLOSE)
        note_close(report, id);
    if (verdict->drop == DROP_LOW_CONFIDENCE)
        tell_low_confidence(report, verdict);
    if (report->settings->log.pipeline_diag)
        tell_fate(id, verdict);
}

static void tell_invalid_number(enum rule rule, uint64_t suppressed)
{
    struct log_line line;

    log_open(&line, LEVEL_WARN, NULL, "INVALID_SIGNAL_DROP");
    log_pair(&line, "reason", "%s", rule_name(rule));
    pair_suppressed(&line, suppressed);
    log_send(&line);
}

/* A line that names the last one tells that, too. */
void drop_report_held_back(struct drop_report *report, bool at_end)
{
    uint64_t now_ms = monotonic_ms(), drop_ms = at_end ? 0 : DROP_WINDOW_MS, held_back;

    for (unsigned rule = 0; rule < RULE_COUNT; rule++)
        if ((held_back = log_limit_take(&report->invalid[rule], now_ms, drop_ms)) > 0)
            tell_invalid_number((enum rule)rule, held_back);
    if ((held_back = log_limit_take(&report->close, now_ms, drop_ms)) > 0)
        tell_close(report->close_id, held_back - 1);
    if ((held_back = log_limit_take(&report->skew, now_ms, at_end ? 0 : MINUTE_MS)) > 0)
        tell_skew(report, held_back - 1);
}

static void tell_behind(int64_t behind_ms)
{
    struct log_line line;

    log_open(&line, LEVEL_WARN, "⏰", "TIMESTAMP_BEHIND");
    log_pair_int(&line, "behind_sec", behind_ms / 1000);
    log_text(&line,
             " → all signals of a minute were stale by their own timestamp alone: let the producer "
             "write UTC or its zone, or set window.age_by = \"id\"");
    log_send(&line);
}

/* Once a minute; false: not now. */
static bool open_hint(struct log_line *line, struct log_limit *limit, const struct signal *signal,
                      const char *field, uint64_t *ret_suppressed)
{
    if (!log_limit_pass(limit, monotonic_ms(), 1, MINUTE_MS, ret_suppressed))
        return false;
    log_open(line, LEVEL_WARN, NULL, "SIGNAL_HINT");
    pair_id(line, signal->id);
    log_pair(line, "symbol", "%s", signal->symbol);
    log_pair(line, "field", "%s", field);
    return true;
}

static void send_hint(struct log_line *line, uint64_t suppressed)
{
    pair_suppressed(line, suppressed);
    log_send(line);
}

static void tell_near_size(struct drop_report *report, const struct signal *signal,
                           const char *field)
{
    uint64_t suppressed;
    struct log_line line;

    if (!open_hint(&line, &report->near_size, signal, field, &suppressed))
        return;
    log_text(
        &line,
        " → no position_size_usd: the default of $%.2f applies; rename the field, if it is the "
        "notional in USD",
        signal->position_size_usd);
    send_hint(&line, suppressed);
}

static void tell_shared_id(struct drop_report *report, const struct signal *signal,
                           const char *field)
{
    uint64_t suppressed;
    struct log_line line;

    if (!open_hint(&line, &report->shared_id, signal, field, &suppressed))
        return;
    log_pair_foreign(&line, "value", signal->decision_id, strlen(signal->decision_id),
                     ID_SHOWN_MAX);
    log_pair_int(&line, "symbols", INNER_IDS_SYMBOLS);
    log_text(&line, " → inside the document it names over three symbols within a minute, so it is "
                    "no decision's id; send a correlation_id beside the document, one for each "
                    "decision, or leave it out");
    send_hint(&line, suppressed);
}

void drop_report_fact(struct drop_report *report, const struct router_fact *fact)
{
    switch (fact->kind) {
    case FACT_JUDGED:
        tell_judged(report, fact->judged.entry, fact->judged.verdict);
        break;
    case FACT_NEAR_SIZE:
        tell_near_size(report, fact->hint.signal, fact->hint.field);
        break;
    case FACT_SHARED_ID:
        tell_shared_id(report, fact->hint.signal, fact->hint.field);
        break;
    case FACT_BEHIND:
        tell_behind(fact->behind_ms);
        break;
    default:
        break;
    }
}
