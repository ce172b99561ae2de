/* SPDX-License-Identifier: MIT */
/*
 * The results of the executor, from a moment on, read in pages out of Redis.
 */
#pragma once

#include "common/base/entry.h"
#include "ctl/frame/ask.h"

/* Each is given to `take` in order. Negative: it went wrong, which was told. */
int result_pages_read(const struct ask *ask, const char *stream, struct stream_id since,
                      void (*take)(void *owner, const struct entry *entry), void *owner)
    __attribute__((warn_unused_result));
