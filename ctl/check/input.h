/* SPDX-License-Identifier: MIT */
/*
 * What check reads from a file or from stdin: JSON documents, one in each line, or one alone over
 * several lines, or a list of them. Each is handed on as it is written, whatever is wrong with it.
 * Bounded, and kept whole until the command has done with it.
 */
#pragma once

#include <stddef.h>

#include "ctl/frame/command.h"

/* "-" is stdin; the caller frees the text. NULL: it could not be read, which was told. */
char *input_read(const struct ctl_command *command, const char *path, size_t *ret_length);

/* A document and where it stands, "line 3" or "#3"; both live until the call is over. */
typedef void input_take_fn(void *owner, const char *place, const char *text, size_t length);

void input_split(const char *text, size_t length, input_take_fn *take, void *owner);
