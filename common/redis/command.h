/* SPDX-License-Identifier: MIT */
/*
 * A Redis command under construction, written as it goes over the wire: one buffer, however many
 * arguments. Belongs to its builder; command_free() when it was sent.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/stream_id.h"

struct command {
    char *bytes; /* room for the head, then the arguments */
    size_t length;
    size_t room;
    size_t count;
};

void command_add(struct command *command, const char *text);
void command_add_bytes(struct command *command, const char *bytes, size_t length);
void command_add_int(struct command *command, int64_t value);

/* An empty text where there is none. */
void command_add_int_if(struct command *command, bool is_there, int64_t value);

/* The shortest text that reads back as the same number. */
void command_add_number(struct command *command, double value);
void command_add_id(struct command *command, struct stream_id id);
void command_add_format(struct command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Several texts, up to a NULL. */
void command_add_all(struct command *command, ...) __attribute__((sentinel));

/* All arguments of another one, which keeps them. */
void command_add_command(struct command *command, const struct command *other);

/* The whole command, head included; valid until something is added. */
const char *command_wire(struct command *command, size_t *ret_length);

void command_free(struct command *command);
