/* SPDX-License-Identifier: MIT */
/*
 * What another policy would have chosen in a recorded window: --with=FILE, a router's
 * configuration.
 *
 * Each window is decided as replay and report --with decide it: as it was recorded. What the other
 * policy would have done to the open orders after it is not followed, and what records do not know
 * of it is told in place of a choice. Belongs to the thread that looks.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "ctl/past/record_again.h"
#include "ctl/what_if/variants.h"

struct web_with {
    const char *file; /* empty: there is no other policy */
    struct variants variants;
    struct record_rules rules;      /* of the records' own time */
    struct recorded recorded;       /* the record that is looked at */
    char settings[SHA256_TEXT_MAX]; /* that it was made for; empty: for none */
    char why[VARIANT_WHY_MAX];      /* it cannot be told for these; empty: it can */
};

/* The file was checked. The caller owes web_with_release(). */
void web_with_read(struct web_with *with, const char *file);
void web_with_release(struct web_with *with);

/* The source has the settings of records. "chosen" and whether it is the "same" as was published,
 * or "why" it cannot be told. A new reference; null without another policy. */
json_t *web_with_json(struct web_with *with, struct records *source, const struct entry *entry);
