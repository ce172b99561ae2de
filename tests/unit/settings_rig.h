/* SPDX-License-Identifier: MIT */
/*
 * A program's options, set one by one and checked against each other, as tests of its settings do.
 * There is one at a time; the settings are the test's.
 */
#pragma once

#include <stddef.h>

#include "common/options/options.h"
#include "router/settings/settings.h"

typedef void settings_check_fn(struct options *options, struct complaints *complaints);

void settings_rig_begin(const struct option_table *table, void *settings, settings_check_fn *check);
void settings_rig_end(void);

/* The router's, from their defaults. */
void settings_rig_begin_router(struct router_settings *settings);
void settings_rig_end_router(struct router_settings *settings);

/* As if it stood in a file. */
void settings_rig_set(const char *key, const char *text);

/* They are accepted. */
void settings_rig_check(void);

/* They are refused, for so many reasons; the first is this one, unless it is NULL. */
void settings_rig_refuse(size_t count, const char *first);
