/* SPDX-License-Identifier: MIT */
/*
 * A stream as it is now, with its groups and, when asked for, their consumers: a reader of XINFO,
 * and how it is named and written in documents.
 *
 * Redis does not know every lag (after a deletion, or a group that was moved): then the entries are
 * counted, page by page, inside Redis. The look owns its memory until stream_look_release().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/stream_id.h"
#include "common/redis/group_count.h"
#include "ctl/frame/ask.h"
#include "ctl/frame/document.h"

extern const char count_behind_lua[];

struct consumer_look {
    char *name;  /* as it is */
    char *shown; /* escaped */
    int64_t pending;
    int64_t idle_ms; /* since it was last seen to ask */
};

struct group_look {
    char *name;
    char *shown;
    struct stream_id last_delivered;
    int64_t pending;
    int64_t entries_read; /* negative: not known */
    int64_t lag;
    bool is_counted; /* by us, Redis does not know */
    int64_t lost;    /* entries that were removed before the group was given them, as is proved */
    bool has_oldest;
    struct stream_id oldest; /* pending */
    struct consumer_look *consumers;
    size_t consumer_count;
    int64_t consumers_total; /* also when they were not asked for */
};

struct stream_look {
    char *name;
    int64_t length;
    int64_t added;          /* ever */
    struct stream_id first; /* 0-0: there is none */
    struct stream_id last;  /* ever given out */
    struct group_count count;
    struct group_look *groups;
    size_t group_count;
};

/* 0; 1: there is no such stream; 2: Redis refused, and `ret_why` says why, to be freed; negative:
 * the connection broke, which was told. */
int stream_look_read(const struct ask *ask, const char *name, bool with_consumers,
                     struct stream_look *ret_look, char **ret_why)
    __attribute__((warn_unused_result));

/* The same for whom it must be there; negative: it is not to be had, which was told. */
int stream_look_require(const struct ask *ask, const char *name, bool with_consumers,
                        struct stream_look *ret_look) __attribute__((warn_unused_result));

/* Calls for every entry of the stream, from the oldest on. A refusal is told behind `what`. */
int stream_look_walk(const struct ask *ask, const char *stream, const char *what,
                     void (*take)(void *owner, const redisReply *entry, struct stream_id id),
                     void *owner) __attribute__((warn_unused_result));

void stream_look_release(struct stream_look *look);

/* The group of that name, or NULL. */
struct group_look *stream_look_group(const struct stream_look *look, const char *name);

/* How many entries lie behind `id` and not beyond `last`. */
int stream_look_count(const struct ask *ask, const char *stream, struct stream_id id,
                      struct stream_id last, int64_t *ret_count)
    __attribute__((warn_unused_result));

/* For documents, one way for all commands; new references. "length", "added", "newest_age_ms". */
json_t *stream_json(const struct stream_look *look, int64_t now_ms);

/* "consumers", "pending", "lag", "lag_counted", "lost", "oldest_pending_age_ms", "entries_read". */
json_t *stream_json_group(const struct group_look *group, int64_t now_ms);

/* The name of a stream as a person gives it: as it is, or without the prefix, as status shows it.
 * The key that is meant: the name as given if there is such a key, or if there is none with the
 * prefix in front either. The caller frees it; NULL: the connection broke, which was told. */
char *stream_name_find(const struct ask *ask, const char *prefix, const char *given);
