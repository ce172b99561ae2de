/* SPDX-License-Identifier: MIT */
/*
 * Whether what was printed has reached stdout. A pipe whose reader has seen enough (`| head`) is no
 * trouble: nobody is left to whom it would matter.
 */
#pragma once

/* 0, also where the reader has left; or a negative errno. */
int output_finish(void) __attribute__((warn_unused_result));
