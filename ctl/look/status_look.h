/* SPDX-License-Identifier: MIT */
/*
 * One reading of the pipeline's status: a JSON document that says everything, which `status --json`
 * prints, --save writes, compare compares, and the screen and the page are drawn from; and
 * findings, each against the operator's limits.
 *
 * The sections are read one after the other on one connection; each adds its member and its
 * findings. What outlives a reading, for the rates of the next one, is struct status_looks, owned
 * by who looks.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "ctl/frame/ask.h"
#include "ctl/look/findings.h"
#include "ctl/look/stream_look.h"
#include "executor/settings/executor_settings.h"

/* In the order they are shown. */
enum status_stream {
    STREAM_SIGNALS,
    STREAM_INTENTS,
    STREAM_DECISIONS,
    STREAM_RESULTS,
    STREAM_DEAD_LETTERS,
    STREAM_AUDIT,
    STATUS_STREAMS,
};

struct status_limits {
    int64_t lag_max;
    int64_t pending_max;
    int64_t age_max_ms;
};

/* All streams at about one moment. */
struct status_sample {
    struct stream_look looks[STATUS_STREAMS];
    bool is_there[STATUS_STREAMS];
    bool is_refused[STATUS_STREAMS]; /* whether it is there is not known */
    uint64_t at_ms;                  /* monotonic; 0: there is no sample */
};

/*
 * The looks at the streams of the last seconds: rates are measured against the oldest of them, and
 * against one that is older still where there is no other. Many looks in a short time are thinned,
 * so that their number has a bound.
 */
enum { STATUS_TRAIL_MAX = 32 };

struct status_trail {
    struct status_sample samples[STATUS_TRAIL_MAX]; /* from the oldest on */
    size_t count;
    uint64_t span_ms;
};

/* What a section that is dear said last. */
struct status_kept {
    json_t *members; /* NULL: nothing yet */
    struct findings findings;
};

enum { STATUS_DEAR = 3 };

/* All that outlives a reading. The members above `trail` are the owner's to set; zeroed else. */
struct status_looks {
    const struct router_settings *router;
    const struct executor_settings *executor;
    struct status_limits limits;
    const char *intents_after; /* an entry's id, or empty */
    uint64_t keep_ms; /* so long what is dear to read is not read again; 0: it is each time */
    struct status_trail trail;
    struct status_kept kept[STATUS_DEAR];
    uint64_t kept_at_ms; /* monotonic */
    bool router_answers; /* at its metrics port, at the last reading */
};

/* Only a look at the streams, for the rates of the reading that follows. Negative: the connection
 * broke, or Redis refused what nothing goes without, which was told. */
int status_look_ahead(struct status_looks *looks, const struct ask *ask)
    __attribute__((warn_unused_result));

/* The document is the caller's. Negative as above. */
int status_look_read(struct status_looks *looks, const struct ask *ask, json_t **ret_document)
    __attribute__((warn_unused_result));

/* The verdict of such a document. */
enum severity status_look_health(json_t *document);

void status_looks_release(struct status_looks *looks);

/* --- one reading, as its sections see it */

struct status {
    struct ask ask;
    const struct router_settings *router;
    const struct executor_settings *executor;
    const struct status_limits *limits;
    const char *intents_after; /* an entry's id, or empty */
    int64_t now_ms;            /* Redis' clock */
    bool router_answers;       /* at its metrics port */
    json_t *document;
    struct findings findings;
};

/* A section could not be read. Negative when the connection broke; else it is a finding, and what
 * Redis said was told. */
int status_unread(struct status *status, const char *what) __attribute__((warn_unused_result));

/* --- the sections; negative: the connection broke, or Redis refused what nothing goes without */

int status_take_sample(struct status *status, struct status_sample *ret_sample)
    __attribute__((warn_unused_result));
void status_sample_release(struct status_sample *sample);

/* Members "streams", "records" and "results", against the sample before it, if there is one. */
void status_add_streams(struct status *status, const struct status_sample *before,
                        const struct status_sample *now);

/* Members "capacity", "pace", "safe_mode". */
int status_add_capacity(struct status *status) __attribute__((warn_unused_result));

/* Members "leader", "daily". */
int status_add_keys(struct status *status) __attribute__((warn_unused_result));

/* Members "dedup", "rate_limits", which take a walk through all keys. */
int status_add_counts(struct status *status) __attribute__((warn_unused_result));

/* Member "past". */
int status_add_past(struct status *status) __attribute__((warn_unused_result));

/* Member "writers". */
int status_add_writers(struct status *status) __attribute__((warn_unused_result));

/* Member "services", by a process for each unit. */
int status_add_units(struct status *status) __attribute__((warn_unused_result));

/* Member "stale_drops", and the router's "rolled_back" of the past, which do not come from Redis,
 * and what comes of comparing both services. */
int status_add_services(struct status *status) __attribute__((warn_unused_result));

/* Member "certificate". */
void status_add_certificate(struct status *status);

/* Members "held" and "positions", and whether router and executor agree. The pages are those of
 * their metrics; NULL: it does not answer. */
int status_add_agreement(struct status *status, const char *router_page, const char *executor_page)
    __attribute__((warn_unused_result));
