/* SPDX-License-Identifier: MIT */
#include "executor/act/executor_session.h"

#include "common/redis/clock.h"
#include "common/redis/reply.h"
#include "executor/act/scripts.h"

/* seconds, microseconds, whether the group was made, the count that was made, removed… */
static bool read_arrival(const struct executor_session *session, const redisReply *reply,
                         struct arrival *ret_arrival)
{
    struct arrival arrival = {.count_made = -1, .removed = reply, .removed_at = 4};

    if (!reply_is_array(reply, 4) || !redis_clock_read(reply, 0, &arrival.now_ms))
        return false;
    arrival.group_made = reply_is_text(reply->element[2], "1");
    arrival.group_recreated = arrival.group_made && session->was_open;
    if (!reply_is_text(reply->element[3], ""))
        (void)reply_read_integer(reply->element[3], &arrival.count_made);
    *ret_arrival = arrival;
    return true;
}

static void on_arrived(void *data, const redisReply *reply)
{
    struct executor_session *session = data;
    struct arrival arrival;

    if (!reply)
        return;
    if (!read_arrival(session, reply, &arrival)) {
        executor_session_drop(session, reply_complaint(reply));
        return;
    }
    session->was_open = session->is_open = true;
    session->events->opened(session->owner, &arrival);
}

/* The count of open orders is made once, when the venue starts: one that goes missing later is
 * somebody's to explain. */
static void arrive(struct executor_session *session)
{
    const struct executor_settings *settings = session->settings;
    bool makes_count = settings->venue.kind == VENUE_PAPER && !session->was_open;
    struct link *link = session->links.worker;
    struct command command;

    script_command(&session->arrive, 3, &command);
    command_add_all(&command, settings->keys.intents, settings->keys.open_orders,
                    settings->keys.positions, settings->keys.group, NULL);
    command_add_int(&command, settings->guards.max_age_ms);
    command_add(&command, settings->keys.consumer);
    command_add_int(&command, (int64_t)(settings->dead_consumer_sec * 1000.0));
    command_add(&command, makes_count ? "1" : "0");
    if (script_call(&session->arrive, link, &command, link_reply_timeout_ms(link), on_arrived,
                    session) != 0)
        executor_session_drop(session, "the connection was lost");
}

static void on_loaded(void *data, const char *complaint)
{
    struct executor_session *session = data;

    if (complaint)
        executor_session_drop(session, complaint);
}

/* The last one to be loaded; the others were sent before it. */
static void on_last_loaded(void *data, const char *complaint)
{
    struct executor_session *session = data;

    on_loaded(session, complaint);
    if (!complaint && session->links.is_up)
        arrive(session);
}

static void on_answer_group(void *data, const redisReply *reply)
{
    struct executor_session *session = data;
    char complaint[REPLY_COMPLAINT_MAX];

    if (!reply || reply_is_text(reply, "OK") || reply_is_error_code(reply, "BUSYGROUP"))
        return;
    reply_complaint_about(reply, "XGROUP CREATE", session->settings->keys.answers, complaint);
    executor_session_drop(session, complaint);
}

/* At 0: no answer may be passed over. */
static int make_answer_group(struct executor_session *session)
{
    const struct executor_keys *keys = &session->settings->keys;
    struct link *link = session->links.worker;
    struct command command = {0};

    if (session->settings->venue.kind != VENUE_STREAM)
        return 0;
    command_add_all(&command, "XGROUP", "CREATE", keys->answers, keys->answer_group, "0",
                    "MKSTREAM", NULL);
    int refused = link_send(link, &command, link_reply_timeout_ms(link), on_answer_group, session);
    command_free(&command);
    return refused;
}

static int load_scripts(struct executor_session *session)
{
    struct link *link = session->links.worker;

    for (struct script *const *script = session->scripts; *script; script++)
        if (script_load(*script, link, on_loaded, session) != 0)
            return 1;
    return script_load(&session->arrive, link, on_last_loaded, session);
}

static void on_up(void *owner)
{
    struct executor_session *session = owner;

    if (make_answer_group(session) != 0 || load_scripts(session) != 0)
        executor_session_drop(session, "the connection was lost");
}

static void on_losing(void *owner)
{
    struct executor_session *session = owner;

    session->is_open = false;
}

static void on_down(void *owner, const char *reason, uint64_t retry_ms)
{
    struct executor_session *session = owner;

    session->is_open = false;
    session->events->lost(session->owner, reason, retry_ms);
}

void executor_session_init(struct executor_session *session, uv_loop_t *loop,
                           const struct executor_settings *settings,
                           const struct executor_session_events *events, void *owner)
{
    static const char *const names[] = {"quantum-executor:reader", "quantum-executor:worker"};

    *session = (struct executor_session){
        .settings = settings,
        .events = events,
        .owner = owner,
        .arrive = {.source = arrive_lua},
    };
    service_links_init(&session->links, loop, &settings->redis, names);
}

void executor_session_open(struct executor_session *session, struct script *const *scripts)
{
    static const struct service_links_events events = {on_up, on_losing, on_down};

    session->scripts = scripts;
    service_links_open(&session->links, &events, session);
}

void executor_session_drop(struct executor_session *session, const char *reason)
{
    service_links_drop(&session->links, reason);
}

void executor_session_reset_backoff(struct executor_session *session)
{
    service_links_reset_backoff(&session->links);
}

void executor_session_close(struct executor_session *session, void (*closed)(void *owner))
{
    session->is_open = false;
    service_links_close(&session->links, closed);
}
