/* SPDX-License-Identifier: MIT */
/*
 * The writing half of a live drain: entries are gathered into batches, and drain_settle.lua settles
 * each batch in one atomic step: audited, forwarded or made dead letters, and ACKed.
 *
 * One batch is on its way while the next is gathered. Entries that Redis has settled are counted in
 * the tally and told. Where a drop for age rests on a clock that is no longer Redis' own, the batch
 * is not settled: the clock is set, and its entries wait here to be judged once more. Functions
 * that return negative have said why on stderr; what was not settled is then pending as before.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/redis/clock.h"
#include "ctl/drain/decide/drain_filter.h"
#include "ctl/drain/drain_group.h"
#include "ctl/drain/drain_report.h"
#include "ctl/drain/drain_source.h"
#include "ctl/drain/drain_tally.h"

extern const char drain_settle_lua[];

#define DRAIN_AUDIT_MAXLEN "2000000"

/* An entry on its way. */
struct drain_judged {
    struct drain_item item; /* without its fields */
    enum drain_action action;
    bool is_gone;
    char *line; /* what to say of it when it is settled; NULL: nothing */
};

struct drain_batch {
    struct drain_judged entries[DRAIN_PAGE_MAX];
    size_t count;
    int64_t after_ms; /* so late the drops for age hold by Redis' clock */
};

struct drain_writer {
    const struct drain_place *place; /* its connection is the writer's alone */
    struct redis_clock *clock;
    struct drain_tally *tally;
    struct drain_report *report;
    struct command command;
    const struct drain_owner *owner; /* of what is gathered */
    struct drain_batch gathered;
    struct drain_batch underway;
    struct drain_item *again; /* what is to be judged once more */
    size_t again_count;
};

/* Gathers one that was judged at `now_ms`. The entry is copied; the line becomes the writer's. */
int drain_writer_add(struct drain_writer *writer, const struct drain_item *item,
                     const struct entry *entry, const struct drain_event *event, char *line,
                     int64_t now_ms) __attribute__((warn_unused_result));

/* Sends what was gathered. */
int drain_writer_send(struct drain_writer *writer) __attribute__((warn_unused_result));

/* Sends it and waits for all answers. */
int drain_writer_finish(struct drain_writer *writer) __attribute__((warn_unused_result));

/* Moves what is to be judged once more into an empty page, as much as it holds, without fields. */
void drain_writer_take_again(struct drain_writer *writer, struct drain_page *page);

/* Drops what was gathered and not sent, and what is to be judged once more: it stays pending. */
void drain_writer_forget(struct drain_writer *writer);
