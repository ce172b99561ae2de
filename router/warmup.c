/* SPDX-License-Identifier: MIT */
#include "router/warmup.h"

/* Time for two round trips that are slow; and so little that nobody sees it on a core, which is why
 * a short window goes without. */
enum { LEAD_MS = 2, WINDOW_MS_MIN = 500 };

/* That there is something to call back keeps the loop from going to sleep. */
static void on_awake(uv_idle_t *awake)
{
    (void)awake;
}

static void on_begin(uv_timer_t *timer)
{
    struct warmup *warmup = timer->data;

    cycle_rehearse(warmup->cycle);
    (void)uv_idle_start(&warmup->awake, on_awake);
}

void warmup_init(struct warmup *warmup, uv_loop_t *loop, struct cycle *cycle)
{
    warmup->cycle = cycle;
    (void)uv_timer_init(loop, &warmup->begin);
    (void)uv_idle_init(loop, &warmup->awake);
    warmup->begin.data = warmup;
}

void warmup_plan(struct warmup *warmup, uint64_t delay_ms)
{
    warmup_stop(warmup);
    if (delay_ms >= WINDOW_MS_MIN)
        (void)uv_timer_start(&warmup->begin, on_begin, delay_ms - LEAD_MS, 0);
}

void warmup_stop(struct warmup *warmup)
{
    (void)uv_timer_stop(&warmup->begin);
    (void)uv_idle_stop(&warmup->awake);
}

void warmup_close(struct warmup *warmup)
{
    uv_close((uv_handle_t *)&warmup->begin, NULL);
    uv_close((uv_handle_t *)&warmup->awake, NULL);
}
