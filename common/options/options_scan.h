/* SPDX-License-Identifier: MIT */
/*
 * Reads the text of a libconfig file before libconfig does, to find what libconfig 1.5 would
 * silently change: integers that do not fit, floats that are no finite numbers, a NUL in a string,
 * numbers that another version would read as others, a comment that swallows the rest of the file;
 * and includes, which would take line numbers somewhere else. It also finds what libconfig has no
 * words for: names with dots, as flags have them, and groups that are never closed. Used by
 * options_file.c alone.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/options/complaints.h"

struct options_scan {
    unsigned *bad_lines; /* holding a number or string that was complained about */
    size_t bad_count;
    bool readable;      /* false: what libconfig would make of the file is of no use */
    unsigned lines;     /* the end of the file is in this line */
    unsigned depth;     /* groups, lists and arrays that are open there */
    unsigned open_line; /* where the outermost of them begins */
    char open;          /* and with what */
};

void options_scan(const char *text, const char *path, struct complaints *complaints,
                  struct options_scan *ret_scan);

bool options_scan_is_bad(const struct options_scan *scan, unsigned line);

void options_scan_free(struct options_scan *scan);
