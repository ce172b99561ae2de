/* SPDX-License-Identifier: MIT */
/*
 * Whether so many replicas have what was written: venue.wait_replicas. A replica that takes over
 * then knows what an execution began with.
 *
 * WAIT holds up its connection, so it has one of its own, and waits there for all that the server
 * had written when it was asked. Embedded in the executor; unused where no replica is waited for.
 */
#pragma once

#include <uv.h>

#include "common/redis/link.h"

/* `complaint` NULL: they have it. */
typedef void replicas_fn(void *data, const char *complaint);

struct replicas {
    struct link *link; /* NULL: nobody is waited for */
    const struct link *writer;
    const char *key;
    const int64_t *count;
    unsigned session; /* an answer for an earlier one is nobody's any more */
};

/* `writer` is the connection that writes; `key` is a hash in which this may write, too. */
void replicas_init(struct replicas *replicas, uv_loop_t *loop, const struct link_config *config,
                   const struct link *writer, const char *key, const int64_t *count);

/* Asks for all that is written by now. The answer comes once, perhaps at once, unless
 * replicas_forget() comes before it. */
void replicas_ask(struct replicas *replicas, replicas_fn *done, void *data);

/* Who asked is gone. */
void replicas_forget(struct replicas *replicas);

void replicas_close(struct replicas *replicas);
