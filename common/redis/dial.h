/* SPDX-License-Identifier: MIT */
/*
 * A connection by TCP for those who wait for it: a name may have several addresses, and the first
 * of them that takes it is good. hiredis itself goes on to the next one from some failures alone.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <sys/time.h>

/* As redisConnectWithTimeout(); the time is that of each address. */
redisContext *dial(const char *host, int port, struct timeval timeout);
