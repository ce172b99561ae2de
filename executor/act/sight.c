/* SPDX-License-Identifier: MIT */
#include "executor/act/sight.h"

#include "common/redis/reply.h"
#include "executor/act/scripts.h"

enum { PAUSE_MS = 1000 };

static void ask(struct sight *sight);

static void on_timer(uv_timer_t *timer)
{
    ask(timer->data);
}

/* What is older than that is stale by now. */
static bool is_over(const struct sight *sight)
{
    return sight->since_ms == 0 ||
           (sight->since_ms != SIGHT_LACKING &&
            redis_clock_now(sight->clock) - sight->since_ms > sight->settings->guards.max_age_ms);
}

/* What this process knew is in Redis now. */
static void take(struct sight *sight, int64_t since_ms)
{
    if (since_ms == SIGHT_LACKING)
        sight->last[0] = '\0';
    sight->since_ms = since_ms;
    if (is_over(sight))
        sight->since_ms = 0;
}

static void on_answer(void *data, const redisReply *reply)
{
    struct sight *sight = data;
    int64_t since_ms, before_ms = sight->since_ms;
    bool was_known = sight->is_known;

    if (!reply || !sight->is_open)
        return;
    (void)uv_timer_start(&sight->timer, on_timer, PAUSE_MS, 0);
    if (!reply_is_array(reply, 3) || !reply_read_integer(reply->element[0], &since_ms)) {
        sight->events->refused(sight->owner, reply_complaint(reply));
        return;
    }
    take(sight, since_ms);
    sight->is_known = true;
    if (sight->since_ms == 0)
        (void)uv_timer_stop(&sight->timer);
    if (!was_known)
        sight->events->known(sight->owner);
    else if (before_ms != 0 && sight->since_ms == 0)
        sight->events->over(sight->owner);
}

static void ask(struct sight *sight)
{
    const struct executor_keys *keys = &sight->settings->keys;
    struct command command;

    script_command(&sight->script, 3, &command);
    command_add_all(&command, keys->intents, keys->server, keys->commit, keys->group, sight->last,
                    NULL);
    (void)!script_call(&sight->script, sight->link, &command, link_reply_timeout_ms(sight->link),
                       on_answer, sight);
}

void sight_init(struct sight *sight, uv_loop_t *loop)
{
    sight->script = (struct script){.source = sight_lua};
    (void)uv_timer_init(loop, &sight->timer);
    sight->timer.data = sight;
}

void sight_start(struct sight *sight)
{
    sight->is_open = true;
    sight->held = 0;
    ask(sight);
}

void sight_stop(struct sight *sight)
{
    sight->is_open = sight->is_known = false;
    (void)uv_timer_stop(&sight->timer);
}

void sight_settled(struct sight *sight, struct stream_id id)
{
    stream_id_print(id, sight->last);
}

bool sight_holds(const struct sight *sight, const struct order *order)
{
    return sight->since_ms != 0 && !order->closes &&
           sight->settings->venue.kind != VENUE_SAFE_DRAIN &&
           (order->id.ms < (uint64_t)sight->since_ms || order->timestamp_ms < sight->since_ms);
}

void sight_close(struct sight *sight)
{
    sight_stop(sight);
    uv_close((uv_handle_t *)&sight->timer, NULL);
}
