/* SPDX-License-Identifier: MIT */
/*
 * The options table for eyes and scripts: the text of --help, for a program and for a command that
 * has options of its own, the values of --check-config and the rows of --list-options.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "common/options/program.h"

/* With `all` every option, else the usual ones. */
void program_help(FILE *out, const struct program *program, const struct options *options,
                  bool all);

/* The options alone, one below the other: those with these keys, or all (NULL). */
void program_help_options(FILE *out, const struct options *options, const char *const *keys);

/* The values with their origins, one line each, in table order: "capacity.max_open = 12   #
 * router.conf:3". Values are written as in the configuration file. */
void program_values_print(FILE *out, const struct options *options);

/* The rows, one line each behind a line of titles, parted by tabs: key, type, variables, default,
 * range, reload, help. What config/options-table makes the tables of config/README.md of. */
void program_values_list(FILE *out, const struct options *options);
