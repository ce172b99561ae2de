/* SPDX-License-Identifier: MIT */
#include "ctl/drain/drain_settle.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/calendar.h"
#include "common/base/memory.h"
#include "common/base/number.h"
#include "common/redis/reply.h"
#include "ctl/write/replay.h"

static void begin(struct drain_settler *settler, const struct drain_owner *owner, int64_t now_ms)
{
    const struct drain_config *config = settler->place->config;
    struct command *command = &settler->command;
    char drained_at[CALENDAR_ISO_MAX];

    *command = (struct command){0};
    command_add_all(command, "EVAL", drain_settle_lua, config->forward ? "4" : "3", config->stream,
                    config->audit, config->dead_letters->stream, NULL);
    if (config->forward)
        command_add(command, config->forward);
    command_add(command, config->group);
    command_add_bytes(command, owner->name, owner->length);
    calendar_iso(now_ms, drained_at);
    command_add(command, DRAIN_AUDIT_MAXLEN);
    command_add_int(command, config->dead_letters->maxlen);
    command_add_all(command, drained_at, config->run_id, NULL);
    settler->owner = owner;
    settler->gathered.after_ms = 0;
}

static void add_seconds(struct command *command, int64_t ms)
{
    uint64_t size = ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms;

    command_add_format(command, "%s%" PRIu64 ".%03" PRIu64, ms < 0 ? "-" : "", size / 1000,
                       size % 1000);
}

static void add_confidence(struct command *command, const struct drain_event *event)
{
    if (event->has_confidence)
        command_add_number(command, event->confidence);
    else
        command_add(command, "");
}

/* The number of its arguments, then these. */
static void add_copy(struct command *command, const struct entry *entry)
{
    struct replay replay;

    replay_init(&replay, entry, UNREADABLE_IS_DATED);
    command_add_int(command, (int64_t)replay_argument_count(&replay));
    replay_add(&replay, command);
    replay_deinit(&replay);
}

static void add_further(struct drain_settler *settler, const struct drain_item *item,
                        const struct entry *entry, const struct drain_event *event)
{
    const struct drain_config *config = settler->place->config;
    struct command *command = &settler->command;

    if (config->forward && event->action == DRAIN_OK)
        add_copy(command, entry);
    else if (drain_dead_letters_take(config->dead_letters, event->action, !item->fields))
        command_add_all(command, "1", rule_name(event->rule), NULL);
    else
        command_add(command, "0");
}

int drain_settle_add(struct drain_settler *settler, const struct drain_item *item,
                     const struct entry *entry, const struct drain_event *event, char *line,
                     int64_t now_ms)
{
    struct drain_batch *batch = &settler->gathered;
    bool is_full = batch->count == DRAIN_PAGE_MAX;

    if (batch->count > 0 && (is_full || settler->owner != item->owner) &&
        drain_settle_send(settler) < 0) {
        free(line);
        return -1;
    }
    if (batch->count == 0)
        begin(settler, item->owner, now_ms);
    command_add_id(&settler->command, event->id);
    command_add(&settler->command, event->symbol);
    add_seconds(&settler->command, event->age_ms);
    add_confidence(&settler->command, event);
    command_add(&settler->command, drain_action_name(event->action));
    add_further(settler, item, entry, event);
    batch->items[batch->count] = (struct drain_item){.id = item->id, .owner = item->owner};
    batch->lines[batch->count] = line;
    batch->gone[batch->count] = !item->fields;
    batch->actions[batch->count++] = event->action;
    if (event->after_ms > batch->after_ms)
        batch->after_ms = event->after_ms;
    return 0;
}

static void batch_clear(struct drain_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        free(batch->lines[i]);
    batch->count = 0;
}

/* `left` are the places of those that were not settled. */
static void count(struct drain_settler *settler, const redisReply *left)
{
    const struct drain_config *config = settler->place->config;
    const struct drain_batch *batch = &settler->underway;
    size_t at = 0;
    int64_t next;

    for (size_t i = 0; i < batch->count; i++) {
        if (reply_read_integer(reply_element(left, at), &next) && next == (int64_t)i) {
            settler->tally->taken++;
            at++;
        } else {
            drain_tally_add(
                settler->tally, batch->actions[i], batch->gone[i],
                drain_dead_letters_take(config->dead_letters, batch->actions[i], batch->gone[i]));
            drain_report_say(settler->report, batch->lines[i]);
        }
    }
}

static bool is_again(const redisReply *reply)
{
    return reply_is_text(reply_element(reply, 0), "again");
}

static void take_back(struct drain_settler *settler)
{
    const struct drain_batch *batch = &settler->underway;

    settler->again =
        memory_resize(settler->again, settler->again_count + batch->count, sizeof *settler->again);
    memcpy(settler->again + settler->again_count, batch->items,
           batch->count * sizeof *settler->again);
    settler->again_count += batch->count;
}

static int fail(struct drain_settler *settler)
{
    settler->tally->failed += settler->underway.count;
    batch_clear(&settler->underway);
    return -1;
}

static int collect(struct drain_settler *settler)
{
    redisReply *reply;
    int result = 0;

    if (settler->underway.count == 0)
        return 0;
    if (client_collect(settler->place->ask.client, &reply) < 0) {
        (void)command_fail(settler->place->ask.command, "%s",
                           client_error(settler->place->ask.client));
        return fail(settler);
    }
    if (is_again(reply) && redis_clock_hear(settler->clock, reply, 1)) {
        take_back(settler);
    } else if (reply_is_array(reply, 0) && !is_again(reply)) {
        count(settler, reply);
    } else {
        (void)command_fail(settler->place->ask.command, "nothing of the batch was settled: %s",
                           reply_complaint(reply));
        result = fail(settler);
    }
    batch_clear(&settler->underway);
    freeReplyObject(reply);
    return result;
}

int drain_settle_send(struct drain_settler *settler)
{
    if (collect(settler) < 0)
        return -1;
    if (settler->gathered.count == 0)
        return 0;
    command_add_int(&settler->command, settler->gathered.after_ms);
    client_append(settler->place->ask.client, &settler->command);
    settler->underway = settler->gathered;
    settler->gathered.count = 0;
    if (client_flush(settler->place->ask.client) == 0)
        return 0;
    return collect(settler);
}

int drain_settle_all(struct drain_settler *settler)
{
    return drain_settle_send(settler) < 0 ? -1 : collect(settler);
}

void drain_settle_take_again(struct drain_settler *settler, struct drain_page *page)
{
    size_t count = settler->again_count < DRAIN_PAGE_MAX ? settler->again_count : DRAIN_PAGE_MAX;

    if (count == 0)
        return;
    memcpy(page->items, settler->again, count * sizeof *settler->again);
    page->count = count;
    settler->again_count -= count;
    memmove(settler->again, settler->again + count, settler->again_count * sizeof *settler->again);
}

void drain_settle_forget(struct drain_settler *settler)
{
    if (settler->gathered.count > 0)
        command_free(&settler->command);
    batch_clear(&settler->gathered);
    free(settler->again);
    settler->again = NULL;
    settler->again_count = 0;
}
