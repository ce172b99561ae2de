/* SPDX-License-Identifier: MIT */
/*
 * The policies that one call asks about: --set, --with and --sweep.
 */
#pragma once

#include "ctl/what_if/decide/what_if_book.h"
#include "ctl/what_if/variant.h"

struct what_if_values {
    struct names set;
    char *with;
    char *sweep;
    char *archive; /* a folder that may have raw signals; empty: Redis is read */
};

struct variants {
    struct variant list[WHAT_IF_VARIANTS_MAX];
    size_t count;
    struct router_settings settings; /* of the file; of others, to try values on */
    struct options options;
    bool has_raw; /* raw signals may be there */
};

bool variants_are_asked(const struct what_if_values *values);

/* Complains about what is wrong, if they are asked for at all. */
void variants_check(const struct what_if_values *values, struct complaints *complaints);

/* Complains about what is wrong. Either way the caller owes variants_release(); until then they are
 * not moved. */
void variants_read(struct variants *variants, const struct what_if_values *values,
                   struct complaints *complaints);
void variants_release(struct variants *variants);

/* Whether one of them needs raw signals with these settings. */
bool variants_are_approximate(const struct variants *variants);

/* Makes all of them for these settings. False: one cannot be; `ret_why` says which and why. */
bool variants_make(struct variants *variants, const struct router_settings *live,
                   char ret_why[static VARIANT_WHY_MAX]);
