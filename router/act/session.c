/* SPDX-License-Identifier: MIT */
#include "router/act/session.h"

#include <string.h>

#include "common/redis/acks.h"
#include "common/redis/clock.h"
#include "common/redis/group_reader.h"
#include "common/redis/reply.h"
#include "router/act/fact.h"
#include "router/act/scripts.h"

/* Reply: 'taken', seconds, microseconds, sequence, cycle id, ids of its intents, resumed, origin,
 * shared, id of its record. */
static bool read_last_commit(struct session *session, const redisReply *reply,
                             struct last_commit *last)
{
    char origin[TOKEN_MAX];
    struct reply_text ids, resumed, record;
    int64_t sequence;

    if (!reply_is_array(reply, 10) || !redis_clock_read(reply, 1, &last->now_ms) ||
        !reply_copy_text(reply->element[7], origin, sizeof origin) ||
        !reply_read_integer(reply->element[3], &sequence) || sequence < 0 ||
        !reply_read_text(reply->element[5], &ids) ||
        !reply_read_text(reply->element[6], &resumed) ||
        !reply_read_integer(reply->element[8], &last->shared_ms) ||
        !reply_read_text(reply->element[9], &record))
        return false;
    (void)reply_copy_text(reply->element[4], last->cycle_id, sizeof last->cycle_id);
    last->sequence = (uint64_t)sequence;
    last->fresh = strcmp(session->origin, origin) != 0;
    memcpy(session->origin, origin, sizeof origin);
    last->intent_ids = ids.bytes;
    last->resumed = resumed.bytes;
    last->record_id = record.bytes;
    return true;
}

/* A reader on another server finds another one's epoch, or none. */
static void on_epoch(void *data, const redisReply *reply)
{
    struct session *session = data;

    if (reply_is_array(reply, 1) && !reply_is_text(reply->element[0], session->lease.epoch))
        service_links_drop(&session->links,
                           "two servers answer at one address: the reading connection does not "
                           "find the epoch that the other one wrote");
}

/* Where INFO may not be asked. Its answer comes before all that the reader is asked after. */
static void compare_epochs(struct session *session)
{
    struct command command = {0};

    if (service_links_are_known(&session->links))
        return;
    command_add_all(&command, "HMGET", session->settings->keys.commit, "epoch", NULL);
    (void)!link_send(session->links.reader, &command, link_reply_timeout_ms(session->links.reader),
                     on_epoch, session);
    command_free(&command);
}

/* A group that is made again after a session means that Redis lost its state. */
static void on_lease_taken(void *owner, const redisReply *taken)
{
    struct session *session = owner;
    bool recreated = session->was_open && session->links.group_made;
    struct last_commit last = {0};

    if (!read_last_commit(session, taken, &last)) {
        service_links_drop(&session->links, "the commit hash is malformed");
        return;
    }
    session->links.group_made = false;
    session->was_open = true;
    past_begin(&session->past, last.cycle_id);
    compare_epochs(session);
    session->events->opened(session->owner, &last, recreated);
}

static void on_lease_elsewhere(void *owner, const char *holder)
{
    struct session *session = owner;

    service_links_reset_backoff(&session->links);
    router_tell(session->observer, (struct router_fact){FACT_STANDBY, .text = holder});
}

static void on_lease_lost(void *owner, const char *why)
{
    session_depose(owner, why);
}

static void on_lease_released(void *owner)
{
    const struct session *session = owner;

    session->events->released(session->owner);
}

static void on_lease_failed(void *owner, const char *complaint)
{
    struct session *session = owner;

    service_links_drop(&session->links, complaint);
}

static void on_ready(void *owner)
{
    struct session *session = owner;

    lease_ask(&session->lease);
}

static void on_losing(void *owner)
{
    struct session *session = owner;

    lease_forget(&session->lease);
}

static void on_down(void *owner, const char *reason, uint64_t retry_ms)
{
    const struct session *session = owner;

    session->events->lost(session->owner, reason, retry_ms);
}

void session_init(struct session *session, uv_loop_t *loop, const struct router_settings *settings,
                  const struct session_events *events, void *owner,
                  const struct router_observer *observer)
{
    static const struct service_links_events links_events = {
        .ready = on_ready,
        .losing = on_losing,
        .down = on_down,
    };
    static const struct lease_events lease_events = {
        .taken = on_lease_taken,
        .elsewhere = on_lease_elsewhere,
        .lost = on_lease_lost,
        .released = on_lease_released,
        .failed = on_lease_failed,
    };
    static const char *const names[] = {"quantum-router:reader", "quantum-router:decider"};
    struct lease *lease = &session->lease;

    *session = (struct session){
        .settings = settings,
        .events = events,
        .owner = owner,
        .observer = observer,
        .links = {.events = &links_events,
                  .owner = session,
                  .stream = settings->keys.signals,
                  .group = settings->keys.group,
                  .scripts = session->scripts},
        .look = {.source = snapshot_lua},
        .commit = {.source = commit_lua},
        .ack = {.source = ack_lua},
        .pending = {.source = pending_lua},
        .scripts = {&session->look, &session->commit, &session->ack, &session->pending,
                    &lease->renew, &lease->release, &lease->take},
    };
    service_links_init(&session->links, loop, &settings->redis, names);
    lease_init(lease, loop, settings, session->links.worker, &session->past, &lease_events,
               session);
}

void session_open(struct session *session)
{
    service_links_open(&session->links);
}

void session_depose(struct session *session, const char *why)
{
    router_tell(session->observer, (struct router_fact){FACT_DEPOSED, .text = why});
    service_links_drop(&session->links, why);
}

int session_release(struct session *session)
{
    if (session->lease.state != LEASE_HELD)
        return 1;
    lease_release(&session->lease);
    return 0;
}

void session_close(struct session *session, void (*closed)(void *owner))
{
    lease_close(&session->lease);
    service_links_close(&session->links, closed);
}
