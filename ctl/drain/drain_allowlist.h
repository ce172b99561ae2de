/* SPDX-License-Identifier: MIT */
/*
 * --symbols: what its words stand for. A symbol, @FILE, or @redis:KEY.
 */
#pragma once

#include "ctl/command.h"
#include "ctl/drain/drain_symbols.h"

/* EXIT_DONE, or another status after saying why. */
int drain_allowlist_take(const struct invocation *invocation, const struct names *words,
                         struct drain_symbols *symbols) __attribute__((warn_unused_result));
