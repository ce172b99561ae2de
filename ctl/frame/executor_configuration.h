/* SPDX-License-Identifier: MIT */
/*
 * The executor's settings, as quantumctl needs them beside the router's: from its own file and the
 * environment; where neither names the prefix, it is the router's. Owned by the command that reads
 * them; executor_configuration_release() when it ends.
 */
#pragma once

#include "common/options/options.h"
#include "executor/settings/executor_settings.h"
#include "router/settings/settings.h"

/* Names the file, of a command that needs no other words for it. */
#define EXECUTOR_FILE_ROW(at)                                                                      \
    {                                                                                              \
        .key = "executor-config", .type = OPTION_TEXT, .offset = (at), .fallback = "",             \
        .takes = "FILE",                                                                           \
        .help = "the executor's file; empty: /etc/quantum/executor.conf where it exists"           \
    }

struct executor_configuration {
    struct executor_settings settings;
    struct options options;
};

/* `config` empty: the usual file, when it is there. Complains about what is wrong with it. */
void executor_configuration_read(struct executor_configuration *configuration,
                                 const struct router_settings *router, const char *config,
                                 struct complaints *complaints);
void executor_configuration_release(struct executor_configuration *configuration);
