/* SPDX-License-Identifier: MIT */
/*
 * The proof that documents keep the rules: it takes them one by one, tells every violation, and in
 * the end whether all passed. Nothing to check proves nothing. On the stack of one command.
 */
#pragma once

#include <jansson.h>
#include <stddef.h>

#include "common/base/entry.h"
#include "ctl/check/check.h"
#include "ctl/check/schema.h"
#include "ctl/frame/sheet.h"

struct proof {
    const struct ctl_command *command;
    struct schema *schema;
    struct sheet sheet;
    json_t *violations;
    json_t *readings; /* of intents with a violation: what the executor would make of them */
    size_t checked;
    size_t broken;      /* of these, with a violation */
    const char *place;  /* of the one that is looked at */
    const char *reader; /* of them: "the executor" */
};

/* `reader` lives as long. */
void proof_open(struct proof *proof, const struct ctl_command *command, const char *reader);
void proof_close(struct proof *proof);

/* An intent, as an entry of its stream, and where it stands. */
void proof_take_intent(struct proof *proof, const char *place, const struct entry *entry);

/* What is checked without a schema: what it breaks, or NULL for nothing. */
void proof_violate(struct proof *proof, const char *place, const char *field, const char *rule);

/* Prints them, and the verdict; the exit status. */
int proof_conclude(const struct proof *proof, const struct check_values *values);
