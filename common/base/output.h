/* SPDX-License-Identifier: MIT */
/*
 * What is printed: how much room there is for it, and whether it has reached stdout. A pipe whose
 * reader has seen enough (`| head`) is no trouble: nobody is left to whom it would matter.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

/* Before anything is opened: a standard stream that is closed would be given to the next
 * connection, and what is printed would go there. It is one of /dev/null that refuses to be used
 * instead. */
void output_hold_streams(void);

/* Of the terminal that it goes to; 0: it does not say, or is none. */
struct output_size {
    size_t columns, rows;
};
struct output_size output_size(FILE *out);

/* 0, also where the reader has left; or a negative errno. */
int output_finish(void) __attribute__((warn_unused_result));
