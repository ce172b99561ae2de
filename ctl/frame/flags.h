/* SPDX-License-Identifier: MIT */
/*
 * The words behind a command: flags of its options, and the rest.
 *
 * Flags may stand anywhere before "--"; a minus with a digit behind it begins a number and not a
 * flag. The value of a row with `alone`, as every switch has it, stands behind "=" or nowhere.
 * Names are never abbreviated, but -v is --verbose.
 */
#pragma once

#include "common/options/options.h"

/* For the complaints. */
struct flags_place {
    const char *program;         /* "quantumctl" */
    const char *command;         /* "feed" */
    const struct options *front; /* what is taken in front of the command alone */
};

/* Sets the options and appends the other words, which point into argv; the caller frees the list.
 */
void flags_read(struct options *options, const struct flags_place *place, int argc, char **argv,
                struct names *words, struct complaints *complaints);
