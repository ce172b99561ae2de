/* SPDX-License-Identifier: MIT */
/*
 * Records of decisions, one after the other, from wherever they are kept: the decision stream, or a
 * folder of files. Who reads them sees a source of entries and settings alone.
 *
 * A source gives one entry at a time, which is valid until the next is asked for, and is bounded in
 * memory however many there are. It belongs to the command that opened it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/entry.h"
#include "ctl/frame/ask.h"

struct record_item {
    struct entry entry;
    bool is_before; /* it stands before what was asked for, and is there for the chain alone */
    bool follows;   /* nothing stood between it and the one given before */
};

struct records {
    /* 0; 1: there is no further one; negative: it went wrong, which was told. */
    int (*next)(struct records *source, struct record_item *ret_item);
    /* The text of the settings with this digest, for the caller to free; 1: it is not there, or may
     * not be read. */
    int (*settings)(struct records *source, const char *digest, char **ret_text,
                    size_t *ret_length);
    /* How much of it was read, from 0 to 1. */
    double (*share)(const struct records *source);
    void (*close)(struct records *source);
};

/* Which of them. */
struct record_range {
    struct stream_id from, to; /* inclusive */
};

/* All there are. */
struct record_range record_range_all(void);

/* --- out of Redis, in pages */

struct record_keys {
    const char *decisions, *settings;
};

/* `pages` is a connection on which nobody else asks, so that a page is on its way while one is
 * looked at; NULL: `ask` serves for both, and nothing is asked ahead. All outlive the source. NULL:
 * it is not to be had, which was told. */
struct records *record_stream_open(const struct ask *ask, struct client *pages,
                                   const struct record_keys *keys,
                                   const struct record_range *range);
