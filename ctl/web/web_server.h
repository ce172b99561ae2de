/* SPDX-License-Identifier: MIT */
/*
 * The server of the page: its files, /state.json and /explain.json.
 *
 * Everything that waits for Redis does so on threads of libuv's pool, one look at a time;
 * the loop only hands out what was seen last. A look is taken when somebody asks and the last one
 * is a second old, so that many viewers cost no more than one, and none cost nothing. Who asks
 * meanwhile waits for it, for a second at most, and then gets what there is, with its age.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "common/service/http.h"
#include "common/service/notify.h"
#include "common/service/watchdog.h"
#include "ctl/web/web_explain.h"
#include "ctl/web/web_look.h"

struct web_seen {
    char *text;     /* NULL: nothing yet */
    uint64_t at_ms; /* when the look began; monotonic */
};

struct web_server {
    const char *listen;
    const struct names *hosts;
    uv_loop_t loop;
    struct http *http;
    struct notify notify;
    struct watchdog watchdog;
    struct web_look look; /* the working thread's, while it looks */
    struct web_explain explain;

    uv_work_t work;
    bool is_looking, is_stopping;
    uint64_t began_ms, ended_ms; /* the look that is under way, or the last one; 0: none yet */
    char *found, *why;           /* what the working thread brings */
    uv_timer_t patience;         /* until those who wait get what there is */

    struct web_seen seen; /* the last good look */
    char *trouble;        /* Redis does not answer, and why; NULL: it does */
};

/* `listen`, `hosts`, and the look as web_look.h has it, are the caller's to set before. Until
 * SIGTERM, SIGINT or SIGHUP; returns the exit status. */
int web_server_run(struct web_server *server);
