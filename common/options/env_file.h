/* SPDX-License-Identifier: MIT */
/*
 * Files of variables as systemd reads them for EnvironmentFile= (systemd.exec(5), version 252), so
 * that a program started by hand sees what its unit sees.
 *
 * Their variables count more than the process' own environment, as they count more than
 * Environment= in a unit; of two files that set the same variable the later one counts. Stricter
 * than systemd in one way: a line that it would leave out with a warning, or without one, is a
 * complaint here. Wildcards in the path are left to the shell.
 */
#pragma once

#include <stddef.h>

#include "common/options/complaints.h"
#include "common/options/options.h"

struct env_variable {
    char *name;
    char *value;
    char *place; /* "/etc/quantum/env:3 (MAX_OPEN_ORDERS)" */
};

/* What was read from any number of files; {0} is none. */
struct env_files {
    struct env_variable *list;
    size_t count;
};

/* Adds a file's variables. A '-' in front of the path lets the file be missing. */
void env_files_read(struct env_files *files, const char *path, struct complaints *complaints);

/* The same with the usual file: where it is missing, or may not be read, that is no complaint. */
void env_files_read_usual(struct env_files *files, const char *path, struct complaints *complaints);

/* NULL when no file sets it. */
const struct env_variable *env_files_find(const struct env_files *files, const char *name);

/* The files' variable, or else that of the environment. */
struct variable_source env_files_source(const struct env_files *files);

/* The files' variables alone. */
struct variable_source env_files_alone(const struct env_files *files);

void env_files_free(struct env_files *files);
