/* SPDX-License-Identifier: MIT */
/*
 * The text of the settings that a decision depended on, read back: the options' own parser over the
 * defaults. Who reads records keeps one for each digest, until decisive_settings_release().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/options/options.h"
#include "router/decide/again.h"
#include "router/settings/settings.h"

#define DECISIVE_WHY_MAX 256

struct decisive_settings {
    struct router_settings settings;
    struct options options;
    struct again_rules rules;
};

/* False: it is not the text of this digest, or says what this program does not know; `ret_why` says
 * which. What an older program did not write yet has its default. */
bool decisive_read(const char *text, size_t length, const char *digest,
                   struct decisive_settings *ret_settings, char ret_why[static DECISIVE_WHY_MAX]);

/* The same of settings as they are now. */
struct again_rules decisive_rules(const struct router_settings *settings);

void decisive_settings_release(struct decisive_settings *settings);
