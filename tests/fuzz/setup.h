/* SPDX-License-Identifier: MIT */
/*
 * The router's settings in a play: what a play begins with, and what its acts make of them. The
 * caller owns it; setup_put_away() is for what was laid out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "router/settings/settings.h"

/* Ends an act of a play; one that changes an option begins with 'o'. */
enum { ACT_END = 0x1e };

struct setup {
    struct router_settings settings;
    struct options options;
};

void setup_lay_out(struct setup *setup);

/* One that is not laid out is left alone. */
void setup_put_away(struct setup *setup);

/* Takes what an act says; an option beyond the table is none. */
void setup_change(struct setup *setup, const char *text, size_t length);

/* Whether all is accepted; then the rest is worked out, too. */
bool setup_is_accepted(struct setup *setup);

/* Lays it out, with the options that stand before all other acts; defaults, where these are not
 * accepted. Returns where they end. */
size_t setup_begin(struct setup *setup, const char *bytes, size_t length);
