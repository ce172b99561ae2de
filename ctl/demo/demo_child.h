/* SPDX-License-Identifier: MIT */
/*
 * A process that never outlives this one: it is killed when the caller dies, whatever of.
 *
 * It runs in a session of its own, so that a Ctrl-C or a closed terminal reaches it only through
 * the caller, with nothing open but its output. Embedded; demo_child_end() before it goes.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct demo_child {
    pid_t pid; /* 0: not started */
    bool is_over;
    int status; /* as waitpid() has it */
};

/* `output` gets stdout and stderr. Negative errno when it cannot be started. */
int demo_child_start(struct demo_child *child, const char *path, char *const *words,
                     char *const *environment, int output) __attribute__((warn_unused_result));

/* Runs, as far as is known. */
bool demo_child_runs(struct demo_child *child);

void demo_child_signal(const struct demo_child *child, int number);

/* Kills it if it still runs, and waits for it. */
void demo_child_end(struct demo_child *child);

/* "ended with status 2", "was killed by signal 9"; the caller frees it. */
char *demo_child_fate(const struct demo_child *child);
