/* SPDX-License-Identifier: MIT */
#include "executor/tell/stale_report.h"

#include "common/base/monotonic.h"

enum { WINDOW_MS = 30000 };

static void on_timer(uv_timer_t *timer);

void stale_report_init(struct stale_report *report, uv_loop_t *loop)
{
    *report = (struct stale_report){0};
    (void)uv_timer_init(loop, &report->timer);
    report->timer.data = report;
}

/* Lines and what they suppressed add up to the total. */
static void tell(const struct stale_report *report, uint64_t suppressed)
{
    const struct stale_drop *last = &report->last;
    char id[STREAM_ID_TEXT_MAX];
    struct log_line line;

    stream_id_print(last->intent_id, id);
    log_open(&line, LEVEL_WARN, "🗑️", "STALE_INTENT_DROP");
    log_pair(&line, "intent_id", "%s", id);
    log_pair_int(&line, "age_sec", last->age_ms / 1000);
    log_text(&line, " (exceeds %llds TTL)", (long long)last->max_age_ms / 1000);
    log_pair(&line, "suppressed", "%llu", (unsigned long long)suppressed);
    log_pair(&line, "total", "%llu", (unsigned long long)report->total);
    log_send(&line);
}

/* The one that is named was itself held back. */
static void tell_held_back(struct stale_report *report)
{
    uint64_t held_back = log_limit_take(&report->limit, monotonic_ms(), WINDOW_MS);

    if (held_back > 0)
        tell(report, held_back - 1);
}

static void set_timer(struct stale_report *report)
{
    uint64_t passed_ms = monotonic_ms() - report->limit.window_start_ms;

    uv_update_time(report->timer.loop);
    (void)uv_timer_start(&report->timer, on_timer,
                         passed_ms < WINDOW_MS ? WINDOW_MS - passed_ms : 0, 0);
}

static void on_timer(uv_timer_t *timer)
{
    struct stale_report *report = timer->data;

    tell_held_back(report);
    if (report->limit.suppressed > 0)
        set_timer(report);
}

void stale_report_add(struct stale_report *report, const struct stale_drop *drop)
{
    uint64_t suppressed;

    report->total++;
    report->last = *drop;
    if (log_limit_pass(&report->limit, monotonic_ms(), 1, WINDOW_MS, &suppressed)) {
        tell(report, suppressed);
        (void)uv_timer_stop(&report->timer);
    } else if (!uv_is_active((uv_handle_t *)&report->timer)) {
        set_timer(report);
    }
}

void stale_report_close(struct stale_report *report)
{
    uv_close((uv_handle_t *)&report->timer, NULL);
}
