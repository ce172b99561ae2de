/* SPDX-License-Identifier: MIT */
/*
 * Looks through the records for what somebody asks about: forwards from a moment, or backwards from
 * the last one, page by page and never further than a bound; it says how far it looked. Lives on
 * the stack of who asks.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/entry.h"
#include "ctl/frame/ask.h"

/* What a look-through costs Redis and us is bounded by this. */
#define RECORD_SEARCH_BYTES_MAX (64 * 1024 * 1024)

struct record_search {
    const char *stream;
    struct stream_id from; /* forwards: the first one */
    bool is_backwards;     /* from the last one */
    /* Each of them in turn; true: that is enough. The entry lives as long as the call. */
    bool (*take)(void *owner, const struct entry *entry);
    void *owner;

    /* What it came to. */
    uint64_t looked;              /* at so many */
    struct stream_id first, last; /* the ends of what was looked at, by the way it went */
    bool is_cut;                  /* there are more, and the bound was met */
};

/* 0: all was looked at, or enough; 1: Redis has no such stream or refuses it, and `ret_why` says
 * why, to be freed; negative: the connection broke, which was told. */
int record_search(const struct ask *ask, struct record_search *search, char **ret_why)
    __attribute__((warn_unused_result));
