/* SPDX-License-Identifier: MIT */
/*
 * One look at everything that the page shows, as the text of a JSON object: the status as
 * `status --json` has it, the router's window, the last cycles, the last results.
 *
 * It waits for Redis and for the services, so it belongs to the thread that does nothing else. What
 * outlives a look is read on: the connection, the rates, the records.
 */
#pragma once

#include <stddef.h>

#include "ctl/look/status_look.h"
#include "ctl/web/web_cycles.h"
#include "ctl/web/web_results.h"
#include "ctl/web/web_with.h"

/* With what the server writes in front of it, it is 64 KiB at most. */
enum { WEB_LOOK_BYTES_MAX = 62 * 1024 };

struct web_look {
    const struct router_settings *router;
    const struct executor_settings *executor;
    struct redis_settings redis; /* the router's, but with less patience */
    struct client *client;       /* NULL: not connected */
    struct status_looks status;
    struct web_with with;
    struct web_cycles cycles;
    struct web_results results;
};

/* `router`, `executor`, `with`, and `status` as status_look.h has it, are the owner's to set
 * before. */
void web_look_init(struct web_look *look);
void web_look_deinit(struct web_look *look);

/* The text, which the caller frees; NULL: Redis does not answer, and why stands in `ret_why`, which
 * the caller frees, too. */
char *web_look_take(struct web_look *look, char **ret_why);
