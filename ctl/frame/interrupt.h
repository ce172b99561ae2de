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

/* Sleeps so long at most, and never over 50 ms; a signal ends it earlier. One that came right
 * before the sleep is noticed after it. */
void interrupt_nap(uint64_t nap_ns);

/*
 * The keys of the terminal that a command runs on, one by one and without an echo.
 *
 * The terminal is as it was again when the keyboard is given back, when the process ends by
 * whatever can be caught, and while it is stopped. In the background nothing is touched. Ctrl-C and
 * the like stay what they are. One for the process, of the command that runs.
 */

/* Takes it where stdin is a terminal and the process in its foreground. */
void keyboard_take(void);

/* Whether one of these keys was pressed since it was asked last; never waits. Takes the keyboard
 * when the process has come to the foreground. */
bool keyboard_pressed(const char *keys);

/* Harmless when it was not taken; may be called by a signal's handler. */
void keyboard_give_back(void);
