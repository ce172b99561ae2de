/* SPDX-License-Identifier: MIT */
#include "ctl/live_mode.h"

#include <stdio.h>

const char *const live_mode_names[] = {"dry-run", "live", NULL};

void live_mode_conclude(int mode)
{
    if (mode == MODE_DRY_RUN)
        (void)puts("dry run: nothing was changed; do it with --mode=live");
}
