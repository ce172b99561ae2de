/* SPDX-License-Identifier: MIT */
#include "ctl/demo/demo_script.h"

#include <math.h>

#define WINDOW_SEC_MAX   1.0
#define WINDOWS_PER_STEP 2.5 /* the odd half is for windows that began in the step before */
#define WINDOWS_A_SECOND 20.0
#define WINDOWS_HELD     4.5

/* By their usual names, as the demo runs with the usual prefix. */
#define OPEN_ORDERS "quantum:state:open_orders"
#define SAFE_MODE   "quantum:safety:safe_mode"

static const struct demo_step steps[] = {
    {4, {"redis-cli DEL " OPEN_ORDERS}, "open orders unknown: nothing passes"},
    {4, {"redis-cli SET " OPEN_ORDERS " 10"}, "full: nothing passes"},
    {12,
     {"redis-cli DEL " OPEN_ORDERS, "quantum-executor --config=quantum-executor.conf, on paper"},
     "the loop closes: open orders rise to the target and fall as they close"},
    {4,
     {"redis-cli SET " SAFE_MODE " 1"},
     "safe mode: nothing passes; positions close all the same"},
    {6, {"redis-cli DEL " SAFE_MODE}, "released: they rise again"},
};

enum { STEPS = sizeof steps / sizeof *steps };

const struct demo_step *demo_script_step(size_t index)
{
    return index < STEPS ? &steps[index] : NULL;
}

static unsigned shares_before(size_t index)
{
    unsigned sum = 0;

    for (size_t i = 0; i < index && i < STEPS; i++)
        sum += steps[i].share;
    return sum;
}

double demo_script_begin(size_t index, double walk_seconds)
{
    return walk_seconds * shares_before(index) / shares_before(STEPS);
}

double demo_script_window(double walk_seconds)
{
    double shortest = walk_seconds;

    for (size_t i = 0; i < STEPS; i++)
        shortest = fmin(shortest, walk_seconds * steps[i].share / shares_before(STEPS));
    double window = floor(shortest / WINDOWS_PER_STEP * WINDOWS_A_SECOND) / WINDOWS_A_SECOND;
    return fmax(fmin(window, WINDOW_SEC_MAX), 1 / WINDOWS_A_SECOND);
}

double demo_script_hold(double window_seconds)
{
    return window_seconds * WINDOWS_HELD;
}
