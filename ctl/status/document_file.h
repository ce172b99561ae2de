/* SPDX-License-Identifier: MIT */
/*
 * JSON documents in files, whole or not at all.
 */
#pragma once

#include <jansson.h>

#include "ctl/frame/command.h"

/* Beside the file first, then in its place. EXIT_FAILED: it could not be written, which was told.
 */
int document_save(const struct ctl_command *command, const char *path, const json_t *document);

/* NULL: there is no such document, which was told. */
json_t *document_read(const struct ctl_command *command, const char *path);
