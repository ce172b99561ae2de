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

#include "common/options/program.h"

enum option_fate {
    CHANGE_APPLIED,       /* in force with the fresh options */
    CHANGE_NEEDS_RESTART, /* the old value stays until then, and the change is named each time */
    CHANGE_HIDDEN,        /* a variable or a flag counts more; named once */
};

struct option_change {
    const struct option_row *row;
    enum option_fate fate;
    char *before; /* what counts up to now, secrets masked */
    char *after;  /* what the file says, or the default when it says nothing any more */
    char *place;  /* where `after` stands; HIDDEN: what hides it */
};

struct option_changes {
    struct option_change *list; /* in table order */
    size_t count;
};

/* Reads into `fresh`, which options_init() has just filled with defaults, over a settings struct
 * that the program's check may be called on. Returns 0 when `fresh` can run: what may change has
 * changed, what needs a restart is as it was, and the check has worked out the rest. Negative: the
 * complaints say why not, and `fresh` is only to be released. The caller frees the changes. */
int program_reload(const struct program *program, const struct options *running,
                   struct options *fresh, struct complaints *complaints,
                   struct option_changes *ret_changes) __attribute__((warn_unused_result));

/* Goes back to the running values where a change needs a restart, and to the values as they were
 * given where a check has filled in more. */
void options_keep(struct options *fresh, const struct options *running);

/* "capacity.max_open = 12 (was 10), router.conf:3": one line for a log; the caller frees it. */
char *option_change_text(const struct option_change *change);

void option_changes_free(struct option_changes *changes);
