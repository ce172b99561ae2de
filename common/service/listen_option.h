/* SPDX-License-Identifier: MIT */
/*
 * The option metrics.listen, as every service has it: checked, and warned about where this build
 * cannot listen at all.
 */
#pragma once

#include "common/options/options.h"

void listen_option_check(const char *text, const struct options *options,
                         struct complaints *complaints);

/* `asked`: somebody set it. */
void listen_option_warn(const char *text, bool asked, struct complaints *warnings);
