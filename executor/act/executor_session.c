/* SPDX-License-Identifier: MIT */
#include "executor/act/executor_session.h"

#include "common/redis/clock.h"
#include "common/redis/reply.h"
#include "executor/act/executor_fact.h"
#include "executor/act/held_key.h"

static void note_unreadable(const redisReply *positions, struct unreadable *unreadable)
{
    struct position position;

    for (size_t i = 0; i + 1 < positions->elements; i += 2)
        (void)!kept_position_read(positions, i, unreadable, &position);
}

/* seconds, microseconds, whether the group was made, the count that was made, positions, removed…
 */
static bool read_arrival(const struct executor_session *session, const redisReply *reply,
                         struct arrival *ret_arrival)
{
    struct arrival arrival = {.count_made = -1, .removed = reply, .removed_at = 5};

    if (!reply_is_array(reply, 5) || !redis_clock_read(reply, 0, &arrival.now_ms) ||
        !reply_is_array(reply->element[4], 0))
        return false;
    note_unreadable(reply->element[4], &arrival.unreadable);
    arrival.group_made = reply_is_text(reply->element[2], "1");
    arrival.group_recreated = arrival.group_made && session->was_open;
    if (!reply_is_text(reply->element[3], ""))
        (void)reply_read_integer(reply->element[3], &arrival.count_made);
    *ret_arrival = arrival;
    return true;
}

static void arrive(struct executor_session *session);

static void on_arrived(void *data, const redisReply *reply)
{
    struct executor_session *session = data;
    struct arrival arrival;

    if (!reply)
        return;
    if (held_key_refused(session->office, reply)) {
        arrive(session);
        return;
    }
    if (!read_arrival(session, reply, &arrival)) {
        service_links_drop(&session->links, reply_complaint(reply));
        return;
    }
    session->was_open = true;
    if (session->office->keeps_held)
        executor_tell(session->office->observer, (struct executor_fact){.kind = FACT_HELD_KEY});
    session->events->opened(session->owner, &arrival);
}

/* The count of open orders is made once, when the venue starts: one that goes missing later is
 * somebody's to explain. */
static void arrive(struct executor_session *session)
{
    const struct executor_settings *settings = session->office->settings;
    bool makes_count = settings->venue.kind == VENUE_PAPER && !session->was_open;
    struct command command;

    office_command(session->office, SCRIPT_ARRIVE, 3 + held_key_count(session->office), &command);
    command_add_all(&command, settings->keys.intents, settings->keys.open_orders,
                    settings->keys.positions, NULL);
    held_key_add(session->office, &command);
    command_add(&command, settings->keys.group);
    command_add_int(&command, settings->guards.max_age_ms);
    command_add(&command, settings->keys.consumer);
    command_add_int(&command, (int64_t)(settings->dead_consumer_sec * 1000.0));
    command_add(&command, makes_count ? "1" : "0");
    if (!office_call(session->office, SCRIPT_ARRIVE, &command, on_arrived, session))
        service_links_drop(&session->links, "the connection was lost");
}

static void on_ready(void *owner)
{
    struct executor_session *session = owner;

    held_key_begin(session->office);
    arrive(session);
}

static void on_down(void *owner, const char *reason, uint64_t retry_ms)
{
    const struct executor_session *session = owner;

    session->events->lost(session->owner, reason, retry_ms);
}

void executor_session_init(struct executor_session *session, uv_loop_t *loop, struct office *office,
                           const struct executor_session_events *events, void *owner)
{
    static const struct service_links_events links_events = {.ready = on_ready, .down = on_down};
    static const char *const names[] = {"quantum-executor:reader", "quantum-executor:worker"};
    const struct executor_settings *settings = office->settings;
    bool has_answers = settings->venue.kind == VENUE_STREAM;

    *session = (struct executor_session){
        .office = office,
        .events = events,
        .owner = owner,
        .links = {.events = &links_events,
                  .owner = session,
                  .stream = settings->keys.answers,
                  .group = has_answers ? settings->keys.answer_group : NULL,
                  .scripts = office->to_load},
    };
    service_links_init(&session->links, loop, &settings->redis, names);
    office->link = session->links.worker;
}

void executor_session_open(struct executor_session *session)
{
    service_links_open(&session->links);
}

void executor_session_close(struct executor_session *session, void (*closed)(void *owner))
{
    service_links_close(&session->links, closed);
}
