/* SPDX-License-Identifier: MIT */
/*
 * The settings that a decision depends on, as a text: "name = value", a line each, in the table's
 * order, in the form in which the options are read back. A record names it by its SHA-256. Who
 * commits makes both whenever the settings change. The rows of the options table say which they
 * are. Pure.
 */
#pragma once

#include "common/base/sha256.h"
#include "router/settings/settings.h"

struct decisive {
    char *text; /* owned */
    char digest[SHA256_TEXT_MAX];
};

/* The caller owes decisive_release(). */
void decisive_make(const struct router_settings *settings, struct decisive *ret_decisive);
void decisive_release(struct decisive *decisive);
