/* SPDX-License-Identifier: MIT */
/*
 * The text of --help, made from the options table. Used by program.c, and for the options that a
 * command of a program has of its own.
 */
#pragma once

#include <stdio.h>

#include "common/options/program.h"

void program_help(FILE *out, const struct program *program, const struct options *options);

/* The options alone, one below the other. */
void program_help_options(FILE *out, const struct options *options);
