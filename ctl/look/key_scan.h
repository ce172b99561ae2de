/* SPDX-License-Identifier: MIT */
/*
 * The keys whose names begin so: found with SCAN, a bounded step at a time, never with KEYS. What
 * comes and goes meanwhile may be seen or not; one that is seen twice counts once.
 */
#pragma once

#include <stddef.h>

#include "common/options/options.h"
#include "ctl/frame/ask.h"

/* `type` NULL: of any. Counts them all; `ret_names` gets the first `most`, in alphabetical order,
 * to be freed with key_scan_release(). A count that went over `most` may have seen a key twice. */
int key_scan(const struct ask *ask, const char *start, const char *type, size_t most,
             size_t *ret_count, struct names *ret_names) __attribute__((warn_unused_result));

/* Whether this server answers for the key: a node of a cluster knows only its own, and SCAN says
 * nothing of others. Negative: it does not, which was told. key_scan() asks for `start` itself. */
int key_scan_place(const struct ask *ask, const char *key) __attribute__((warn_unused_result));
void key_scan_release(struct names *names);
