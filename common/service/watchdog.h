/* SPDX-License-Identifier: MIT */
/*
 * Feeds systemd's watchdog three times in its period, as long as the owner says that all is well.
 *
 * That the loop turns needs no saying: the timer would not fire. Without a watchdog in the
 * environment it does nothing. Embedded in the program, next to its struct notify.
 */
#pragma once

#include <stdbool.h>
#include <uv.h>

#include "common/service/notify.h"

struct watchdog {
    uv_timer_t timer;
    const struct notify *notify;
    bool (*is_well)(void *owner);
    void *owner;
};

void watchdog_start(struct watchdog *watchdog, uv_loop_t *loop, const struct notify *notify,
                    bool (*is_well)(void *owner), void *owner);

/* The struct must stay until the loop has closed the timer. */
void watchdog_close(struct watchdog *watchdog);
