/* SPDX-License-Identifier: MIT */
/*
 * The recorder: what stands between the decision's record, which is pure, and the stream of them.
 *
 * It gives each commit its record, remembers which one was the last and what has happened since,
 * and keeps the text of the settings that the records name. What stands in its way it tells, and
 * stands in nobody else's; whether that is enough is the commit's to say. After a lost answer it
 * looks in the stream for what became of a commit. Embedded in the cycle.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/redis/link.h"
#include "router/act/commit.h"
#include "router/decide/record.h"
#include "router/decide/record_room.h"
#include "router/settings/decisive.h"
#include "router/settings/settings.h"

struct router_observer;

/* What the stream of records says of a commit. */
enum record_found {
    RECORD_FOUND,      /* it ran */
    RECORD_OF_ANOTHER, /* another one took its place */
    RECORD_NOT_THERE,  /* it may have run without */
};

/* A commit whose answer was lost, and who asks for it. */
struct record_search {
    const char *cycle_id; /* lives until `found` */
    uint64_t sequence;    /* that it would have written; 0: not to be compared */
    /* `entry` is its record, with RECORD_FOUND. */
    void (*found)(void *owner, enum record_found found, const struct entry *entry);
    void *owner;
    unsigned pages;
};

struct recorder {
    const struct router_settings *settings;
    const struct router_observer *observer;
    struct link *link;
    struct decisive decisive;
    struct record_draft draft;        /* of the window that is looked at; empty: it has none */
    struct record record;             /* of the commit that is on its way; empty: it has none */
    char end[STREAM_ID_TEXT_MAX];     /* id of the stream's last entry; empty: not known */
    char end_digest[SHA256_TEXT_MAX]; /* of that entry; empty: there is none, or it is not known */
    struct record_room room;
    struct unrecorded unrecorded;
    uint64_t forbidden_until_ms; /* the stream is not named until then; monotonic; 0: it is */
    bool is_kept;                /* the settings' text is there; */
    uint64_t keep_again_ms;      /* else it is tried again from then on; monotonic */
    struct record_search search;
};

void recorder_init(struct recorder *recorder, const struct router_settings *settings,
                   struct link *link, const struct router_observer *observer);
void recorder_deinit(struct recorder *recorder);

/* A session begins: what is asked here is answered before the first commit. */
void recorder_open(struct recorder *recorder);

/* Other settings are in force. */
void recorder_adopt(struct recorder *recorder);

/* A commit of this window may follow: what can be written by now is, while Redis is asked. */
void recorder_expect(struct recorder *recorder, const struct window *window);

/* Gives the commit its record, or none; it is the recorder's until recorder_committed(). */
void recorder_begin(struct recorder *recorder, struct commit *commit);

/* Whether the answer may refuse the commit only because it names the stream: from now on none
 * does, for a while, and this one is to be sent again. */
bool recorder_is_refused(struct recorder *recorder, const redisReply *reply);

/* The commit has run; `intent_ids` between blanks. */
void recorder_committed(struct recorder *recorder, const struct commit_answer *answer,
                        const char *intent_ids);

/* It has run, as is known by now, and left this record; empty: none. */
void recorder_settled(struct recorder *recorder, const char *record_id);

void recorder_quiet(struct recorder *recorder, enum quiet quiet);

/* Looks for a commit in the stream; false: nobody can. */
bool recorder_search(struct recorder *recorder, const struct record_search *search);
