/* SPDX-License-Identifier: MIT */
/*
 * Checks JSON documents against the schema of intents that is shipped as
 * config/trade-intent.schema.json and built in.
 *
 * It understands the keywords that this schema uses, and refuses to load one that uses others: what
 * is not understood must not pass. Heap memory, for the life of one command.
 */
#pragma once

#include <jansson.h>
#include <stddef.h>

/* config/trade-intent.schema.json, built into the program as text. */
extern const char trade_intent_schema[];

struct schema;

/* A field that breaks a rule: "rank", "minimum 1". The texts live until the call is over. */
typedef void schema_violation_fn(void *owner, const char *field, const char *rule);

/* NULL: the text is no schema, or uses a keyword that is not understood. */
struct schema *schema_load(const char *text);
void schema_free(struct schema *schema);

/* The schema of intents. */
struct schema *schema_of_intents(void);

/* Tells every violation; returns how many. */
size_t schema_check(const struct schema *schema, const json_t *document,
                    schema_violation_fn *violation, void *owner);
