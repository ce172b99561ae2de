/* SPDX-License-Identifier: MIT */
#include "common/log/log_settings.h"

#include <assert.h>

#define AT(member) offsetof(struct log_settings, member)

const struct option_row log_option_rows[] = {
    {.key = "log.level",
     .type = OPTION_CHOICE,
     .offset = AT(level),
     .choices = log_level_names,
     .fallback = "info",
     .reloadable = true,
     .help = "what is logged"},
    {.key = "log.emoji",
     .type = OPTION_BOOL,
     .offset = AT(emoji),
     .fallback = "true",
     .reloadable = true,
     .help = "pictures in front of log lines"},
    {.key = "log.pipeline_diag",
     .env = "PIPELINE_DIAG",
     .type = OPTION_BOOL,
     .offset = AT(pipeline_diag),
     .fallback = "false",
     .reloadable = true,
     .help = "one line per entry with its fate"},
};

static_assert(sizeof log_option_rows / sizeof *log_option_rows == LOG_OPTION_COUNT,
              "the count is in the header");

void log_adopt(const struct log_settings *settings)
{
    log_set((enum log_level)settings->level, settings->emoji);
}
