/* SPDX-License-Identifier: MIT */
#include "executor/act/paper_exits.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/monotonic.h"
#include "common/redis/reply.h"
#include "common/trade/terms.h"
#include "executor/act/executor_fact.h"
#include "executor/act/held_key.h"
#include "executor/act/kept_position.h"
#include "executor/act/outgoing.h"
#include "executor/decide/venue.h"

/* A position on its way out. */
struct paper_exit {
    struct paper_exits *exits;
    struct position position;
    struct result result;
};

static void refuse(struct paper_exits *exits, const redisReply *reply)
{
    office_refuse(exits->office, &exits->is_refused, reply_complaint(reply));
}

static void note_accepted(struct paper_exits *exits)
{
    office_accept(exits->office, &exits->is_refused);
}

static int64_t redis_now_ms(const struct paper_exits *exits)
{
    return redis_clock_now(&exits->office->clock);
}

static void on_exited(void *data, const redisReply *reply)
{
    struct paper_exit *sent = data;
    struct paper_exits *exits = sent->exits;
    int64_t left = -1;

    if (reply && reply_is_text(reply_element(reply, 0), "done")) {
        (void)reply_read_integer(reply_element(reply, 1), &left);
        note_accepted(exits);
        executor_tell(
            exits->office->observer,
            (struct executor_fact){FACT_POSITION_CLOSED,
                                   .position_closed = {&sent->position, &sent->result, left}});
    } else if (reply && !held_key_refused(exits->office, reply) &&
               !reply_is_text(reply_element(reply, 0), "gone")) {
        refuse(exits, reply);
    }
    free(sent);
}

static void send_exit(struct paper_exits *exits, const struct position *position, double price,
                      enum position_end end)
{
    const struct executor_settings *settings = exits->office->settings;
    const struct executor_keys *keys = &settings->keys;
    struct paper_exit *sent = memory_new(sizeof *sent);
    struct command command;

    sent->exits = exits;
    sent->position = *position;
    sent->result = venue_exit(&settings->venue, &sent->position, price, redis_now_ms(exits));
    sent->result.reason = position_end_name(end);
    office_command(exits->office, SCRIPT_PAPER_EXIT, 3 + held_key_count(exits->office), &command);
    command_add_all(&command, keys->open_orders, keys->positions, keys->results, NULL);
    held_key_add(exits->office, &command);
    command_add(&command, position->intent_id);
    command_add_int(&command, settings->results_maxlen);
    outgoing_add_result(&sent->result, &command);
    if (!office_call(exits->office, SCRIPT_PAPER_EXIT, &command, on_exited, sent))
        free(sent);
}

static double price_at(const redisReply *prices, size_t index)
{
    struct reply_text text;
    double price = 0;

    if (reply_read_text(reply_element(prices, index), &text))
        (void)terms_take_price(text.bytes, text.length, &price);
    return price;
}

static void forget(struct paper_exits *exits)
{
    free(exits->positions);
    free(exits->last);
    exits->last = exits->dues;
    exits->last_count = exits->count;
    exits->positions = NULL;
    exits->dues = NULL;
    exits->count = 0;
}

static bool is_of(const struct paper_exit_due *due, const struct position *position)
{
    return strcmp(due->intent_id, position->intent_id) == 0;
}

/* Mostly they come in the same order as the last time. */
static const struct paper_exit_due *find_last(const struct paper_exits *exits, size_t hint)
{
    const struct position *position = &exits->positions[hint];

    if (hint < exits->last_count && is_of(&exits->last[hint], position))
        return &exits->last[hint];
    for (size_t i = 0; i < exits->last_count; i++)
        if (is_of(&exits->last[i], position))
            return &exits->last[i];
    return NULL;
}

/* Never longer than it was opened for: when the clock was set back, a position was opened at a time
 * that lies ahead, and has at most all of its time once more. */
static struct paper_exit_due due_of(const struct paper_exits *exits, size_t index)
{
    const struct paper_exit_due *last = find_last(exits, index);
    const struct position *position = &exits->positions[index];
    int64_t left_ms = position->closes_ms - redis_now_ms(exits);
    struct paper_exit_due due;

    if (last)
        return *last;
    if (left_ms > position->closes_ms - position->opened_ms)
        left_ms = position->closes_ms - position->opened_ms;
    memcpy(due.intent_id, position->intent_id, sizeof due.intent_id);
    due.ms = position->closes_ms > 0 ? monotonic_ms() + (uint64_t)(left_ms > 0 ? left_ms : 0)
                                     : UINT64_MAX;
    return due;
}

static int64_t time_for(const struct paper_exits *exits, size_t index)
{
    int64_t now_ms = redis_now_ms(exits);
    int64_t closes_ms = exits->positions[index].closes_ms;

    return monotonic_ms() >= exits->dues[index].ms && closes_ms > now_ms ? closes_ms : now_ms;
}

/* MGET: nil where there is no price, or no text. When it is refused, only their time is known. */
static void on_prices(void *data, const redisReply *reply)
{
    struct paper_exits *exits = data;

    exits->asking = false;
    if (reply_is_error(reply))
        refuse(exits, reply);
    else if (reply)
        note_accepted(exits);
    for (size_t i = 0; reply && i < exits->count; i++) {
        const struct position *position = &exits->positions[i];
        double price = price_at(reply, i);
        enum position_end end = position_ends(position, price, time_for(exits, i));
        if (end != POSITION_STAYS)
            send_exit(exits, position, price, end);
    }
    forget(exits);
}

static bool ask_prices(struct paper_exits *exits)
{
    struct command command = {0};

    command_add(&command, "MGET");
    for (size_t i = 0; i < exits->count; i++)
        command_add_format(&command, "%s%s", exits->office->settings->keys.price,
                           exits->positions[i].symbol);
    return office_ask(exits->office, &command, on_prices, exits);
}

/* Id, value in turn. What cannot be read is not ours to close; it was told on arriving. */
static void take_positions(struct paper_exits *exits, const redisReply *all)
{
    struct unreadable unreadable = {0};

    exits->positions = memory_array(all->elements / 2 + 1, sizeof *exits->positions);
    for (size_t i = 0; i + 1 < all->elements; i += 2)
        if (kept_position_read(all, i, &unreadable, &exits->positions[exits->count]))
            exits->count++;
    exits->dues = memory_array(exits->count, sizeof *exits->dues);
    for (size_t i = 0; i < exits->count; i++)
        exits->dues[i] = due_of(exits, i);
}

static void on_time(void *data, const redisReply *reply)
{
    struct paper_exits *exits = data;

    (void)redis_clock_hear(&exits->office->clock, reply, 0);
}

static bool ask_time(struct paper_exits *exits)
{
    struct command command = {0};

    command_add(&command, "TIME");
    return office_ask(exits->office, &command, on_time, exits);
}

static void on_positions(void *data, const redisReply *reply)
{
    struct paper_exits *exits = data;

    exits->asking = false;
    if (!reply)
        return;
    if (!reply_is_array(reply, 0)) {
        refuse(exits, reply);
        return;
    }
    executor_tell(exits->office->observer,
                  (struct executor_fact){FACT_COUNTED, .positions = (int64_t)reply->elements / 2});
    if (!uv_is_active((uv_handle_t *)&exits->timer))
        return;
    take_positions(exits, reply);
    if (exits->count == 0)
        note_accepted(exits);
    exits->asking = exits->count > 0 && ask_prices(exits);
    if (!exits->asking)
        forget(exits);
}

static void on_timer(uv_timer_t *timer)
{
    struct paper_exits *exits = timer->data;
    struct command command = {0};

    if (exits->asking)
        return;
    uv_timer_set_repeat(timer, (uint64_t)exits->office->settings->poll_ms);
    command_add_all(&command, "HGETALL", exits->office->settings->keys.positions, NULL);
    exits->asking = ask_time(exits) && office_ask(exits->office, &command, on_positions, exits);
}

void paper_exits_init(struct paper_exits *exits, uv_loop_t *loop, struct office *office)
{
    *exits = (struct paper_exits){.office = office};
    (void)uv_timer_init(loop, &exits->timer);
    exits->timer.data = exits;
}

void paper_exits_start(struct paper_exits *exits)
{
    uint64_t poll_ms = (uint64_t)exits->office->settings->poll_ms;

    (void)uv_timer_start(&exits->timer, on_timer, 0, poll_ms);
}

void paper_exits_stop(struct paper_exits *exits)
{
    (void)uv_timer_stop(&exits->timer);
}

void paper_exits_close(struct paper_exits *exits)
{
    uv_close((uv_handle_t *)&exits->timer, NULL);
}

void paper_exits_deinit(struct paper_exits *exits)
{
    forget(exits);
    forget(exits);
}
