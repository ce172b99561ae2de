/* SPDX-License-Identifier: MIT */
#include "common/service/watchdog.h"

enum { FEEDS_PER_PERIOD = 3 };

static void on_timer(uv_timer_t *timer)
{
    const struct watchdog *watchdog = timer->data;

    if (watchdog->is_well(watchdog->owner))
        notify_watchdog(watchdog->notify);
}

void watchdog_start(struct watchdog *watchdog, uv_loop_t *loop, const struct notify *notify,
                    bool (*is_well)(void *owner), void *owner)
{
    uint64_t every_ms = notify_watchdog_usec() / 1000 / FEEDS_PER_PERIOD;

    *watchdog = (struct watchdog){.notify = notify, .is_well = is_well, .owner = owner};
    (void)uv_timer_init(loop, &watchdog->timer);
    watchdog->timer.data = watchdog;
    if (every_ms > 0)
        (void)uv_timer_start(&watchdog->timer, on_timer, every_ms, every_ms);
}

void watchdog_close(struct watchdog *watchdog)
{
    uv_close((uv_handle_t *)&watchdog->timer, NULL);
}
