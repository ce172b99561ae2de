/* SPDX-License-Identifier: MIT */
/*
 * The proof that documents keep the rules: it takes them one by one, tells every violation, and in
 * the end whether all passed. Nothing to check proves nothing. On the stack of one command.
 */
#pragma once

#include <jansson.h>
#include <stddef.h>

#include "ctl/check/check.h"
#include "ctl/check/schema.h"
#include "ctl/frame/sheet.h"

struct proof {
    const struct ctl_command *command;
    struct schema *schema;
    struct sheet sheet;
    json_t *violations;
    size_t checked;
    size_t broken;      /* of these, with a violation */
    const char *place;  /* of the one that is looked at */
    const char *reader; /* of them: "the executor" */
};

/* `reader` lives as long. */
void proof_open(struct proof *proof, const struct ctl_command *command, const char *reader);
void proof_close(struct proof *proof);

/* A document, where it stands, and what stands there: NULL when it cannot be read, and then why. */
void proof_take(struct proof *proof, const char *place, const json_t *document,
                const char *why_not);

/* What is checked without a schema: what it breaks, or NULL for nothing. */
void proof_violate(struct proof *proof, const char *place, const char *field, const char *rule);

/* Prints them, and the verdict; the exit status. */
int proof_conclude(const struct proof *proof, const struct check_values *values);
