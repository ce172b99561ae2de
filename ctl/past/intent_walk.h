/* SPDX-License-Identifier: MIT */
/*
 * The intents that records name, found in their stream in one walk: ids are asked for in rising
 * order, as the records have them. Bounded: a page is in memory. Belongs to one replay.
 */
#pragma once

#include <stddef.h>

#include "common/base/entry.h"
#include "ctl/frame/ask.h"

struct intent_walk {
    struct ask ask;
    const char *stream;
    redisReply *page;
    size_t at;    /* in the page */
    bool is_over; /* behind the page there is none */
};

/* 0: its payload is there until the next question; 1: the stream does not have it, or not any more;
 * negative: it went wrong, which was told. */
int intent_walk_find(struct intent_walk *walk, struct stream_id id, struct entry_field *ret_payload)
    __attribute__((warn_unused_result));
void intent_walk_release(struct intent_walk *walk);
