/* SPDX-License-Identifier: MIT */
/*
 * Ctrl-C, SIGTERM and SIGHUP as a wish: what runs long asks for it between two steps, and ends with
 * its report. The second one ends the process. One for the process, of the command that runs.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

void interrupt_watch(void);
bool interrupt_is_asked(void);

/* Sleeps so long at most: shorter when one comes, or by the 50 ms after which one that came right
 * before is noticed too. */
void interrupt_nap(uint64_t nap_ns);
