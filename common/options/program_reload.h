/* SPDX-License-Identifier: MIT */
/*
 * The configuration read again, on SIGHUP.
 *
 * The file is the one that program_start() read, or the usual one if it has appeared since; the
 * environment, the files of --env-file and the flags count as they did at the start. The result is
 * a second set of options with a settings struct of its own: the running one is not touched, and
 * the caller goes over to the new one when it likes, or drops it.
 */
#pragma once

#include "common/options/options_reload.h"
#include "common/options/program.h"

/* Reads into `fresh`, which options_init() has just filled with defaults, over a settings struct
 * that the program's check may be called on. Returns 0 when `fresh` can run: what may change has
 * changed, what needs a restart is as it was, and the check has worked out the rest. Negative: the
 * complaints say why not, and `fresh` is only to be released. The caller frees the changes. */
int program_reload(const struct program *program, const struct options *running,
                   struct options *fresh, struct complaints *complaints,
                   struct option_changes *ret_changes) __attribute__((warn_unused_result));
