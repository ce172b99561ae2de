/* SPDX-License-Identifier: MIT */
/*
 * What is printed: how much room there is for it, and whether it has reached stdout. A pipe whose
 * reader has seen enough (`| head`) is no trouble: nobody is left to whom it would matter.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

/* Of the terminal that it goes to; 0: it does not say, or is none. */
struct output_size {
    size_t columns, rows;
};
struct output_size output_size(FILE *out);

/* 0, also where the reader has left; or a negative errno. */
int output_finish(void) __attribute__((warn_unused_result));
