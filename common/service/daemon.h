/* SPDX-License-Identifier: MIT */
/*
 * A service as the machine sees it, from main() to the exit status: the command line, the loop, the
 * signals that stop it, SIGHUP that reads the configuration again.
 *
 * A service describes itself to daemon_main(), which calls it back on the one loop.
 */
#pragma once

#include <stddef.h>
#include <uv.h>

#include "common/options/program.h"

struct daemon_service {
    struct program program;
    const struct option_table *table;
    size_t settings_size;            /* of the struct that the table fills, and `check` completes */
    void (*release)(void *settings); /* what the settings own beside the options */
    const char *when;                /* "at the next window": when a reload takes effect */

    /* What a switch asks for in place of the service: an exit status, or negative for none. May be
     * NULL. */
    int (*instead)(const void *settings);
    /* Lets the log speak as it is set, and introduces the service. */
    void (*introduce)(const void *settings, const char *config_path);
    /* The settings are the service's to change, and live until ended(). */
    void (*start)(uv_loop_t *loop, void *settings);
    /* SIGTERM or SIGINT, once: the next one finds no handler and ends the process at once; what is
     * on its way then settles at the next start. Once all is closed, the loop is to be stopped. */
    void (*stop)(void);
    void (*reloading)(void);
    /* `fresh` are settings that live until the next reload; NULL: they were refused. */
    void (*reload)(const void *fresh);
    /* The loop has run empty. */
    void (*ended)(void);
};

/* All of main(). */
int daemon_main(const struct daemon_service *service, int argc, char **argv);
