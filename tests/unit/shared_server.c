/* SPDX-License-Identifier: MIT */
#include "tests/unit/shared_server.h"

struct redis_server shared_server;

int shared_server_start(void **state)
{
    (void)state;
    redis_server_start(&shared_server);
    return 0;
}

int shared_server_stop(void **state)
{
    (void)state;
    redis_server_stop(&shared_server);
    return 0;
}
