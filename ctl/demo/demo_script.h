/* SPDX-License-Identifier: MIT */
/*
 * The walk of the demo: what is set in Redis and when the executor comes, so that every state of
 * the router is seen, and how the loop closes.
 *
 * Each step has a share of the time. The window is a second long, or shorter when the shortest step
 * would not hold two of them. Pure.
 */
#pragma once

#include <stddef.h>

enum { DEMO_ACTIONS_MAX = 2 };

struct demo_step {
    unsigned share;
    const char *actions[DEMO_ACTIONS_MAX]; /* "redis-cli …", which is done so, or the executor */
    const char *meaning;
};

/* The steps in order; NULL behind the last one. */
const struct demo_step *demo_script_step(size_t index);

/* When a step begins, in seconds from the start; behind the last one: when the walk is over. */
double demo_script_begin(size_t index, double walk_seconds);

/* Seconds, a multiple of a twentieth. */
double demo_script_window(double walk_seconds);

/* How long a position on paper is held, in seconds: long enough for super-signals to fill more
 * places than the target has, and short enough for all to be free again before the end. */
double demo_script_hold(double window_seconds);
