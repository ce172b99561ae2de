/* SPDX-License-Identifier: MIT */
/*
 * Reads a stream as a consumer of a group: first what is pending for it, page by page, then what is
 * new.
 *
 * It has a connection whose blocking reads nothing waits behind. The next read is on its way before
 * a reply is looked at, and with a backlog as many as `depth`, so that Redis is never idle. When
 * little came it may nap first, because a read costs the same for one entry and for twenty. A
 * pause, or no room, leaves entries in the stream until group_reader_resume(). The count adapts to
 * the size of the replies. News that Redis will not hold end the connection; what was in them is
 * pending then. Where pages of that do not come either, the next ones are bounded in bytes, by a
 * script, which costs Redis several times as much. Embedded in what takes the entries.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "common/redis/link.h"
#include "common/redis/script.h"

/* The script that reads what is pending, built into the programs as text. */
extern const char pending_lua[];

struct group_reader_events {
    /* Whether another page may come; NULL: always. */
    bool (*has_room)(void *owner);
    /* How long the next read may wait when few came; NULL: it may not. */
    uint64_t (*nap_ms)(void *owner);
    /* `fields` are names and values in turn; NULL: it was deleted while it was pending. Returns
     * false when they are malformed. */
    bool (*entry)(void *owner, struct stream_id id, const redisReply *fields);
    void (*page)(void *owner);      /* all of a reply was handed over */
    void (*recovered)(void *owner); /* all that was pending was read */
    void (*failed)(void *owner, const char *complaint);
};

struct group_reader_config {
    const char *stream;
    const char *group;
    const char *consumer;
    const struct script *pending; /* pending_lua */
    int64_t count;
    unsigned depth;    /* reads on their way while there is a backlog; at least 1 */
    uint64_t block_ms; /* may change at any time */
};

enum group_reader_state { READER_IDLE, READER_RECOVERING, READER_READING };

struct group_reader {
    struct group_reader_config config;
    const struct group_reader_events *events;
    void *owner;
    struct link *link;
    uv_timer_t nap;
    enum group_reader_state state;
    bool news_answered; /* once, with news or none, since what was pending is read */
    bool is_wary;       /* pages are bounded, until what is pending is read */
    bool paused;
    bool is_behind;             /* the last read came back full, or nearly */
    unsigned outstanding;       /* reads on their way */
    unsigned old;               /* of these, so many are of an older start */
    struct stream_id recovered; /* up to here the pending entries were read */
    uint64_t given;             /* new entries, ever */
    struct stream_id last_given;
    int64_t count;
    unsigned small_replies;
};

/* The members above `nap` are the caller's to set before. */
void group_reader_init(struct group_reader *reader, uv_loop_t *loop);
void group_reader_close(struct group_reader *reader);

/* The connection is ready; or what is pending is to be read once more. */
void group_reader_start(struct group_reader *reader);

/* The same, but for what is pending up to this id. */
void group_reader_start_after(struct group_reader *reader, struct stream_id id);

/* The connection is gone. */
void group_reader_stop(struct group_reader *reader);

void group_reader_pause(struct group_reader *reader);

/* Goes on after a pause, or after there was no room. */
void group_reader_resume(struct group_reader *reader);

/* Hands over a list of entries that came another way: claimed ones. */
void group_reader_take(struct group_reader *reader, const redisReply *entries);
