/* SPDX-License-Identifier: MIT */
/*
 * SIGHUP: the configuration read again, told, and handed to the router for its next window's edge.
 *
 * It keeps the options that are running, because the next reload is compared with them. What was
 * there at the start stays for the life of the program: keys and addresses are not reloaded, and
 * others hold on to them. Embedded in main.
 */
#pragma once

#include "common/base/program.h"
#include "router/settings.h"

struct configuration;

struct reload {
    const struct program *program;
    const struct options *first;   /* as the program started */
    struct configuration *running; /* since a reload; NULL: still the first */
};

/* The new settings, or NULL when the file is refused and all stays as it is; either way it has said
 * so. They live until the next call, or reload_deinit(). */
const struct router_settings *reload_read(struct reload *reload);

void reload_deinit(struct reload *reload);
