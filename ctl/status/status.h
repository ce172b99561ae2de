/* SPDX-License-Identifier: MIT */
/*
 * quantumctl status: what both services do and what is in Redis, with a verdict.
 */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "ctl/frame/command.h"
#include "ctl/frame/terminal.h"

extern const struct ctl_command status_command;

/*
 * The status as a person reads it: drawn from the document, so that a saved one shows the same.
 */

void status_show(json_t *document, FILE *out, const struct terminal *terminal);

/* A name without the common prefix, for narrow tables. */
const char *status_short_name(json_t *document, const char *name);
