/* SPDX-License-Identifier: MIT */
/*
 * Another policy for recorded windows: settings that differ from those of the time in what was
 * asked for, or are another file's. Says what records cannot know of it.
 */
#pragma once

#include "ctl/past/other_policy.h"
#include "router/settings/decisive_read.h"

enum { VARIANT_WHY_MAX = DECISIVE_WHY_MAX + 64 };

struct variant {
    char *name;                          /* "capacity.target_open=5", or the file; owned */
    struct names changes;                /* "capacity.target_open=5" each; owned */
    const struct router_settings *whole; /* those of the file; NULL: changes are made */

    /* For the settings of a time. */
    bool is_made;
    bool chooses;         /* who is in the window or how it ranks is not as it was */
    bool is_approximate;  /* with these it is beyond the records, and decided from raw signals */
    bool was_approximate; /* with these, or with those of another time */
    struct decisive_settings own;
};

/* Why an option is not to be changed, whatever the records say; NULL: it may be. */
const char *variant_key_problem(const char *key, bool has_raw);

/* Works it out from these. False: it cannot be, or is beyond what records know, and raw signals,
 * where there may be some; `ret_why` says why. */
bool variant_make(struct variant *variant, const struct router_settings *live, bool has_raw,
                  char ret_why[static VARIANT_WHY_MAX]);
void variant_release(struct variant *variant);

/* Decides the record by it; the caller owes plan_release(). Rows may stand in another order then.
 * False: what the window lost when it was full may have passed, and nobody knows. */
bool variant_decide(const struct variant *variant, struct recorded *recorded,
                    struct plan *ret_plan);
