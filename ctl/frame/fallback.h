/* SPDX-License-Identifier: MIT */
/*
 * What remains when an emergency's command cannot begin, because the configuration is refused: that
 * it was not done, the same command without what is wrong, and redis-cli.
 */
#pragma once

#include "common/options/options.h"
#include "ctl/frame/command.h"

/* Silent for most commands, which can wait, and for none (NULL). */
void fallback_tell(const struct ctl_command *command, const struct options *options,
                   const struct router_settings *settings);
