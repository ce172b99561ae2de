/* SPDX-License-Identifier: MIT */
/*
 * The options that every service has for its log. Embedded in a program's settings.
 */
#pragma once

#include "common/log/log.h"
#include "common/options/options.h"

struct log_settings {
    int level; /* enum log_level */
    bool emoji;
    bool pipeline_diag; /* a line per entry with its fate */
};

/* The rows; the group's base is where the struct lies in the program's settings. */
enum { LOG_OPTION_COUNT = 3 };
extern const struct option_row log_option_rows[];

/* From here on the log obeys these. */
void log_adopt(const struct log_settings *settings);
