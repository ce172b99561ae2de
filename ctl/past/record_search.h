/* SPDX-License-Identifier: MIT */
/*
 * Looks through the records for what somebody asks about, in Redis or in a folder of an archive:
 * forwards from a moment, or backwards from the last one, bit by bit and never further than a
 * bound; it says how far it looked. Results and signals are looked through the same way. Lives on
 * the stack of who asks.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/entry.h"
#include "ctl/frame/ask.h"
#include "ctl/past/archive_block.h"

struct archive_texts;

/* What a look-through costs Redis and us is bounded by this; an archive costs nobody but us. */
#define RECORD_SEARCH_BYTES_MAX  (64 * 1024 * 1024)
#define ARCHIVE_SEARCH_BYTES_MAX (1024 * 1024 * 1024)

/* Where one looks. */
struct record_place {
    const struct ctl_command *command;
    const struct ask *ask;       /* Redis; NULL: */
    const char *folder;          /* what quantumctl archive keeps */
    struct archive_texts *texts; /* keeps the settings that are passed there; NULL: nobody does */
};

struct record_search {
    const char *stream;     /* in Redis, */
    enum archive_kind kind; /* in an archive */
    struct stream_id from;  /* forwards: the first one */
    bool is_backwards;      /* from the last one */
    int64_t page;           /* Redis is asked for so many at once; 0: the usual */
    /* Each of them in turn; true: that is enough. The entry lives as long as the call. */
    bool (*take)(void *owner, const struct entry *entry);
    void *owner;

    /* What it came to. */
    uint64_t looked, bytes;       /* at so many */
    struct stream_id first, last; /* the ends of what was looked at, by the way it went */
    bool is_cut;                  /* there are more, and the bound was met */
};

/* 0: all was looked at, or enough; 1: Redis has no such stream or refuses it, and `ret_why` says
 * why, to be freed; negative: the connection broke, or the archive cannot be read, which was told.
 */
int record_search(const struct record_place *place, struct record_search *search, char **ret_why)
    __attribute__((warn_unused_result));

/* Gives it an entry; true: that is enough. For those that read. */
static inline bool record_search_offer(struct record_search *search, const struct entry *entry)
{
    if (search->looked++ == 0)
        search->first = entry->id;
    search->last = entry->id;
    for (size_t i = 0; i < entry->count && i < ENTRY_FIELDS_MAX; i++)
        search->bytes += entry->fields[i].name_length + entry->fields[i].value_length;
    return search->take(search->owner, entry);
}
