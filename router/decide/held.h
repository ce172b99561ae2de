/* SPDX-License-Identifier: MIT */
/*
 * What is held back: candidates that may have been published before, on a server whose last seconds
 * this one lacks. They stay pending, are looked at with every window, and go on when an operator
 * resumes, or out when they are stale. Owned by the cycle. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "router/decide/snapshot.h"
#include "router/decide/window.h"

/* Moves to `held` what is older, by its id or by its own timestamp, than the moment since when
 * nobody is sure; the snapshot's marks and cooldowns go on speaking of what stays. What is stale
 * stays, to be dropped; and where loss is known nothing is held, for nothing is published. */
void held_take(struct window *held, struct window *window, struct snapshot *snapshot,
               int64_t max_age_ms);
