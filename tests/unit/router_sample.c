/* SPDX-License-Identifier: MIT */
#include "tests/unit/router_sample.h"

struct router_settings settings;

int begin(void **state)
{
    (void)state;
    settings_rig_begin_router(&settings);
    return 0;
}

int end(void **state)
{
    (void)state;
    settings_rig_end_router(&settings);
    return 0;
}
