/* SPDX-License-Identifier: MIT */
/*
 * The executor's settings, as quantumctl needs them beside the router's: from its own file and the
 * environment; where neither names the prefix, it is the router's. Owned by the command that reads
 * them; counterpart_release() when it ends.
 */
#pragma once

#include "common/options/options.h"
#include "executor/settings/executor_settings.h"
#include "router/settings/settings.h"

struct counterpart {
    struct executor_settings settings;
    struct options options;
};

/* `config` empty: the usual file, when it is there. Complains about what is wrong with it. */
void counterpart_read(struct counterpart *counterpart, const struct router_settings *router,
                      const char *config, struct complaints *complaints);
void counterpart_release(struct counterpart *counterpart);
