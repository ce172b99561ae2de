/* SPDX-License-Identifier: MIT */
/*
 * What --json prints: one document of version 1 ("v") for each command, but for compare and drain,
 * whose shapes are their own; numbers as numbers, null for what is not known, ids as texts.
 * Members are called as those of quantumctl status. The builders return a new reference, the
 * printer takes one over.
 */
#pragma once

#include <jansson.h>

#include "common/base/stream_id.h"
#include "ctl/frame/command.h"

#define DOCUMENT_ROW(at)                                                                           \
    {                                                                                              \
        .key = "json", .type = OPTION_BOOL, .offset = (at), .fallback = "false", .alone = "true",  \
        .help = "print a JSON document"                                                            \
    }

/* How each of them is written: in ASCII alone, so that no text from outside works on a terminal. */
#define DOCUMENT_STYLE (JSON_ENSURE_ASCII | JSON_REAL_PRECISION(15))

/* {"v": 1}, to be filled. */
json_t *document_new(void);

/* Takes the value over. */
void document_put(json_t *object, const char *name, json_t *value);

/* Null when it is negative. */
json_t *document_known(int64_t value);
json_t *document_id(struct stream_id id);

/* As it came where it is UTF-8, escaped where it is not. */
json_t *document_text(const char *bytes, size_t length);

/* The exit status, as that of command_done(). */
int document_print(const struct ctl_command *command, json_t *document);

/* --- documents in files, whole or not at all */

/* Beside the file first, then in its place. EXIT_FAILED: it could not be written, which was told.
 */
int document_save(const struct ctl_command *command, const char *path, const json_t *document);

/* NULL: there is no such document, which was told. */
json_t *document_read(const struct ctl_command *command, const char *path);
