/* SPDX-License-Identifier: MIT */
/*
 * What remains when an emergency's command cannot begin, because the configuration is refused: that
 * it was not done, the same command without what is wrong, and redis-cli.
 */
#pragma once

#include "common/base/options.h"
#include "ctl/command.h"

/* Of the command of that name. Silent for most commands, which can wait. */
void undone_tell(const char *name, const struct options *options,
                 const struct router_settings *settings);
