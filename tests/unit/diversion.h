/* SPDX-License-Identifier: MIT */
/*
 * What a program under test prints and reads: a stream that goes to a file for a while, and files
 * that are written in one line. Unlike stderr_trap.h it takes any stream, and several at once.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

struct diversion {
    FILE *stream;
    FILE *file;
    int saved;
};

struct diversion diversion_begin(FILE *stream);

/* The stream goes where it went; what was printed meanwhile, as far as it fits. */
void diversion_end(struct diversion *diversion, char *ret_text, size_t room);

void write_file(const char *path, const char *text);
