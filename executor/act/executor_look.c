/* SPDX-License-Identifier: MIT */
#include "executor/act/executor_look.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/number.h"
#include "common/redis/clock.h"
#include "common/redis/reply.h"
#include "common/redis/seen.h"
#include "common/trade/terms.h"
#include "executor/act/intent_keys.h"

void executor_look_command(const struct office *office, const struct order *order,
                           struct command *ret_command)
{
    const struct executor_settings *settings = office->settings;
    const struct executor_keys *keys = &settings->keys;

    office_command(office, SCRIPT_LOOK, 10 + settings->halts.also.count, ret_command);
    command_add(ret_command, keys->intents);
    intent_keys_add_mark(keys, order, ret_command);
    command_add_all(ret_command, keys->open_orders, keys->safe_mode, keys->hold, keys->positions,
                    NULL);
    command_add_format(ret_command, "%s%s", keys->rate_symbol, order->symbol);
    command_add(ret_command, keys->rate_global);
    command_add_format(ret_command, "%s%s", keys->price, order->symbol);
    intent_keys_add_last_exit(keys, order, ret_command);
    halts_add_keys(&settings->halts, ret_command);
    intent_keys_add_entry(keys, order, ret_command);
    command_add(ret_command, order->symbol);
    command_add_int(ret_command, EXECUTOR_TEXT_MAX);
    command_add(ret_command, order->closes ? "" : side_name(order->side));
    command_add_int(ret_command, settings->symbol_rate_sec);
    command_add_int(ret_command, settings->global_rate_sec);
    halts_add_words(&settings->halts, ret_command);
}

bool executor_look_read_open(const redisReply *reply, int64_t *ret_open)
{
    struct seen seen;
    int64_t open;

    if (!seen_read(reply, &seen) || seen.kind != SEEN_TEXT ||
        !number_read_integer(seen.text.bytes, seen.text.length, &open) || open < 0 ||
        seen.text.length > 15)
        return false;
    *ret_open = open;
    return true;
}

static void read_price(const redisReply *reply, struct executor_look *look)
{
    struct seen seen = {.kind = SEEN_OTHER_TYPE};

    if (seen_read(reply, &seen) && seen.kind == SEEN_MISSING)
        return;
    look->price_is_bad = seen.kind != SEEN_TEXT ||
                         !terms_take_price(seen.text.bytes, seen.text.length, &look->price);
}

static bool read_positions(const redisReply *list, const struct order *order,
                           struct executor_look *look)
{
    struct reply_text value;

    if (!reply_is_array(list, 0))
        return false;
    look->positions = memory_array(list->elements / 2 + 1, sizeof *look->positions);
    look->texts = memory_array(list->elements / 2 + 1, sizeof *look->texts);
    for (size_t i = 0; i + 1 < list->elements; i += 2) {
        struct position *position = &look->positions[look->position_count];
        bool is_read = kept_position_read(list, i, &look->unreadable, position);
        if (world_add_position(&look->world, order, is_read ? position : NULL) &&
            reply_read_text(list->element[i + 1], &value))
            look->texts[look->position_count++] = memory_bytes(value.bytes, value.length);
    }
    return true;
}

static bool read_hold(const redisReply *reply, struct world *world)
{
    int64_t resumed_ms;

    world->held = reply_is_text(reply, "holding");
    if (!world->held && !reply_is_text(reply, "") && reply_read_integer(reply, &resumed_ms))
        world->resumed_ms = resumed_ms;
    return true;
}

static bool read_world(const redisReply *reply, struct executor_look *look)
{
    struct world *world = &look->world;
    int64_t pending, safe_mode, superseded;

    if (!redis_clock_read(reply, 0, &world->now_ms) ||
        !reply_read_integer(reply_element(reply, 2), &pending) ||
        !reply_read_integer(reply_element(reply, 4), &safe_mode) ||
        !read_hold(reply_element(reply, 6), world) ||
        !reply_read_integer(reply_element(reply, 7), &world->positions) ||
        !reply_read_integer(reply_element(reply, 8), &world->symbol_rate) ||
        !reply_read_integer(reply_element(reply, 9), &world->global_rate) ||
        !reply_read_integer(reply_element(reply, 12), &superseded))
        return false;
    world->safe_mode = safe_mode != 0;
    world->superseded = superseded != 0;
    look->pending = pending != 0;
    return true;
}

bool executor_look_read(const redisReply *reply, const struct order *order,
                        struct executor_look *ret_look)
{
    struct executor_look look = {0};
    struct reply_text mark;

    if (!reply_is_array(reply, 13) || !read_world(reply, &look) ||
        !reply_read_text(reply_element(reply, 3), &mark))
        return false;
    look.world.has_mark = mark.length > 0;
    if (!reply_copy_text(reply_element(reply, 3), look.mark, sizeof look.mark))
        memcpy(look.mark, "?", 2);
    look.world.open_known = executor_look_read_open(reply_element(reply, 5), &look.world.open);
    read_price(reply_element(reply, 10), &look);
    if (!read_positions(reply_element(reply, 11), order, &look)) {
        executor_look_release(&look);
        return false;
    }
    *ret_look = look;
    return true;
}

struct market executor_look_market(const struct executor_look *look)
{
    return (struct market){
        .price = look->price,
        .price_is_bad = look->price_is_bad,
        .positions = look->positions,
        .position_count = look->position_count,
    };
}

void executor_look_release(struct executor_look *look)
{
    for (size_t i = 0; i < look->position_count; i++)
        free(look->texts[i]);
    free(look->texts);
    look->texts = NULL;
    free(look->positions);
    look->positions = NULL;
    look->position_count = 0;
}
