/* SPDX-License-Identifier: MIT */
/*
 * The router's window as its page tells it, with what would become of its best if it were over now.
 */
#pragma once

#include <jansson.h>

#include "router/settings/settings.h"

/* The router's document with a "fate_now" in each of the best, or "why" alone: there is none.
 * `status` is the document of one reading; a new reference. */
json_t *web_window_read(const struct router_settings *settings, json_t *status);

/* "why" alone: no router answers, and it is not asked again. */
json_t *web_window_none(const struct router_settings *settings);
