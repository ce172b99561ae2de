/* SPDX-License-Identifier: MIT */
/*
 * Where a drain's entries come from, page by page: first what is pending for ourselves, then what
 * dead consumers have left, then what the group was not given yet.
 *
 * A dry run looks at them and a live run takes them, which is the only difference. The next page of
 * new entries is asked for while one is worked on. A page is valid until the next one is asked for.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/entry.h"
#include "ctl/drain/drain_group.h"

enum {
    DRAIN_PAGE_MAX = 500,
    DRAIN_PAGE_MIN = 8,
    DRAIN_PAGE_BYTES_FEW = 256 * 1024,   /* pages grow below this, */
    DRAIN_PAGE_BYTES_MANY = 1024 * 1024, /* and shrink above it: an entry can have megabytes */
};

struct drain_item {
    struct stream_id id;
    const redisReply *fields;        /* NULL: pending, but gone from the stream */
    const struct drain_owner *owner; /* for whom it is pending */
};

struct drain_page {
    struct drain_item items[DRAIN_PAGE_MAX];
    size_t count;
    redisReply *replies[DRAIN_PAGE_MAX]; /* what the items point into */
    size_t reply_count;
};

struct drain_source {
    const struct drain_place *place;  /* its connection is the source's alone */
    int64_t left;                     /* of the entries that may be given out at most */
    const struct drain_owner *owners; /* whose pending entries are still to come */
    size_t owner_count;
    struct drain_owner self;
    struct stream_id cursor; /* the last id that was seen, of this owner or of the new ones */
    struct stream_id last_delivered;
    size_t page_size;
    int64_t asked;  /* new entries that were asked for and have not come */
    uint64_t taken; /* pending entries that somebody else took while we looked */
    struct drain_page page;
};

void drain_page_clear(struct drain_page *page);

/* Asks for the fields of its items, over a connection on which nothing else is on its way. */
int drain_page_read(struct drain_page *page, const struct drain_place *place)
    __attribute__((warn_unused_result));

void drain_source_init(struct drain_source *source, const struct drain_place *place,
                       const struct drain_look *look);
void drain_source_deinit(struct drain_source *source);

/* 0: the page has something in it; 1: that was all; negative: it went wrong and was said. */
int drain_source_next(struct drain_source *source, const struct drain_page **ret_page)
    __attribute__((warn_unused_result));

/* The item as an entry; false: Redis sent something else. */
bool drain_item_read(const struct drain_item *item, struct entry *ret_entry);
