/* SPDX-License-Identifier: MIT */
#include "router/act/session.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "common/redis/acks.h"
#include "common/redis/clock.h"
#include "common/redis/reply.h"
#include "router/act/router_look.h"
#include "router/act/scripts.h"

static void set_state(struct session *session, enum session_state state)
{
    static const bool allowed[][SESSION_CLOSED + 1] = {
        [SESSION_DOWN] = {[SESSION_PREPARING] = true, [SESSION_CLOSED] = true},
        [SESSION_PREPARING] =
            {[SESSION_ASKING] = true, [SESSION_DOWN] = true, [SESSION_CLOSED] = true},
        [SESSION_ASKING] = {[SESSION_OPEN] = true, [SESSION_DOWN] = true, [SESSION_CLOSED] = true},
        [SESSION_OPEN] = {[SESSION_DOWN] = true, [SESSION_CLOSED] = true},
        [SESSION_CLOSED] = {false},
    };

    assert(allowed[session->state][state]);
    session->state = state;
}

/* Reply: 'taken', seconds, microseconds, sequence, cycle id, ids of its intents, resumed, origin,
 * shared. */
static bool read_marker(struct session *session, const redisReply *reply, struct marker *marker)
{
    char origin[TOKEN_MAX];
    struct reply_text ids, resumed;
    int64_t sequence;

    if (!reply_is_array(reply, 9) || !redis_clock_read(reply, 1, &marker->now_ms) ||
        !reply_copy_text(reply->element[7], origin, sizeof origin) ||
        !reply_read_integer(reply->element[3], &sequence) || sequence < 0 ||
        !reply_read_text(reply->element[5], &ids) ||
        !reply_read_text(reply->element[6], &resumed) ||
        !reply_read_integer(reply->element[8], &marker->shared_ms))
        return false;
    if (!reply_copy_text(reply->element[4], marker->cycle_id, sizeof marker->cycle_id))
        marker->cycle_id[0] = '\0';
    marker->sequence = (uint64_t)sequence;
    marker->fresh = strcmp(session->origin, origin) != 0;
    memcpy(session->origin, origin, sizeof origin);
    marker->intent_ids = ids.bytes;
    marker->resumed = resumed.bytes;
    return true;
}

/* A reader on another server finds another one's epoch, or none. */
static void on_epoch(void *data, const redisReply *reply)
{
    struct session *session = data;

    if (reply_is_array(reply, 1) && !reply_is_text(reply->element[0], session->lease.epoch))
        session_drop(session, "two servers answer at one address: the reading connection does not "
                              "find the epoch that the other one wrote");
}

/* Where INFO may not be asked. Its answer comes before all that the reader is asked after. */
static void compare_epochs(struct session *session)
{
    struct command command = {0};

    if (service_links_is_known(&session->links))
        return;
    command_add_all(&command, "HMGET", session->settings->keys.commit, "epoch", NULL);
    (void)!link_send(session->links.reader, &command, link_reply_timeout_ms(session->links.reader),
                     on_epoch, session);
    command_free(&command);
}

static void on_lease_taken(void *owner, const redisReply *taken)
{
    struct session *session = owner;
    bool recreated = session->group_recreated;
    struct marker marker = {0};

    if (!read_marker(session, taken, &marker)) {
        session_drop(session, "the commit hash is malformed");
        return;
    }
    session->group_recreated = false;
    session->was_open = true;
    past_begin(&session->past, marker.cycle_id);
    compare_epochs(session);
    set_state(session, SESSION_OPEN);
    session->events->opened(session->owner, &marker, recreated);
}

static void on_lease_held(void *owner, const char *holder)
{
    struct session *session = owner;

    session_reset_backoff(session);
    session->events->standby(session->owner, holder);
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
    session_drop(owner, complaint);
}

static void on_script_loaded(void *data, const char *complaint)
{
    struct session *session = data;

    if (complaint)
        session_drop(session, complaint);
}

/* The last one to be loaded; the others were sent before it. */
static void on_last_script_loaded(void *data, const char *complaint)
{
    struct session *session = data;

    on_script_loaded(session, complaint);
    if (session->state != SESSION_PREPARING)
        return;
    set_state(session, SESSION_ASKING);
    lease_ask(&session->lease);
}

static void load_scripts(struct session *session)
{
    struct link *link = session->links.worker;

    if (script_load(&session->look, link, on_script_loaded, session) != 0 ||
        script_load(&session->commit, link, on_script_loaded, session) != 0 ||
        script_load(&session->ack, link, on_script_loaded, session) != 0 ||
        script_load(&session->lease.renew, link, on_script_loaded, session) != 0 ||
        script_load(&session->lease.release, link, on_script_loaded, session) != 0 ||
        script_load(&session->lease.take, link, on_last_script_loaded, session) != 0)
        session_drop(session, "the connection was lost");
}

/* BUSYGROUP is what we hope for. A group made again after a session means that Redis lost its
 * state.
 */
static void on_group(void *data, const redisReply *reply)
{
    struct session *session = data;
    char complaint[REPLY_COMPLAINT_MAX];

    if (!reply)
        return;
    if (reply_is_text(reply, "OK"))
        session->group_recreated = session->was_open;
    else if (!reply_is_error_code(reply, "BUSYGROUP")) {
        reply_complaint_about(reply, "XGROUP CREATE", session->settings->keys.signals, complaint);
        session_drop(session, complaint);
        return;
    }
    load_scripts(session);
}

/* At 0, never at $: what is too old is dropped by its age, and what is not must not be skipped. */
static void prepare(struct session *session)
{
    const struct keys *keys = &session->settings->keys;
    struct command command = {0};

    set_state(session, SESSION_PREPARING);
    command_add_all(&command, "XGROUP", "CREATE", keys->signals, keys->group, "0", "MKSTREAM",
                    NULL);
    int refused = link_send(session->links.worker, &command,
                            link_reply_timeout_ms(session->links.worker), on_group, session);
    command_free(&command);
    if (refused)
        session_drop(session, "the connection was lost");
}

static void on_up(void *owner)
{
    prepare(owner);
}

static void on_losing(void *owner)
{
    struct session *session = owner;

    lease_forget(&session->lease);
}

static void on_down(void *owner, const char *reason, uint64_t retry_ms)
{
    struct session *session = owner;

    if (session->state != SESSION_DOWN)
        set_state(session, SESSION_DOWN);
    session->events->lost(session->owner, reason, retry_ms);
}

void session_init(struct session *session, uv_loop_t *loop, const struct router_settings *settings,
                  const struct session_events *events, void *owner)
{
    static const struct lease_events lease_events = {on_lease_taken, on_lease_held, on_lease_lost,
                                                     on_lease_released, on_lease_failed};
    static const char *const names[] = {"quantum-router:reader", "quantum-router:decider"};

    *session = (struct session){
        .settings = settings,
        .events = events,
        .owner = owner,
        .look = {.source = snapshot_lua},
        .commit = {.source = commit_lua},
        .ack = {.source = ack_lua},
    };
    service_links_init(&session->links, loop, &settings->redis, names);
    lease_init(&session->lease, loop, settings, session->links.worker, &session->past,
               &lease_events, session);
}

void session_open(struct session *session)
{
    static const struct service_links_events events = {on_up, on_losing, on_down};

    service_links_open(&session->links, &events, session);
}

void session_drop(struct session *session, const char *reason)
{
    service_links_drop(&session->links, reason);
}

void session_depose(struct session *session, const char *why)
{
    session->events->deposed(session->owner, why);
    session_drop(session, why);
}

int session_release(struct session *session)
{
    if (session->state != SESSION_OPEN || session->lease.state != LEASE_HELD)
        return 1;
    lease_release(&session->lease);
    return 0;
}

void session_reset_backoff(struct session *session)
{
    service_links_reset_backoff(&session->links);
}

static void count_closed(struct session *session)
{
    if (--session->closing == 0)
        session->closed(session->owner);
}

static void on_links_closed(void *owner)
{
    count_closed(owner);
}

static void on_lease_closed(uv_handle_t *handle)
{
    const struct lease *lease = handle->data;

    count_closed(lease->owner);
}

void session_close(struct session *session, void (*closed)(void *owner))
{
    set_state(session, SESSION_CLOSED);
    session->closed = closed;
    session->closing = 2;
    lease_close(&session->lease, on_lease_closed);
    service_links_close(&session->links, on_links_closed);
}
