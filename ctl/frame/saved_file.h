/* SPDX-License-Identifier: MIT */
/*
 * A file that is written whole or not at all: beside its place first, then into it.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "ctl/frame/command.h"

/* `write` says whether it could. EXIT_FAILED: it is not written, which was told. */
int saved_file_write(const struct ctl_command *command, const char *path,
                     bool (*write)(FILE *out, const void *what), const void *what);
