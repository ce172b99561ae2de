/* SPDX-License-Identifier: MIT */
/*
 * Reads a stream as a consumer of a group: first what is pending for it, page by page, then what is
 * new.
 *
 * It has a connection whose blocking reads nothing waits behind. The next read is on its way before
 * the last page is looked at, as long as the owner has room for more; a pause, or no room, leaves
 * entries in the stream until group_reader_resume(). The count adapts to the size of the replies,
 * and to replies that never came because they were too big for a connection. Embedded in whoever
 * takes the entries.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/redis/link.h"

struct group_reader_events {
    /* Whether another page may come. */
    bool (*has_room)(void *owner);
    /* `fields` are names and values by turns; NULL: it was deleted while it was pending. Returns
     * false when they are out of shape. */
    bool (*entry)(void *owner, struct stream_id id, const redisReply *fields);
    void (*page)(void *owner);      /* all of a reply was handed over */
    void (*recovered)(void *owner); /* all that was pending was read */
    void (*failed)(void *owner, const char *complaint);
};

struct group_reader_config {
    const char *stream;
    const char *group;
    const char *consumer;
    int64_t count;
    uint64_t block_ms;
};

enum group_reader_state { READER_IDLE, READER_RECOVERING, READER_READING };

struct group_reader {
    struct group_reader_config config;
    const struct group_reader_events *events;
    void *owner;
    struct link *link;
    enum group_reader_state state;
    bool paused;
    bool outstanding;           /* a read is on its way */
    bool again;                 /* the one on its way is of an older start */
    struct stream_id recovered; /* up to here the pending entries were read */
    int64_t count;
    unsigned small_replies;
    unsigned losses; /* reads in a row that a connection took with it: the next are smaller */
};

/* The members above `state` are the caller's to set before. The connection is ready; or what is
 * pending shall be read once more. */
void group_reader_start(struct group_reader *reader);

/* The connection is gone. */
void group_reader_stop(struct group_reader *reader);

void group_reader_pause(struct group_reader *reader);

/* Goes on after a pause, or after there was no room. */
void group_reader_resume(struct group_reader *reader);

/* Hands over a list of entries that came another way: claimed ones. */
void group_reader_take(struct group_reader *reader, const redisReply *entries);
