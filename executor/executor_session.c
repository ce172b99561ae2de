/* SPDX-License-Identifier: MIT */
#include "executor/connection.h"

#include "common/redis/reply.h"
#include "executor/scripts.h"

/* seconds, microseconds, whether the group was made, the count that was made, removed… */
static bool read_arrival(const struct connection *connection, const redisReply *reply,
                         struct arrival *ret_arrival)
{
    struct arrival arrival = {.count_made = -1, .removed = reply, .removed_at = 4};
    int64_t seconds, microseconds;

    if (!reply_is_array(reply, 4) || !reply_read_integer(reply->element[0], &seconds) ||
        !reply_read_integer(reply->element[1], &microseconds))
        return false;
    arrival.now_ms = seconds * 1000 + microseconds / 1000;
    arrival.group_made = reply_is_text(reply->element[2], "1");
    arrival.group_recreated = arrival.group_made && connection->was_open;
    if (!reply_is_text(reply->element[3], ""))
        (void)reply_read_integer(reply->element[3], &arrival.count_made);
    *ret_arrival = arrival;
    return true;
}

static void on_arrived(void *data, const redisReply *reply)
{
    struct connection *connection = data;
    struct arrival arrival;

    if (!reply)
        return;
    if (!read_arrival(connection, reply, &arrival)) {
        connection_drop(connection, reply_complaint(reply));
        return;
    }
    connection->was_open = connection->is_open = true;
    connection->events->opened(connection->owner, &arrival);
}

/* The count of open orders is made once, when the venue starts: one that goes missing later is
 * somebody's to explain. */
static void arrive(struct connection *connection)
{
    const struct executor_settings *settings = connection->settings;
    bool makes_count = settings->venue == VENUE_PAPER && !connection->was_open;
    struct link *link = connection->links.worker;
    struct command command;

    script_command(&connection->arrive, 3, &command);
    command_add_all(&command, settings->keys.intents, settings->keys.open_orders,
                    settings->keys.positions, settings->keys.group, NULL);
    command_add_int(&command, settings->guards.max_age_ms);
    command_add(&command, settings->keys.consumer);
    command_add_int(&command, (int64_t)(settings->dead_consumer_sec * 1000.0));
    command_add(&command, makes_count ? "1" : "0");
    if (script_call(&connection->arrive, link, &command, link_reply_timeout_ms(link), on_arrived,
                    connection) != 0)
        connection_drop(connection, "the connection was lost");
}

static void on_loaded(void *data, const char *complaint)
{
    struct connection *connection = data;

    if (complaint)
        connection_drop(connection, complaint);
}

/* The last one to be loaded; the others were sent before it. */
static void on_last_loaded(void *data, const char *complaint)
{
    struct connection *connection = data;

    on_loaded(connection, complaint);
    if (!complaint && connection->links.is_up)
        arrive(connection);
}

static void on_answer_group(void *data, const redisReply *reply)
{
    struct connection *connection = data;

    if (reply && !reply_is_text(reply, "OK") && !reply_is_error_code(reply, "BUSYGROUP"))
        connection_drop(connection, reply_complaint(reply));
}

/* At 0: no answer may be passed over. */
static int make_answer_group(struct connection *connection)
{
    const struct exec_keys *keys = &connection->settings->keys;
    struct link *link = connection->links.worker;
    struct command command = {0};

    if (connection->settings->venue != VENUE_STREAM)
        return 0;
    command_add_all(&command, "XGROUP", "CREATE", keys->answers, keys->answer_group, "0",
                    "MKSTREAM", NULL);
    int refused =
        link_send(link, &command, link_reply_timeout_ms(link), on_answer_group, connection);
    command_free(&command);
    return refused;
}

static int load_scripts(struct connection *connection)
{
    struct link *link = connection->links.worker;

    for (struct script *const *script = connection->scripts; *script; script++)
        if (script_load(*script, link, on_loaded, connection) != 0)
            return 1;
    return script_load(&connection->arrive, link, on_last_loaded, connection);
}

static void on_up(void *owner)
{
    struct connection *connection = owner;

    if (make_answer_group(connection) != 0 || load_scripts(connection) != 0)
        connection_drop(connection, "the connection was lost");
}

static void on_losing(void *owner)
{
    struct connection *connection = owner;

    connection->is_open = false;
}

static void on_down(void *owner, const char *reason, uint64_t retry_ms)
{
    struct connection *connection = owner;

    connection->is_open = false;
    connection->events->lost(connection->owner, reason, retry_ms);
}

void connection_init(struct connection *connection, uv_loop_t *loop,
                     const struct executor_settings *settings,
                     const struct connection_events *events, void *owner)
{
    static const char *const names[] = {"quantum-executor:reader", "quantum-executor:worker"};

    *connection = (struct connection){
        .settings = settings,
        .events = events,
        .owner = owner,
        .arrive = {.source = arrive_lua},
    };
    link_pair_init(&connection->links, loop, &settings->redis, names);
}

void connection_open(struct connection *connection, struct script *const *scripts)
{
    static const struct link_pair_events events = {on_up, on_losing, on_down};

    connection->scripts = scripts;
    link_pair_open(&connection->links, &events, connection);
}

void connection_drop(struct connection *connection, const char *reason)
{
    link_pair_drop(&connection->links, reason);
}

void connection_reset_backoff(struct connection *connection)
{
    link_pair_reset_backoff(&connection->links);
}

void connection_close(struct connection *connection, void (*closed)(void *owner))
{
    connection->is_open = false;
    link_pair_close(&connection->links, closed);
}
