/* SPDX-License-Identifier: MIT */
/*
 * quantumctl status: what both services do and what is in Redis, with a verdict.
 */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "ctl/frame/ask.h"
#include "ctl/frame/command.h"
#include "ctl/frame/terminal.h"
#include "ctl/look/stream_look.h"
#include "ctl/status/findings.h"
#include "executor/settings/executor_settings.h"

extern const struct ctl_command status_command;

/*
 * One reading of the pipeline's status: a JSON document that says everything, which --json prints,
 * --save writes, compare compares, and the screen is drawn from; and findings, each against the
 * operator's limits.
 *
 * The sections are read one after the other on one connection; each adds its member and its
 * findings. The looks at the streams stay, for the rates of the next reading. Owned by status.c.
 */

/* In the order they are shown. */
enum status_stream {
    STREAM_SIGNALS,
    STREAM_INTENTS,
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

struct status {
    struct ask ask;
    const struct router_settings *router;
    const struct executor_settings *executor;
    const struct status_limits *limits;
    const char *intents_after; /* an entry's id, or empty */
    int64_t now_ms;            /* Redis' clock */
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

/* Members "streams" and "results", against the sample before it, if there is one. */
void status_add_streams(struct status *status, const struct status_sample *before,
                        const struct status_sample *now);

/* Members "capacity", "pace", "safe_mode". */
int status_add_capacity(struct status *status) __attribute__((warn_unused_result));

/* Members "leader", "daily", "dedup", "rate_limits". */
int status_add_keys(struct status *status) __attribute__((warn_unused_result));

/* Member "past". */
int status_add_past(struct status *status) __attribute__((warn_unused_result));

/* Member "writers". */
int status_add_writers(struct status *status) __attribute__((warn_unused_result));

/* Members "services" and "stale_drops", and the router's "rolled_back" of the past, which do not
 * come from Redis, and what comes of comparing both services. */
int status_add_services(struct status *status) __attribute__((warn_unused_result));

/* Members "held" and "positions", and whether router and executor agree. The pages are those of
 * their metrics; NULL: it does not answer. */
int status_add_agreement(struct status *status, const char *router_page, const char *executor_page)
    __attribute__((warn_unused_result));

/*
 * The status as a person reads it: drawn from the document, so that a saved one shows the same.
 */

void status_show(json_t *document, FILE *out, const struct terminal *terminal);

/* A name without the common prefix, for narrow tables. */
const char *status_short_name(json_t *document, const char *name);
