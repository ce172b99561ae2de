/* SPDX-License-Identifier: MIT */
#include "executor/tell/executor_report.h"

#include <stdio.h>
#include <string.h>

#include "common/base/calendar.h"
#include "common/base/monotonic.h"
#include "common/base/version.h"
#include "common/redis/reply.h"

/* A flood of one kind gets this many lines in so long a time, and the rest a number. */
enum { BURST = 50, WINDOW_MS = 10000, MINUTE_MS = 60000 };

enum {
    VALUE_SHOWN_MAX = 64,  /* one more is read, so that a cut shows */
    WORDS_SHOWN_MAX = 320, /* of a reason that a person wrote, and who and when behind it */
};

void executor_report_init(struct executor_report *report, const struct executor_settings *settings,
                          uv_loop_t *loop)
{
    *report = (struct executor_report){.settings = settings};
    stale_report_init(&report->stale, loop);
}

static void tell_mode(const struct executor_settings *settings)
{
    log_event(LEVEL_INFO, NULL, "SAFE_DRAIN", "mode: %s",
              settings->venue.kind == VENUE_SAFE_DRAIN ? "true" : "false");
    if (settings->venue.kind == VENUE_SAFE_DRAIN)
        log_event(LEVEL_INFO, "🛡️", "SAFE_DRAIN", "mode ENABLED - will NOT execute trades");
    else if (settings->venue.kind == VENUE_PAPER)
        log_event(LEVEL_INFO, "⚡", "PAPER", "mode - simulated fills, no exchange");
    else
        log_event(LEVEL_WARN, "⚡", "STREAM", "mode - orders are handed to an adapter by way of %s",
                  settings->keys.orders);
}

void executor_report_start(const struct executor_settings *settings, const char *config_path)
{
    const char *config = config_path ? config_path : "defaults";
    struct log_line line;

    log_open(&line, LEVEL_INFO, "🚀", "Executor started");
    log_pair(&line, "version", "%s", quantum_version);
    log_pair_foreign(&line, "config", config, strlen(config), 256);
    log_send(&line);
    tell_mode(settings);
    log_open(&line, LEVEL_INFO, NULL, "P0.D.5 Config:");
    log_text(&line, " INTENT_MAX_AGE_SEC=%lld, XREADGROUP_COUNT=%lld, EXEC_CONCURRENCY=%lld",
             (long long)settings->max_age_sec, (long long)settings->read_count,
             (long long)settings->concurrency);
    log_send(&line);
}

void executor_report_stopped(void)
{
    log_event(LEVEL_INFO, "👋", "STOPPED", "what is not settled stays pending");
}

static void pair_intent(struct log_line *line, const struct order *order)
{
    char id[STREAM_ID_TEXT_MAX];

    stream_id_print(order->id, id);
    log_pair(line, "intent_id", "%s", id);
}

static void pair_suppressed(struct log_line *line, uint64_t suppressed)
{
    if (suppressed > 0)
        log_pair(line, "suppressed", "%llu", (unsigned long long)suppressed);
}

/* " BTCUSDT BUY $130.00 x5", without a symbol, an action or a size that could not be read; a
 * leverage that could not be is 1, as where there is none. */
static void tell_order(struct log_line *line, const struct order *order)
{
    const char *action = order_action(order);
    bool opens = *action != '\0' && !order->closes;

    if (*order->symbol != '\0') {
        log_text(line, " %s", order->symbol);
        log_field(line, "symbol", "%s", order->symbol);
    }
    if (*action != '\0') {
        log_text(line, " %s", action);
        log_field(line, "action", "%s", action);
    }
    if (order->size_usd > 0)
        log_text(line, " $%.2f", order->size_usd);
    if (opens)
        log_text(line, " x%g", order->leverage);
}

static void pair_execution(struct log_line *line, const struct ending *ending)
{
    const struct result *result = ending->result;

    if (result->price > 0)
        log_pair(line, "price", "%.8g", result->price);
    if (result->quantity > 0)
        log_pair(line, "quantity", "%.8g", result->quantity);
    if (result->fee_usd > 0)
        log_pair(line, "fee", "%.4f", result->fee_usd);
    if (result->has_profit)
        log_pair(line, "profit", "%.4f", result->profit_usd);
    if (ending->positions >= 0)
        log_pair_int(line, "open", ending->positions);
}

static const char *picture_of(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_FILLED:
        return "✅";
    case OUTCOME_CLOSED:
        return "🏁";
    case OUTCOME_WOULD_EXECUTE:
        return "🛡️";
    case OUTCOME_DUPLICATE:
    case OUTCOME_EXIT_PENDING:
        return "🔁";
    case OUTCOME_SUPERSEDED:
        return "⏭️";
    case OUTCOME_RATE_SYMBOL:
    case OUTCOME_RATE_GLOBAL:
        return "⏱️";
    case OUTCOME_INVALID:
    case OUTCOME_BEGUN_TOO_OFTEN:
        return "☠️";
    case OUTCOME_HANDED_OVER:
        return "📤";
    default:
        return "🚫";
    }
}

static void tell_reason(struct log_line *line, const struct ending *ending)
{
    bool is_rejected = strcmp(outcome_word(ending->outcome), "REJECTED") == 0;

    if (ending->outcome == OUTCOME_WOULD_EXECUTE)
        log_text(line, " would execute");
    if (is_rejected)
        log_pair(line, "reason", "%s", outcome_reason(ending->outcome));
}

static void tell_dead_letter(struct log_line *line, const struct ending *ending)
{
    pair_intent(line, ending->order);
    if (ending->outcome == OUTCOME_INVALID) {
        log_pair(line, "reason", "%s", rule_name(ending->rule));
        return;
    }
    log_pair(line, "reason", "%s", outcome_reason(ending->outcome));
    log_pair_int(line, "count", ending->begun);
    log_pair_foreign(line, "last_error", ending->note, strlen(ending->note), 128);
}

static void tell_fate(const struct ending *ending)
{
    struct log_line line;

    log_open(&line, LEVEL_INFO, "🔎", "FATE");
    pair_intent(&line, ending->order);
    tell_order(&line, ending->order);
    log_pair(&line, "fate", "%s", outcome_name(ending->outcome));
    log_send(&line);
}

/* An intent that says no time is dated by its id. */
static void tell_skew(struct executor_report *report, const struct ending *ending)
{
    int64_t ahead_ms = -(int64_t)(ending->age_seconds * 1000.0);
    char remedy[96];
    uint64_t suppressed;

    if (!log_limit_pass(&report->skew, monotonic_ms(), 1, MINUTE_MS, &suppressed))
        return;
    (void)snprintf(remedy, sizeof remedy, "reload with guards.future_max_sec = %lld",
                   (long long)ahead_ms / 1000 + 1);
    service_report_skew(ending->order->id, ahead_ms, suppressed, remedy);
}

static void tell_ending(struct executor_report *report, const struct ending *ending)
{
    enum outcome outcome = ending->outcome;
    bool is_dead_letter = outcome_is_dead_letter(outcome);
    uint64_t suppressed;
    struct log_line line;

    if (report->settings->log.pipeline_diag)
        tell_fate(ending);
    if (outcome == OUTCOME_INVALID && ending->rule == RULE_FUTURE)
        tell_skew(report, ending);
    if (!log_limit_pass(&report->outcomes[outcome], monotonic_ms(), BURST, WINDOW_MS, &suppressed))
        return;
    log_open(&line, is_dead_letter ? LEVEL_WARN : LEVEL_INFO, picture_of(outcome),
             outcome_word(outcome));
    if (is_dead_letter) {
        tell_dead_letter(&line, ending);
    } else {
        tell_reason(&line, ending);
        tell_order(&line, ending->order);
        pair_execution(&line, ending);
        pair_intent(&line, ending->order);
        log_pair(&line, "decision_id", "%s", ending->order->decision_id);
    }
    pair_suppressed(&line, suppressed);
    log_send(&line);
}

static void tell_elsewhere(struct executor_report *report, const struct order *order)
{
    uint64_t suppressed;
    struct log_line line;

    if (!log_limit_pass(&report->locks, monotonic_ms(), BURST, WINDOW_MS, &suppressed))
        return;
    log_open(&line, LEVEL_INFO, "🔒", "LOCK_SKIP");
    log_text(&line, " it is pending no more: another handling settled it");
    tell_order(&line, order);
    pair_intent(&line, order);
    pair_suppressed(&line, suppressed);
    log_send(&line);
}

static void tell_faulty(struct executor_report *report, const struct order *order, const char *why,
                        uint64_t pause_ms)
{
    uint64_t suppressed;
    struct log_line line;

    if (!log_limit_pass(&report->faults, monotonic_ms(), BURST, WINDOW_MS, &suppressed))
        return;
    log_open(&line, LEVEL_WARN, "🟠", "SYMBOL_DELAYED");
    tell_order(&line, order);
    log_pair_foreign(&line, "reason", why, strlen(why), 160);
    log_pair_int(&line, "retry_ms", (int64_t)pause_ms);
    pair_intent(&line, order);
    pair_suppressed(&line, suppressed);
    log_send(&line);
}

static void tell_closed(const struct position *position, const struct result *result, int64_t left)
{
    struct log_line line;

    log_open(&line, LEVEL_INFO, "🏁", "CLOSED");
    log_text(&line, " %s %s $%.2f", position->symbol, side_name(position->side),
             position->size_usd);
    log_field(&line, "symbol", "%s", position->symbol);
    log_pair(&line, "reason", "%s", result->reason);
    if (result->price > 0)
        log_pair(&line, "price", "%.8g", result->price);
    log_pair(&line, "fee", "%.4f", result->fee_usd);
    if (result->has_profit)
        log_pair(&line, "profit", "%.4f", result->profit_usd);
    if (left >= 0)
        log_pair_int(&line, "open", left);
    log_pair(&line, "position", "%s", position->intent_id);
    log_send(&line);
}

static void tell_breaker(const struct breaker *breaker, const struct breaker_rules *rules)
{
    if (breaker->state == BREAKER_OPEN)
        log_event(LEVEL_ERROR, "⛔", "BREAKER_OPEN",
                  "the venue failed: nothing is read for %.3g s, entries stay in the stream",
                  (double)rules->pause_ms / 1000.0);
    else if (breaker->state == BREAKER_HALF_OPEN)
        log_event(LEVEL_WARN, "🟠", "BREAKER_HALF_OPEN", "one intent is tried as a probe");
    else
        log_event(LEVEL_INFO, "🟢", "BREAKER_CLOSED", "the venue answers again");
}

static void tell_capacity_init(const char *key, int64_t open)
{
    struct log_line line;

    log_open(&line, LEVEL_INFO, "🟢", "CAPACITY_INIT");
    log_pair_int(&line, "open", open);
    log_text(&line, " (%s was missing)", key);
    log_send(&line);
}

static void tell_unreadable(const struct executor_report *report,
                            const struct unreadable *unreadable)
{
    struct log_line line;

    log_open(&line, LEVEL_WARN, "🟠", "POSITION_UNREADABLE");
    log_pair_int(&line, "count", (int64_t)unreadable->count);
    log_pair_foreign(&line, "position", unreadable->id, strlen(unreadable->id), 64);
    log_pair(&line, "in", "%s", report->settings->keys.positions);
    log_text(&line, " → it keeps its slot and nothing closes it, until it is corrected or deleted");
    log_send(&line);
}

/* Once per reason, until it is kept again. */
static void tell_held_key(struct executor_report *report, const char *unkept)
{
    bool is_told = !unkept || strncmp(unkept, report->unkept, sizeof report->unkept - 1) == 0;
    struct log_line line;

    (void)snprintf(report->unkept, sizeof report->unkept, "%s", unkept ? unkept : "");
    if (is_told)
        return;
    log_open(&line, LEVEL_WARN, "🟠", "POSITIONS_NOT_KEPT");
    log_pair(&line, "key", "%s", report->settings->keys.held);
    log_pair_foreign(&line, "reason", unkept, strlen(unkept), 160);
    log_text(&line, " → trading goes on; tried again at the next connection");
    log_send(&line);
}

static void tell_consumer_removed(const char *name, size_t length)
{
    struct log_line line;

    log_open(&line, LEVEL_INFO, "🧹", "CONSUMER_REMOVED");
    log_pair_foreign(&line, "consumer", name, length, 128);
    log_text(&line, " (nothing pending, and idle for long)");
    log_send(&line);
}

static void tell_refused(struct executor_report *report, const struct executor_fact *fact)
{
    const char *complaint = fact->refused.complaint;

    if (fact->refused.ends_session)
        return;
    service_report_refused(&report->service, "EXECUTION_REFUSED", complaint,
                           "nothing executed, entries stay pending; tried again every second");
}

static void tell_accepted(struct executor_report *report)
{
    if (service_report_accepted(&report->service))
        log_event(LEVEL_INFO, "🟢", "EXECUTION_ACCEPTED", "Redis takes what is written again");
}

static void tell_answer(const struct result *result, int64_t positions)
{
    bool is_filled = strcmp(result->status, "filled") == 0;
    bool is_closed = strcmp(result->status, "closed") == 0;
    struct log_line line;

    log_open(&line, LEVEL_INFO, is_filled ? "✅" : "🏁",
             is_filled   ? "FILLED"
             : is_closed ? "CLOSED"
                         : "REJECTED");
    if (!is_filled && result->reason[0])
        log_pair(&line, "reason", "%s", result->reason);
    log_text(&line, " %s %s", result->symbol, result->action);
    log_pair(&line, "price", "%.8g", result->price);
    log_pair_int(&line, "open", positions);
    log_pair(&line, "decision_id", "%s", result->decision_id);
    log_send(&line);
}

static void tell_answer_ignored(const char *order_id, const char *status, const char *why)
{
    struct log_line line;

    log_open(&line, LEVEL_WARN, "🟠", "ANSWER_IGNORED");
    log_pair_foreign(&line, "order_id", order_id, strlen(order_id), 64);
    log_pair_foreign(&line, "status", status, strlen(status), 32);
    log_pair(&line, "why", "%s", why);
    log_send(&line);
}

/* --- what holds it: told when it begins or changes, once a minute, and when it ends */

static void tell_safe_mode(const struct executor_report *report, const struct hold_seen *seen)
{
    const struct executor_settings *settings = report->settings;
    char key[KEY_MAX + 1];
    struct log_line line;

    halts_key(&settings->halts, (size_t)seen->halt_number, settings->keys.safe_mode, key);
    log_open(&line, LEVEL_WARN, "⛔", "SAFE_MODE:");
    log_text(&line, " ");
    log_foreign(&line, key, strlen(key), KEY_MAX);
    log_text(&line, " is set → opening nothing");
    log_text(&line, " value='");
    log_foreign(&line, seen->value, seen->length, VALUE_SHOWN_MAX);
    log_text(&line, "'");
    if (seen->ttl_sec >= 0)
        log_pair(&line, "ttl", "%llds", (long long)seen->ttl_sec);
    if (seen->words[0]) {
        log_text(&line, " reason='");
        log_foreign(&line, seen->words, strlen(seen->words), WORDS_SHOWN_MAX);
        log_text(&line, "'");
    }
    log_send(&line);
}

static void tell_unparseable(const struct executor_report *report, const struct hold_seen *seen)
{
    struct log_line line;

    log_open(&line, LEVEL_ERROR, "🔴", "CAPACITY_UNPARSEABLE:");
    log_text(&line, " %s='", report->settings->keys.open_orders);
    log_foreign(&line, seen->value, seen->length, VALUE_SHOWN_MAX);
    log_text(&line, "' → fail-closed");
    log_send(&line);
}

static void tell_end(const struct executor_report *report, uint64_t now_ms)
{
    double held_sec = (double)(now_ms - report->hold_since_ms) / 1000.0;
    struct log_line line;

    log_open(&line, LEVEL_INFO, "🟢",
             report->hold == HOLD_SAFE_MODE ? "SAFE_MODE_CLEARED" : "CAPACITY_OK");
    log_pair(&line, "held_sec", "%.1f", held_sec);
    log_text(&line, " (what waited for over %llds is dropped)",
             (long long)report->settings->resume_max_age_sec);
    log_send(&line);
}

static void tell_hold(struct executor_report *report, const struct hold_seen *seen)
{
    enum hold_reason reason = seen->reason;
    uint64_t now_ms = monotonic_ms();
    bool explained = seen->words[0] && !report->hold_explained;

    report->hold_explained = seen->words[0];
    if (reason == report->hold && seen->halt_number == report->halt_number && !explained &&
        (reason == HOLD_NONE || now_ms - report->hold_told_ms < MINUTE_MS))
        return;
    if (reason == HOLD_NONE)
        tell_end(report, now_ms);
    else if (reason == HOLD_SAFE_MODE)
        tell_safe_mode(report, seen);
    else if (reason == HOLD_UNKNOWN)
        log_event(LEVEL_ERROR, "🔴", "CAPACITY_UNKNOWN:", "%s missing → fail-closed",
                  report->settings->keys.open_orders);
    else
        tell_unparseable(report, seen);
    if (report->hold == HOLD_NONE)
        report->hold_since_ms = now_ms;
    report->hold = reason;
    report->halt_number = seen->halt_number;
    report->hold_told_ms = now_ms;
}

static void tell_unsure(const struct state_doubt *doubt)
{
    char since[CALENDAR_ISO_MAX];
    struct log_line line;

    calendar_iso(doubt->since_ms, since);
    log_open(&line, LEVEL_WARN, "⏸️", "STATE_UNSURE");
    log_pair_int(&line, "held", (int64_t)doubt->held_back);
    log_pair(&line, "older_than", "%s", since);
    log_text(&line, " → Redis is another server and may lack its last seconds: openings pending "
                    "until `quantumctl resume`, or until they are stale");
    log_send(&line);
}

/* What waits is told only once something waits. */
static void tell_doubt(struct executor_report *report, const struct state_doubt *doubt)
{
    if (doubt->since_ms == report->unsure_since_ms ||
        (doubt->since_ms != 0 && doubt->since_ms != STATE_LACKING && doubt->held_back == 0))
        return;
    if (doubt->since_ms == 0)
        log_event(LEVEL_INFO, "🟢", "STATE_RESUMED", "what was held back goes on, or is stale");
    else if (doubt->since_ms == STATE_LACKING)
        log_event(LEVEL_ERROR, "⏪", "STATE_ROLLED_BACK",
                  "what was settled last is not settled here → opening nothing until `quantumctl "
                  "resume`");
    else
        tell_unsure(doubt);
    report->unsure_since_ms = doubt->since_ms;
}

/* --- all facts */

static void tell_opened(const struct executor_report *report, const struct arrival *arrival)
{
    const struct executor_keys *keys = &report->settings->keys;
    struct reply_text name;

    if (arrival->group_recreated)
        service_report_group_recreated(keys->intents, keys->group);
    if (arrival->count_made >= 0)
        tell_capacity_init(keys->open_orders, arrival->count_made);
    if (arrival->unreadable.count > 0)
        tell_unreadable(report, &arrival->unreadable);
    for (size_t i = arrival->removed_at; i < arrival->removed->elements; i++)
        if (reply_read_text(arrival->removed->element[i], &name))
            tell_consumer_removed(name.bytes, name.length);
}

static void tell_positions(const struct executor_report *report, const struct executor_fact *fact)
{
    if (fact->kind == FACT_POSITION_CLOSED)
        tell_closed(fact->position_closed.position, fact->position_closed.result,
                    fact->position_closed.left);
    if (fact->kind == FACT_UNREADABLE)
        tell_unreadable(report, fact->unreadable);
    if (fact->kind == FACT_ANSWERED)
        tell_answer(fact->answered.result, fact->answered.positions);
    if (fact->kind == FACT_ANSWER_IGNORED)
        tell_answer_ignored(fact->ignored.order_id, fact->ignored.status, fact->ignored.why);
}

void executor_report_fact(struct executor_report *report, const struct executor_fact *fact)
{
    switch (fact->kind) {
    case FACT_HELD_KEY:
        tell_held_key(report, fact->unkept);
        break;
    case FACT_OPENED:
        tell_opened(report, fact->opened);
        break;
    case FACT_RUNNING:
        service_report_redis_back(&report->service);
        break;
    case FACT_LOST:
        service_report_redis_lost(&report->service, fact->lost.reason, fact->lost.retry_ms);
        break;
    case FACT_CLOSING:
        stale_report_close(&report->stale);
        break;
    case FACT_ENDED:
        tell_ending(report, fact->ended.ending);
        break;
    case FACT_STALE:
        stale_report_add(&report->stale, fact->stale);
        break;
    case FACT_ELSEWHERE:
        tell_elsewhere(report, fact->elsewhere);
        break;
    case FACT_FAULTY:
        tell_faulty(report, fact->faulty.order, fact->faulty.why, fact->faulty.pause_ms);
        break;
    case FACT_TRIMMED:
        service_report_trimmed(fact->trimmed, "intent");
        break;
    case FACT_HOLD_SEEN:
        tell_hold(report, fact->hold);
        break;
    case FACT_DOUBT_SEEN:
        tell_doubt(report, fact->doubt);
        break;
    case FACT_BREAKER:
        tell_breaker(fact->breaker, &report->settings->breaker);
        break;
    case FACT_REFUSED:
        tell_refused(report, fact);
        break;
    case FACT_ACCEPTED:
        tell_accepted(report);
        break;
    case FACT_CLAIM_REFUSED:
        service_report_claim_refused(&report->service, fact->complaint);
        break;
    default:
        tell_positions(report, fact);
        break;
    }
}
