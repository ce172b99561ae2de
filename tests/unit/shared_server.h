/* SPDX-License-Identifier: MIT */
/*
 * The one redis-server that all cases of a test program share; each case makes its keys again.
 */
#pragma once

#include "tests/unit/redis_server.h"

extern struct redis_server shared_server;

/* Setup and teardown of the group. */
int shared_server_start(void **state);
int shared_server_stop(void **state);

#define EXPECT(answer, ...) redis_server_expect(&shared_server, answer, __VA_ARGS__)
