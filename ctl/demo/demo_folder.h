/* SPDX-License-Identifier: MIT */
/*
 * The demo's temporary folder, and where programs and ports are found.
 *
 * Texts that are returned are the caller's to free.
 */
#pragma once

#include <stddef.h>

/* A new folder below $TMPDIR, or below /tmp where $TMPDIR is too long for the name of a socket or
 * would have to be quoted. NULL, with errno. */
char *demo_folder_new(void);

/* Removes the folder and everything in it. */
void demo_folder_remove(const char *folder);

/* A program on the PATH; NULL when it is not there. */
char *demo_program_on_path(const char *name);

/* A program beside the one that runs, or else on the PATH. */
char *demo_program_beside(const char *name);

/* A loopback port above 20000 that nobody listens on now; 0 when all are taken. */
unsigned demo_port_free(void);
