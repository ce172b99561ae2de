/* SPDX-License-Identifier: MIT */
/*
 * Whether a command does what it says, or only says it: --mode=dry-run|live, dry-run unless asked.
 */
#pragma once

#include "common/base/options.h"

enum live_mode { MODE_DRY_RUN, MODE_LIVE };

extern const char *const live_mode_names[];

#define LIVE_MODE_ROW(at)                                                                          \
    {                                                                                              \
        .key = "mode", .type = OPTION_CHOICE, .offset = (at), .choices = live_mode_names,          \
        .fallback = "dry-run", .help = "dry-run only says what it would do; live does it"          \
    }

/* Says at the end of a dry run that it was one. */
void live_mode_conclude(int mode);
