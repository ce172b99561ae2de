/* SPDX-License-Identifier: MIT */
#include "common/service/service_links.h"

#include <stdio.h>
#include <string.h>

bool service_links_is_known(const struct service_links *pair)
{
    return *link_run_id(pair->reader) && *link_run_id(pair->worker);
}

/* Two masters behind one address: what one gives the other does not settle. */
static bool is_torn(const struct service_links *pair)
{
    return service_links_is_known(pair) &&
           strcmp(link_run_id(pair->reader), link_run_id(pair->worker)) != 0;
}

static void drop_both(struct service_links *pair, const char *reason)
{
    link_drop(pair->reader, reason);
    link_drop(pair->worker, reason);
}

static void refuse_two(struct service_links *pair)
{
    char reason[192];

    (void)snprintf(reason, sizeof reason,
                   "two servers answer at one address: run_id %s to the reading connection, %s to "
                   "the other",
                   link_run_id(pair->reader), link_run_id(pair->worker));
    pair->is_up = true; /* for the loss of one to take the other along */
    link_drop(pair->worker, reason);
}

static void on_up(void *owner)
{
    struct service_links *pair = owner;

    if (pair->is_up || !link_is_up(pair->reader) || !link_is_up(pair->worker))
        return;
    if (is_torn(pair)) {
        refuse_two(pair);
        return;
    }
    pair->is_up = true;
    pair->events->up(pair->owner);
}

/* Either link is gone: so is the other, and only one of the two is told on. */
static void on_down(void *owner, const char *reason, uint64_t retry_ms)
{
    struct service_links *pair = owner;

    if (pair->losing)
        return;
    pair->losing = true;
    pair->events->losing(pair->owner);
    if (pair->is_up) {
        drop_both(pair, reason);
        pair->is_up = false;
    }
    pair->losing = false;
    pair->events->down(pair->owner, reason, retry_ms);
}

void service_links_init(struct service_links *pair, uv_loop_t *loop,
                        const struct redis_settings *settings, const char *const names[static 2])
{
    static const struct link_events link_events = {on_up, on_down};
    struct link_config config = {
        .address = &settings->address,
        .name = names[0],
        .connect_timeout_ms = (uint64_t)settings->connect_timeout_ms,
        .reply_timeout_ms = (uint64_t)settings->reply_timeout_ms,
        .backoff_min_ms = (uint64_t)settings->backoff_min_ms,
        .backoff_max_ms = (uint64_t)settings->backoff_max_ms,
    };

    *pair = (struct service_links){.reader = link_new(loop, &config, &link_events, pair)};
    config.name = names[1];
    pair->worker = link_new(loop, &config, &link_events, pair);
}

void service_links_open(struct service_links *pair, const struct service_links_events *events,
                        void *owner)
{
    pair->events = events;
    pair->owner = owner;
    link_open(pair->reader);
    link_open(pair->worker);
}

void service_links_drop(struct service_links *pair, const char *reason)
{
    if (pair->is_up)
        link_drop(pair->worker, reason);
}

void service_links_reset_backoff(struct service_links *pair)
{
    link_reset_backoff(pair->reader);
    link_reset_backoff(pair->worker);
}

static void on_closed(void *data)
{
    struct service_links *pair = data;

    if (--pair->open == 0)
        pair->closed(pair->owner);
}

void service_links_close(struct service_links *pair, void (*closed)(void *owner))
{
    pair->closed = closed;
    pair->open = 2;
    link_close(pair->reader, on_closed, pair);
    link_close(pair->worker, on_closed, pair);
}
