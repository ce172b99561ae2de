/* SPDX-License-Identifier: MIT */
/*
 * Reading the configuration again while the program runs: what the file changed, and what of it can
 * take effect. Used by program_reload(), whose caller tells the changes.
 *
 * Two options of one table are needed: those that run, and fresh ones that have just read the file.
 * The environment and the flags are taken over from the running ones; they cannot change.
 */
#pragma once

#include <stddef.h>

#include "common/options/options.h"

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

/* Takes the values over that the running options have from the environment and from flags. */
void options_inherit(struct options *fresh, const struct options *running);

/* What the fresh options, before options_keep(), have different. */
void options_compare(const struct options *running, const struct options *fresh,
                     struct option_changes *ret_changes);

/* Goes back to the running values where a change needs a restart, and to the values as they were
 * given where a check has filled in more. */
void options_keep(struct options *fresh, const struct options *running);

/* "capacity.max_open = 12 (was 10), router.conf:3": one line for a log; the caller frees it. */
char *option_change_text(const struct option_change *change);

void option_changes_free(struct option_changes *changes);
