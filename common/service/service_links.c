/* SPDX-License-Identifier: MIT */
#include "common/service/service_links.h"

#include <stdio.h>
#include <string.h>

#include "common/redis/reply.h"

bool service_links_are_known(const struct service_links *links)
{
    return *link_run_id(links->reader) && *link_run_id(links->worker);
}

/* Two masters behind one address: what one gives the other does not settle. */
static bool is_torn(const struct service_links *links)
{
    return service_links_are_known(links) &&
           strcmp(link_run_id(links->reader), link_run_id(links->worker)) != 0;
}

static void drop_both(struct service_links *links, const char *reason)
{
    link_drop(links->reader, reason);
    link_drop(links->worker, reason);
}

static void refuse_two(struct service_links *links)
{
    char reason[192];

    (void)snprintf(reason, sizeof reason,
                   "two servers answer at one address: run_id %s to the reading connection, %s to "
                   "the other",
                   link_run_id(links->reader), link_run_id(links->worker));
    links->is_up = true; /* for the loss of one to take the other along */
    link_drop(links->worker, reason);
}

static void on_loaded(void *data, const char *complaint)
{
    struct service_links *links = data;

    if (complaint)
        service_links_drop(links, complaint);
    else if (--links->loading == 0)
        links->events->ready(links->owner);
}

static int load_scripts(struct service_links *links)
{
    links->loading = 0;
    for (struct script *const *script = links->scripts; *script; script++, links->loading++)
        if (script_load(*script, links->worker, on_loaded, links) != 0)
            return 1;
    return 0;
}

/* BUSYGROUP is what we hope for. */
static void on_group(void *data, const redisReply *reply)
{
    struct service_links *links = data;
    char complaint[REPLY_COMPLAINT_MAX];

    if (!reply || reply_is_error_code(reply, "BUSYGROUP"))
        return;
    if (reply_is_text(reply, "OK")) {
        links->group_made = true;
        return;
    }
    reply_complaint_about(reply, "XGROUP CREATE", links->stream, complaint);
    service_links_drop(links, complaint);
}

/* At 0, never at $: nothing that is there already may be passed over. */
static int make_group(struct service_links *links)
{
    struct command command = {0};

    if (!links->group)
        return 0;
    command_add_all(&command, "XGROUP", "CREATE", links->stream, links->group, "0", "MKSTREAM",
                    NULL);
    int refused =
        link_send(links->worker, &command, link_reply_timeout_ms(links->worker), on_group, links);
    command_free(&command);
    return refused;
}

static void prepare(struct service_links *links)
{
    if (make_group(links) != 0 || load_scripts(links) != 0)
        service_links_drop(links, "the connection was lost");
}

static void on_up(void *owner)
{
    struct service_links *links = owner;

    if (links->is_up || !link_is_up(links->reader) || !link_is_up(links->worker))
        return;
    if (is_torn(links)) {
        refuse_two(links);
        return;
    }
    links->is_up = true;
    prepare(links);
}

/* Either link is gone: so is the other, and only one of the two is told on. */
static void on_down(void *owner, const char *reason, uint64_t retry_ms)
{
    struct service_links *links = owner;

    if (links->losing)
        return;
    links->losing = true;
    if (links->events->losing)
        links->events->losing(links->owner);
    if (links->is_up) {
        drop_both(links, reason);
        links->is_up = false;
    }
    links->losing = false;
    links->events->down(links->owner, reason, retry_ms);
}

struct link_config service_links_config(const struct redis_settings *settings, const char *name)
{
    return (struct link_config){
        .address = &settings->address,
        .tls_files = &settings->tls_files,
        .name = name,
        .connect_timeout_ms = (uint64_t)settings->connect_timeout_ms,
        .reply_timeout_ms = (uint64_t)settings->reply_timeout_ms,
        .backoff_min_ms = (uint64_t)settings->backoff_min_ms,
        .backoff_max_ms = (uint64_t)settings->backoff_max_ms,
    };
}

void service_links_init(struct service_links *links, uv_loop_t *loop,
                        const struct redis_settings *settings, const char *const names[static 2])
{
    static const struct link_events link_events = {.up = on_up, .down = on_down};
    struct link_config config = service_links_config(settings, names[0]);

    links->reader = link_new(loop, &config, &link_events, links);
    config.name = names[1];
    links->worker = link_new(loop, &config, &link_events, links);
}

void service_links_open(struct service_links *links)
{
    link_open(links->reader);
    link_open(links->worker);
}

void service_links_drop(struct service_links *links, const char *reason)
{
    if (links->is_up)
        link_drop(links->worker, reason);
}

void service_links_reset_backoff(struct service_links *links)
{
    link_reset_backoff(links->reader);
    link_reset_backoff(links->worker);
}

static void on_closed(void *data)
{
    struct service_links *links = data;

    if (--links->open == 0)
        links->closed(links->owner);
}

void service_links_close(struct service_links *links, void (*closed)(void *owner))
{
    links->closed = closed;
    links->open = 2;
    link_close(links->reader, on_closed, links);
    link_close(links->worker, on_closed, links);
}
