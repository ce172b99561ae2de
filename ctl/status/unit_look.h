/* SPDX-License-Identifier: MIT */
/*
 * What systemd says of a unit, where there is a systemd: asked with systemctl show, which needs no
 * rights.
 */
#pragma once

#include <stdbool.h>

struct unit_look {
    bool is_installed;
    char load[32];   /* "loaded", "masked", "bad-setting", … */
    char active[32]; /* "active", "inactive", "failed", … */
    char sub[32];    /* "running", "dead", … */
};

/* False: there is no systemd here, or it does not answer. */
bool unit_look(const char *unit, struct unit_look *ret_look);
