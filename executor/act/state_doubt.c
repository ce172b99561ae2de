/* SPDX-License-Identifier: MIT */
#include "executor/act/state_doubt.h"

#include "common/redis/reply.h"

enum { PAUSE_MS = 1000 };

static void ask(struct state_doubt *doubt);

static void on_timer(uv_timer_t *timer)
{
    ask(timer->data);
}

/* Also when all that is older is stale by now. */
static bool is_over(const struct state_doubt *doubt)
{
    return doubt->since_ms == 0 || (doubt->since_ms != STATE_LACKING &&
                                    redis_clock_now(&doubt->office->clock) - doubt->since_ms >
                                        doubt->office->settings->guards.max_age_ms);
}

/* That something is lacking is noted in Redis now: this process need not remember it. */
static void take(struct state_doubt *doubt, int64_t since_ms)
{
    if (since_ms == STATE_LACKING)
        doubt->last[0] = '\0';
    doubt->since_ms = since_ms;
    if (is_over(doubt))
        doubt->since_ms = 0;
}

static void on_answer(void *data, const redisReply *reply)
{
    struct state_doubt *doubt = data;
    int64_t since_ms, before_ms = doubt->since_ms;
    bool was_known = doubt->is_known;

    if (!reply || !doubt->is_open)
        return;
    (void)uv_timer_start(&doubt->timer, on_timer, PAUSE_MS, 0);
    if (!reply_is_array(reply, 3) || !reply_read_integer(reply->element[0], &since_ms)) {
        doubt->office->refused(doubt->office->owner, reply_complaint(reply));
        return;
    }
    take(doubt, since_ms);
    doubt->is_known = true;
    if (doubt->since_ms == 0)
        (void)uv_timer_stop(&doubt->timer);
    if (!was_known)
        doubt->events->known(doubt->owner);
    else if (before_ms != 0 && doubt->since_ms == 0)
        doubt->events->over(doubt->owner);
}

static void ask(struct state_doubt *doubt)
{
    const struct executor_keys *keys = &doubt->office->settings->keys;
    struct command command;

    office_command(doubt->office, SCRIPT_STATE_DOUBT, 3, &command);
    command_add_all(&command, keys->intents, keys->server, keys->commit, keys->group, doubt->last,
                    NULL);
    (void)!office_call(doubt->office, SCRIPT_STATE_DOUBT, &command, on_answer, doubt);
}

void state_doubt_init(struct state_doubt *doubt, uv_loop_t *loop, struct office *office,
                      const struct state_doubt_events *events, void *owner)
{
    *doubt = (struct state_doubt){.office = office, .events = events, .owner = owner};
    (void)uv_timer_init(loop, &doubt->timer);
    doubt->timer.data = doubt;
}

void state_doubt_start(struct state_doubt *doubt)
{
    doubt->is_open = true;
    doubt->held_back = 0;
    ask(doubt);
}

void state_doubt_stop(struct state_doubt *doubt)
{
    doubt->is_open = doubt->is_known = false;
    (void)uv_timer_stop(&doubt->timer);
}

void state_doubt_note_settled(struct state_doubt *doubt, struct stream_id id)
{
    stream_id_print(id, doubt->last);
}

bool state_doubt_holds(const struct state_doubt *doubt, const struct order *order)
{
    return doubt->since_ms != 0 && !order->closes &&
           doubt->office->settings->venue.kind != VENUE_SAFE_DRAIN &&
           (order->id.ms < (uint64_t)doubt->since_ms || order->timestamp_ms < doubt->since_ms);
}

void state_doubt_close(struct state_doubt *doubt)
{
    state_doubt_stop(doubt);
    uv_close((uv_handle_t *)&doubt->timer, NULL);
}
