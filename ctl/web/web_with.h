/* SPDX-License-Identifier: MIT */
/*
 * What another policy would have chosen in a recorded window: --with=FILE, a router's
 * configuration.
 *
 * Each window is taken as it was recorded: what the other policy would have done to the open orders
 * after it, with a lower gate or in windows of another length is not followed. Belongs to the
 * thread that looks.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "common/options/complaints.h"
#include "router/decide/again.h"
#include "router/settings/settings.h"

struct web_with {
    const char *file; /* empty: there is no other policy */
    struct router_settings settings;
    struct options options;
    struct again_rules rules;
    struct recorded recorded; /* the record that is looked at */
};

/* Complains about what is wrong with the file. Either way the caller owes web_with_release(). */
void web_with_read(struct web_with *with, const char *file, struct complaints *complaints);
void web_with_release(struct web_with *with);

/* "chosen" and whether it is the "same" as was published, or "why" it cannot be told. A new
 * reference; null without another policy. */
json_t *web_with_json(struct web_with *with, const struct entry *entry);
