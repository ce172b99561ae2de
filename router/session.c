/* SPDX-License-Identifier: MIT */
#include "router/session.h"

#include <assert.h>
#include <stdio.h>

#include "common/redis/reply.h"
#include "router/observe.h"
#include "router/scripts.h"

static void set_state(struct session *session, enum session_state state)
{
    static const bool allowed[][SESSION_CLOSED + 1] = {
        [SESSION_DOWN] = {[SESSION_PREPARING] = true, [SESSION_CLOSED] = true},
        [SESSION_PREPARING] =
            {[SESSION_OPEN] = true, [SESSION_DOWN] = true, [SESSION_CLOSED] = true},
        [SESSION_OPEN] = {[SESSION_DOWN] = true, [SESSION_CLOSED] = true},
        [SESSION_CLOSED] = {false},
    };

    assert(allowed[session->state][state]);
    session->state = state;
}

/* 128 random bits: no two connections, of whatever process, ever share one. */
static void draw_epoch(char ret_epoch[static EPOCH_TEXT_MAX])
{
    uint64_t random[2];

    int error = uv_random(NULL, NULL, random, sizeof random, 0, NULL);
    assert(!error && "getrandom() does not fail once the system is up");
    (void)error;
    (void)snprintf(ret_epoch, EPOCH_TEXT_MAX, "%016llx%016llx", (unsigned long long)random[0],
                   (unsigned long long)random[1]);
}

/* Reply: seconds, microseconds, sequence, cycle id, ids of its intents. */
static void on_fenced(void *data, const redisReply *reply)
{
    struct session *session = data;
    struct marker marker = {.intent_ids = ""};
    struct reply_text ids;

    if (!reply)
        return;
    if (!observe_read_time(reply, 0, &marker.now_ms) || !reply_is_array(reply, 5)) {
        session_drop(session, reply_complaint(reply));
        return;
    }
    if (!reply_copy_text(reply->element[3], marker.cycle_id, sizeof marker.cycle_id))
        marker.cycle_id[0] = '\0';
    if (reply_read_text(reply->element[4], &ids))
        marker.intent_ids = ids.bytes;
    bool recreated = session->group_recreated;
    session->group_recreated = false;
    session->was_open = true;
    set_state(session, SESSION_OPEN);
    session->events->opened(session->owner, &marker, recreated);
}

static void raise_fence(struct session *session)
{
    struct command command;

    draw_epoch(session->epoch);
    script_command(&session->fence, 1, &command);
    command_add_all(&command, session->settings->keys.commit, session->epoch, NULL);
    if (script_call(&session->fence, session->decider, &command,
                    link_reply_timeout_ms(session->decider), on_fenced, session) != 0)
        session_drop(session, "the connection was lost");
}

static void on_script_loaded(void *data, const char *complaint)
{
    struct session *session = data;

    if (complaint)
        session_drop(session, complaint);
}

/* The last of the three to be loaded; the others were sent before it. */
static void on_last_script_loaded(void *data, const char *complaint)
{
    struct session *session = data;

    on_script_loaded(session, complaint);
    if (session->state == SESSION_PREPARING)
        raise_fence(session);
}

static void load_scripts(struct session *session)
{
    struct link *link = session->decider;

    if (script_load(&session->snapshot, link, on_script_loaded, session) != 0 ||
        script_load(&session->commit, link, on_script_loaded, session) != 0 ||
        script_load(&session->fence, link, on_last_script_loaded, session) != 0)
        session_drop(session, "the connection was lost");
}

/* BUSYGROUP is what we hope for. A group made anew after a session means that Redis lost its state.
 */
static void on_group(void *data, const redisReply *reply)
{
    struct session *session = data;

    if (!reply)
        return;
    if (reply_is_text(reply, "OK"))
        session->group_recreated = session->was_open;
    else if (!reply_is_error_code(reply, "BUSYGROUP")) {
        session_drop(session, reply_complaint(reply));
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
    int refused = link_send(session->decider, &command, link_reply_timeout_ms(session->decider),
                            on_group, session);
    command_free(&command);
    if (refused)
        session_drop(session, "the connection was lost");
}

static void on_up(void *owner)
{
    struct session *session = owner;

    if (session->state == SESSION_DOWN && link_is_up(session->reader) &&
        link_is_up(session->decider))
        prepare(session);
}

/* Either link is gone: so is the other, and only one of the two is told on. */
static void on_down(void *owner, const char *reason, uint64_t retry_ms)
{
    struct session *session = owner;

    if (session->losing)
        return;
    session->losing = true;
    if (session->state != SESSION_DOWN) {
        link_drop(session->reader, reason);
        link_drop(session->decider, reason);
        set_state(session, SESSION_DOWN);
    }
    session->losing = false;
    session->events->lost(session->owner, reason, retry_ms);
}

void session_init(struct session *session, uv_loop_t *loop, const struct router_settings *settings,
                  const struct session_events *events, void *owner)
{
    static const struct link_events link_events = {on_up, on_down};
    struct link_config config = {
        .address = &settings->redis.address,
        .name = "quantum-router:reader",
        .connect_timeout_ms = (uint64_t)settings->redis.connect_timeout_ms,
        .reply_timeout_ms = (uint64_t)settings->redis.reply_timeout_ms,
        .backoff_min_ms = (uint64_t)settings->redis.backoff_min_ms,
        .backoff_max_ms = (uint64_t)settings->redis.backoff_max_ms,
    };

    *session = (struct session){
        .settings = settings,
        .events = events,
        .owner = owner,
        .fence = {.source = fence_lua},
        .snapshot = {.source = snapshot_lua},
        .commit = {.source = commit_lua},
    };
    session->reader = link_new(loop, &config, &link_events, session);
    config.name = "quantum-router:decider";
    session->decider = link_new(loop, &config, &link_events, session);
}

void session_open(struct session *session)
{
    link_open(session->reader);
    link_open(session->decider);
}

void session_drop(struct session *session, const char *reason)
{
    if (session->state != SESSION_DOWN && session->state != SESSION_CLOSED)
        link_drop(session->decider, reason);
}

void session_settle(struct session *session)
{
    link_settle(session->reader);
    link_settle(session->decider);
}

static void on_link_closed(void *data)
{
    struct session *session = data;

    if (--session->links_closing == 0)
        session->closed(session->owner);
}

void session_close(struct session *session, void (*closed)(void *owner))
{
    set_state(session, SESSION_CLOSED);
    session->closed = closed;
    session->links_closing = 2;
    link_close(session->reader, on_link_closed, session);
    link_close(session->decider, on_link_closed, session);
}
