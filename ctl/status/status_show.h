/* SPDX-License-Identifier: MIT */
/*
 * The status as a person reads it: drawn from the document, so that a saved one shows the same.
 */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "ctl/frame/terminal.h"

void status_show(json_t *document, FILE *out, const struct terminal *terminal);

/* A name without the common prefix, for narrow tables. */
const char *status_short_name(json_t *document, const char *name);
