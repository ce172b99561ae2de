/* SPDX-License-Identifier: MIT */
/*
 * The neighbour's hashes as they are now: found with SCAN, a bounded step at a time and never with
 * KEYS, read many at once, and put into a book. Nothing is written.
 */
#pragma once

#include "common/redis/client.h"
#include "common/service/notify.h"
#include "ctl/capacity/book.h"

struct neighbour {
    const char *pattern; /* with one '*', where the symbol stands, and no other sign of a glob */
    const char *ours[2]; /* keys that are never the neighbour's, whatever the pattern says */
    struct holding_rules rules;
    const struct notify *notify; /* hears at each step that we live */
};

/* Negative: the connection broke, and client_error() says how. What Redis refuses spoils the book,
 * which is the caller's to close and release in any case. */
int neighbour_read(const struct neighbour *neighbour, struct client *client, struct book *book)
    __attribute__((warn_unused_result));
