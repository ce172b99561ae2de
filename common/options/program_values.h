/* SPDX-License-Identifier: MIT */
/*
 * The options table for eyes and scripts: the values with their origins of --check-config, and the
 * rows themselves of --list-options. Used by program.c alone.
 */
#pragma once

#include <stdio.h>

#include "common/options/options.h"

/* One line each, in table order: "capacity.max_open = 12   # router.conf:3". Values are written as
 * in the configuration file. */
void program_values_print(FILE *out, const struct options *options);

/* One line each behind a line of titles, parted by tabs: key, type, variables, default, range,
 * reload, help. What config/options-table makes the README's table of. */
void program_values_list(FILE *out, const struct options *options);
