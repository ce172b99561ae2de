/* SPDX-License-Identifier: MIT */
/*
 * The first words on a connection: who we are, which database, and whether Redis is there and new
 * enough. PING must say PONG: a Redis that is loading, or a replica that lost its master, accepts
 * connections and answers other commands. Used by link.c alone.
 */
#pragma once

#include "common/redis/link.h"

/* Calls back with NULL or what is wrong; not at all when the connection is lost meanwhile. */
void greeting_send(struct link *link, const struct redis_address *address, const char *name,
                   void (*done)(void *data, const char *complaint), void *data);
