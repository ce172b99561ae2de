/* SPDX-License-Identifier: MIT */
/*
 * What the fuzz targets share: the function that libFuzzer calls with each input, a claim that ends
 * the process with its place when it is wrong, and an input as a file. Used by tests/fuzz alone.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#define MUST(claim)                                                                                \
    do {                                                                                           \
        if (!(claim)) {                                                                            \
            (void)fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #claim);              \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* A file that holds these bytes, until the next call; lives in memory only. */
const char *input_file(const void *bytes, size_t length);
