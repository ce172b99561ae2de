/* SPDX-License-Identifier: MIT */
#include "ctl/drain/drain_writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/calendar.h"
#include "common/base/memory.h"
#include "common/base/number.h"
#include "common/redis/reply.h"
#include "ctl/write/replay.h"

static void begin(struct drain_writer *writer, const struct drain_owner *owner, int64_t now_ms)
{
    const struct drain_config *config = writer->place->config;
    struct command *command = &writer->command;
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
    writer->owner = owner;
    writer->gathered.after_ms = 0;
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

/* The number of arguments of its copy, then these. */
static void add_copy(struct command *command, const struct entry *entry)
{
    struct replay replay;

    replay_init(&replay, entry, UNREADABLE_IS_DATED);
    command_add_int(command, (int64_t)replay_argument_count(&replay));
    replay_add(&replay, command);
    replay_deinit(&replay);
}

static void add_further(struct drain_writer *writer, const struct drain_item *item,
                        const struct entry *entry, const struct drain_event *event)
{
    const struct drain_config *config = writer->place->config;
    struct command *command = &writer->command;

    if (config->forward && event->action == DRAIN_OK)
        add_copy(command, entry);
    else if (drain_dead_letters_want(config->dead_letters, event->action, !item->fields))
        command_add_all(command, "1", rule_name(event->rule), NULL);
    else
        command_add(command, "0");
}

int drain_writer_add(struct drain_writer *writer, const struct drain_item *item,
                     const struct entry *entry, const struct drain_event *event, char *line,
                     int64_t now_ms)
{
    struct drain_batch *batch = &writer->gathered;
    bool is_full = batch->count == DRAIN_PAGE_MAX;

    if (batch->count > 0 && (is_full || writer->owner != item->owner) &&
        drain_writer_send(writer) < 0) {
        free(line);
        return -1;
    }
    if (batch->count == 0)
        begin(writer, item->owner, now_ms);
    command_add_id(&writer->command, event->id);
    command_add(&writer->command, event->symbol);
    add_seconds(&writer->command, event->age_ms);
    add_confidence(&writer->command, event);
    command_add(&writer->command, drain_action_name(event->action));
    add_further(writer, item, entry, event);
    batch->entries[batch->count++] = (struct drain_judged){
        {.id = item->id, .owner = item->owner}, event->action, !item->fields, line};
    if (event->after_ms > batch->after_ms)
        batch->after_ms = event->after_ms;
    return 0;
}

static void batch_clear(struct drain_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        free(batch->entries[i].line);
    batch->count = 0;
}

/* `left` are the places of those that were not settled. */
static void count(struct drain_writer *writer, const redisReply *left)
{
    const struct drain_config *config = writer->place->config;
    size_t at = 0;
    int64_t next;

    for (size_t i = 0; i < writer->underway.count; i++) {
        const struct drain_judged *entry = &writer->underway.entries[i];
        if (reply_read_integer(reply_element(left, at), &next) && next == (int64_t)i) {
            writer->tally->taken++;
            at++;
            continue;
        }
        drain_tally_add(
            writer->tally, entry->action, entry->is_gone,
            drain_dead_letters_want(config->dead_letters, entry->action, entry->is_gone));
        drain_report_say(writer->report, entry->line);
    }
}

static bool is_again(const redisReply *reply)
{
    return reply_is_text(reply_element(reply, 0), "again");
}

static void take_back(struct drain_writer *writer)
{
    const struct drain_batch *batch = &writer->underway;

    writer->again =
        memory_resize(writer->again, writer->again_count + batch->count, sizeof *writer->again);
    for (size_t i = 0; i < batch->count; i++)
        writer->again[writer->again_count++] = batch->entries[i].item;
}

static int fail(struct drain_writer *writer)
{
    writer->tally->failed += writer->underway.count;
    batch_clear(&writer->underway);
    return -1;
}

static int collect(struct drain_writer *writer)
{
    redisReply *reply;
    int result = 0;

    if (writer->underway.count == 0)
        return 0;
    if (client_collect(writer->place->ask.client, &reply) < 0) {
        (void)command_fail(writer->place->ask.command, "%s",
                           client_error(writer->place->ask.client));
        return fail(writer);
    }
    if (is_again(reply) && redis_clock_hear(writer->clock, reply, 1)) {
        take_back(writer);
    } else if (reply_is_array(reply, 0) && !is_again(reply)) {
        count(writer, reply);
    } else {
        (void)command_fail(writer->place->ask.command, "nothing of the batch was settled: %s",
                           reply_complaint(reply));
        result = fail(writer);
    }
    batch_clear(&writer->underway);
    freeReplyObject(reply);
    return result;
}

int drain_writer_send(struct drain_writer *writer)
{
    if (collect(writer) < 0)
        return -1;
    if (writer->gathered.count == 0)
        return 0;
    command_add_int(&writer->command, writer->gathered.after_ms);
    client_append(writer->place->ask.client, &writer->command);
    writer->underway = writer->gathered;
    writer->gathered.count = 0;
    if (client_flush(writer->place->ask.client) == 0)
        return 0;
    return collect(writer);
}

int drain_writer_finish(struct drain_writer *writer)
{
    return drain_writer_send(writer) < 0 ? -1 : collect(writer);
}

void drain_writer_take_again(struct drain_writer *writer, struct drain_page *page)
{
    size_t count = writer->again_count < DRAIN_PAGE_MAX ? writer->again_count : DRAIN_PAGE_MAX;

    if (count == 0)
        return;
    memcpy(page->items, writer->again, count * sizeof *writer->again);
    page->count = count;
    writer->again_count -= count;
    memmove(writer->again, writer->again + count, writer->again_count * sizeof *writer->again);
}

void drain_writer_forget(struct drain_writer *writer)
{
    if (writer->gathered.count > 0)
        command_free(&writer->command);
    batch_clear(&writer->gathered);
    free(writer->again);
    writer->again = NULL;
    writer->again_count = 0;
}
