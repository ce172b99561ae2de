/* SPDX-License-Identifier: MIT */
/*
 * SIGHUP: the configuration read again, told, and handed to the service, which goes over to it when
 * it likes.
 *
 * It keeps the options that are running, because the next reload is compared with them. What was
 * there at the start stays for the life of the program: keys and addresses are not reloaded, and
 * others hold on to them. Embedded in the daemon.
 */
#pragma once

#include "common/options/program.h"

struct configuration;

/* What a program's configuration is made of. */
struct reload_source {
    const struct program *program;
    const struct option_table *table;
    size_t settings_size;
    void (*release)(void *settings); /* what the settings own beside the options */
    const char *when;                /* "at the next window": when a change takes effect */
};

struct reload {
    const struct reload_source *source;
    const struct options *first;   /* as the program started */
    struct configuration *running; /* since a reload; NULL: still the first */
};

/* The new settings, or NULL when the file is refused and all stays as it is; either way it has said
 * so. They live until the next call, or reload_deinit(). */
const void *reload_read(struct reload *reload);

void reload_deinit(struct reload *reload);
