/* SPDX-License-Identifier: MIT */
/*
 * The writing half of a live drain: entries are gathered into batches, and each batch is audited,
 * forwarded, made dead letters and ACKed in one atomic step.
 *
 * One batch is on its way while the next is gathered. What Redis has settled is counted in the
 * tally and said; of the rest nothing is said. What was dropped for its age by a clock that is no
 * longer Redis' is not settled, nor is the rest of its batch: the clock is set, and they wait here
 * until they are judged once more. Functions that return negative have said why on
 * stderr; then what was not settled is pending as before.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/redis/clock.h"
#include "ctl/drain/decide/drain_filter.h"
#include "ctl/drain/drain_group.h"
#include "ctl/drain/drain_report.h"
#include "ctl/drain/drain_source.h"

extern const char drain_settle_lua[];

#define DRAIN_AUDIT_MAXLEN "2000000"

struct drain_batch {
    struct drain_item items[DRAIN_PAGE_MAX]; /* without their fields */
    enum drain_action actions[DRAIN_PAGE_MAX];
    bool gone[DRAIN_PAGE_MAX];
    char *lines[DRAIN_PAGE_MAX]; /* what to say of it when it is settled; NULL: nothing */
    int64_t after_ms;            /* so late the drops for age hold by Redis' clock */
    size_t count;
};

struct drain_settler {
    const struct drain_place *place; /* its connection is the settler's alone */
    struct redis_clock *clock;
    struct drain_tally *tally;
    struct drain_report *report;
    struct command command;
    const struct drain_owner *owner; /* of what is gathered */
    struct drain_batch gathered;
    struct drain_batch underway;
    struct drain_item *again; /* to be judged once more */
    size_t again_count;
};

/* Gathers one, at `now_ms`; the entry is copied, its line is the settler's from now on. */
int drain_settle_add(struct drain_settler *settler, const struct drain_item *item,
                     const struct entry *entry, const struct drain_event *event, char *line,
                     int64_t now_ms) __attribute__((warn_unused_result));

/* Sends what was gathered. */
int drain_settle_send(struct drain_settler *settler) __attribute__((warn_unused_result));

/* Sends it and waits until all is settled. */
int drain_settle_all(struct drain_settler *settler) __attribute__((warn_unused_result));

/* Moves into an empty page what is to be judged once more, as much as it holds; the fields are to
 * be read. */
void drain_settle_take_again(struct drain_settler *settler, struct drain_page *page);

/* Lets go of what was gathered and not sent, and of what is to be judged once more: it stays
 * pending. */
void drain_settle_forget(struct drain_settler *settler);
