/* SPDX-License-Identifier: MIT */
/*
 * A count with its noun, as people write it: "1 entry", "2 entries". Pure.
 */
#pragma once

struct counted {
    char text[64];
};

/* In the arguments of a call, counted(…).text lives until the call is over. */
struct counted counted(long long count, const char *one, const char *many);
