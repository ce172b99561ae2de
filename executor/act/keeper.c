/* SPDX-License-Identifier: MIT */
#include "executor/act/keeper.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/monotonic.h"
#include "common/redis/reply.h"
#include "executor/act/look.h"
#include "executor/act/result_entry.h"
#include "executor/act/scripts.h"
#include "executor/decide/venue.h"

/* A position on its way out. */
struct leaving {
    struct keeper *keeper;
    struct position position;
    struct result result;
};

static void refuse(struct keeper *keeper, const redisReply *reply)
{
    keeper->is_refused = true;
    keeper->events->refused(keeper->owner, reply_complaint(reply));
}

static void note_accepted(struct keeper *keeper)
{
    if (!keeper->is_refused)
        return;
    keeper->is_refused = false;
    keeper->events->accepted(keeper->owner);
}

static void on_left(void *data, const redisReply *reply)
{
    struct leaving *leaving = data;
    struct keeper *keeper = leaving->keeper;
    int64_t left = -1;

    if (reply && reply_is_text(reply_element(reply, 0), "done")) {
        (void)reply_read_integer(reply_element(reply, 1), &left);
        note_accepted(keeper);
        keeper->events->closed(keeper->owner, &leaving->position, &leaving->result, left);
    } else if (reply && !reply_is_text(reply_element(reply, 0), "gone")) {
        refuse(keeper, reply);
    }
    free(leaving);
}

static void let_go(struct keeper *keeper, const struct position *position, double price,
                   enum position_end end)
{
    const struct executor_keys *keys = &keeper->settings->keys;
    struct leaving *leaving = memory_new(sizeof *leaving);
    struct command command;

    leaving->keeper = keeper;
    leaving->position = *position;
    leaving->result = venue_exit(&keeper->settings->venue, &leaving->position, price,
                                 redis_clock_now(keeper->clock));
    leaving->result.reason = position_end_name(end);
    script_command(&keeper->leave, 3, &command);
    command_add_all(&command, keys->open_orders, keys->positions, keys->results,
                    position->intent_id, NULL);
    command_add_int(&command, keeper->settings->results_maxlen);
    result_entry_add(&leaving->result, &command);
    if (script_call(&keeper->leave, keeper->link, &command, link_reply_timeout_ms(keeper->link),
                    on_left, leaving) != 0)
        free(leaving);
}

static double price_at(const redisReply *prices, size_t index)
{
    struct reply_text text;
    double price = 0;

    if (reply_read_text(reply_element(prices, index), &text))
        (void)look_read_price(text.bytes, text.length, &price);
    return price;
}

static void forget(struct keeper *keeper)
{
    free(keeper->positions);
    free(keeper->last);
    keeper->last = keeper->dues;
    keeper->last_count = keeper->count;
    keeper->positions = NULL;
    keeper->dues = NULL;
    keeper->count = 0;
}

static bool is_of(const struct keeper_due *due, const struct position *position)
{
    return strcmp(due->intent_id, position->intent_id) == 0;
}

/* Mostly they come in the order of the last time. */
static const struct keeper_due *find_last(const struct keeper *keeper, size_t hint)
{
    const struct position *position = &keeper->positions[hint];

    if (hint < keeper->last_count && is_of(&keeper->last[hint], position))
        return &keeper->last[hint];
    for (size_t i = 0; i < keeper->last_count; i++)
        if (is_of(&keeper->last[i], position))
            return &keeper->last[i];
    return NULL;
}

/* Never longer than it was opened for: one that was opened at a time that lies ahead, before the
 * clock was set back, has all of its time once more at most. */
static struct keeper_due due_of(const struct keeper *keeper, size_t index)
{
    const struct keeper_due *last = find_last(keeper, index);
    const struct position *position = &keeper->positions[index];
    int64_t left_ms = position->closes_ms - redis_clock_now(keeper->clock);
    struct keeper_due due;

    if (last)
        return *last;
    if (left_ms > position->closes_ms - position->opened_ms)
        left_ms = position->closes_ms - position->opened_ms;
    memcpy(due.intent_id, position->intent_id, sizeof due.intent_id);
    due.ms = position->closes_ms > 0 ? monotonic_ms() + (uint64_t)(left_ms > 0 ? left_ms : 0)
                                     : UINT64_MAX;
    return due;
}

static int64_t time_for(const struct keeper *keeper, size_t index)
{
    int64_t now_ms = redis_clock_now(keeper->clock);
    int64_t closes_ms = keeper->positions[index].closes_ms;

    return monotonic_ms() >= keeper->dues[index].ms && closes_ms > now_ms ? closes_ms : now_ms;
}

/* MGET: a nil where there is none, or something else than a text. Refused, their time is all that
 * is known. */
static void on_prices(void *data, const redisReply *reply)
{
    struct keeper *keeper = data;

    keeper->asking = false;
    if (reply_is_error(reply))
        refuse(keeper, reply);
    else if (reply)
        note_accepted(keeper);
    for (size_t i = 0; reply && i < keeper->count; i++) {
        const struct position *position = &keeper->positions[i];
        double price = price_at(reply, i);
        enum position_end end = position_ends(position, price, time_for(keeper, i));
        if (end != POSITION_STAYS)
            let_go(keeper, position, price, end);
    }
    forget(keeper);
}

static bool ask_prices(struct keeper *keeper)
{
    struct command command = {0};

    command_add(&command, "MGET");
    for (size_t i = 0; i < keeper->count; i++)
        command_add_format(&command, "%s%s", keeper->settings->keys.price,
                           keeper->positions[i].symbol);
    int refused =
        link_send(keeper->link, &command, link_reply_timeout_ms(keeper->link), on_prices, keeper);
    command_free(&command);
    return refused == 0;
}

/* Id, value in turn. What cannot be read is not ours to close. */
static void take_positions(struct keeper *keeper, const redisReply *all)
{
    struct reply_text value;
    char id[STREAM_ID_TEXT_MAX];

    keeper->positions = memory_array(all->elements / 2 + 1, sizeof *keeper->positions);
    for (size_t i = 0; i + 1 < all->elements; i += 2)
        if (reply_copy_text(all->element[i], id, sizeof id) &&
            reply_read_text(all->element[i + 1], &value) &&
            position_read(id, value.bytes, value.length, &keeper->positions[keeper->count]))
            keeper->count++;
    keeper->dues = memory_array(keeper->count, sizeof *keeper->dues);
    for (size_t i = 0; i < keeper->count; i++)
        keeper->dues[i] = due_of(keeper, i);
}

static void on_time(void *data, const redisReply *reply)
{
    struct keeper *keeper = data;

    (void)redis_clock_hear(keeper->clock, reply, 0);
}

static bool ask_time(struct keeper *keeper)
{
    struct command command = {0};

    command_add(&command, "TIME");
    int refused =
        link_send(keeper->link, &command, link_reply_timeout_ms(keeper->link), on_time, keeper);
    command_free(&command);
    return refused == 0;
}

static void on_positions(void *data, const redisReply *reply)
{
    struct keeper *keeper = data;

    keeper->asking = false;
    if (!reply)
        return;
    if (!reply_is_array(reply, 0)) {
        refuse(keeper, reply);
        return;
    }
    keeper->events->counted(keeper->owner, (int64_t)reply->elements / 2);
    if (!uv_is_active((uv_handle_t *)&keeper->timer))
        return;
    take_positions(keeper, reply);
    if (keeper->count == 0)
        note_accepted(keeper);
    keeper->asking = keeper->count > 0 && ask_prices(keeper);
    if (!keeper->asking)
        forget(keeper);
}

static void on_timer(uv_timer_t *timer)
{
    struct keeper *keeper = timer->data;
    struct command command = {0};

    if (keeper->asking)
        return;
    uv_timer_set_repeat(timer, (uint64_t)keeper->settings->poll_ms);
    command_add_all(&command, "HGETALL", keeper->settings->keys.positions, NULL);
    keeper->asking =
        ask_time(keeper) && link_send(keeper->link, &command, link_reply_timeout_ms(keeper->link),
                                      on_positions, keeper) == 0;
    command_free(&command);
}

void keeper_init(struct keeper *keeper, uv_loop_t *loop)
{
    keeper->leave = (struct script){.source = leave_lua};
    (void)uv_timer_init(loop, &keeper->timer);
    keeper->timer.data = keeper;
}

void keeper_start(struct keeper *keeper)
{
    uint64_t poll_ms = (uint64_t)keeper->settings->poll_ms;

    (void)uv_timer_start(&keeper->timer, on_timer, 0, poll_ms);
}

void keeper_stop(struct keeper *keeper)
{
    (void)uv_timer_stop(&keeper->timer);
}

void keeper_close(struct keeper *keeper)
{
    uv_close((uv_handle_t *)&keeper->timer, NULL);
}

void keeper_deinit(struct keeper *keeper)
{
    forget(keeper);
    forget(keeper);
}
