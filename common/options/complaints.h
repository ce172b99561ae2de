/* SPDX-License-Identifier: MIT */
/*
 * What is wrong with an input, one line each: collected where it is found, printed once by the
 * program.
 *
 * Each line says what, where and what to do, and is complete in itself. Text from outside is
 * escaped when it is added. The list belongs to the caller; complaints_free() empties it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct complaints {
    char **lines;
    size_t count;
};

void complain(struct complaints *list, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Writes "program: line" for each to stderr. */
void complaints_print(const struct complaints *list, const char *program);

void complaints_free(struct complaints *list);
