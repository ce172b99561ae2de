/* SPDX-License-Identifier: MIT */
/*
 * Whether a certificate ends soon that the connection to Redis stands on: the server's, or our own.
 * What ended is no word any more: then there is no connection, and its loss tells why.
 *
 * Told a week before, and every day again. Embedded in the service's vitals.
 */
#pragma once

#include <stdint.h>

#include "common/redis/link.h"

struct certificate_watch {
    int64_t end_ms; /* which one was told of; 0: none */
    uint64_t told_at_ms;
};

/* To be asked now and then, while the link is there. */
void certificate_watch_look(struct certificate_watch *watch, const struct link *link);
