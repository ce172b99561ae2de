/* SPDX-License-Identifier: MIT */
/*
 * The keys whose names begin so: found with SCAN, a bounded step at a time, never with KEYS. What
 * comes and goes meanwhile may be seen or not; one that is seen twice counts once.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/options/options.h"
#include "common/redis/command.h"
#include "ctl/frame/ask.h"

#define KEY_SCAN_CURSOR_MAX 24

/* One SCAN, asked step by step by its owner, until it is over. */
struct key_scan {
    const char *pattern; /* a glob */
    const char *type;    /* NULL: of any */
    char cursor[KEY_SCAN_CURSOR_MAX];
    bool is_over;
};

struct key_scan key_scan_begin(const char *pattern, const char *type);
void key_scan_question(const struct key_scan *scan, struct command *question);

/* The names that a step has found, an array; NULL: it was refused, and the scan is over. */
const redisReply *key_scan_found(struct key_scan *scan, const redisReply *reply);

/* `type` NULL: of any. Counts them all; `ret_names` gets the first `most`, in alphabetical order,
 * to be freed with names_free(). A count that went over `most` may have seen a key twice. */
int key_scan(const struct ask *ask, const char *start, const char *type, size_t most,
             size_t *ret_count, struct names *ret_names) __attribute__((warn_unused_result));

/* Whether this server answers for the key: a node of a cluster knows only its own, and SCAN says
 * nothing of others. Negative: it does not, which was told. key_scan() asks for `start` itself. */
int key_scan_place(const struct ask *ask, const char *key) __attribute__((warn_unused_result));
