/* SPDX-License-Identifier: MIT */
/*
 * Settings by chance: some options get an end of their range, a value beside it, or any other. What
 * the table refuses is left as it was; whether all together is accepted, the program's check says.
 * Texts and names stay what they are. The caller brings the source of chance.
 */
#pragma once

#include <stddef.h>

#include "common/options/options.h"

/* From 0 to `count` - 1. */
typedef size_t settings_draw_fn(size_t count);

/* Gives this option a value. */
void settings_chance_at(struct options *options, size_t index, settings_draw_fn *draw);

/* Gives one, some or all options a value. */
void settings_chance(struct options *options, settings_draw_fn *draw);
