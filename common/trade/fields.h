/* SPDX-License-Identifier: MIT */
/*
 * The fields of an entry, whichever of the three wire forms it has: a JSON object in `payload`, one
 * in `data`, or flat.
 *
 * fields_check() tells whether the entry keeps the bounds that protect the reader; ask it before
 * fields_open(). A `struct value` points into the fields it came from and lives as long as they do.
 * Pure.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/trade/entry.h"
#include "common/trade/rule.h"

enum value_kind {
    VALUE_ABSENT,
    VALUE_NULL,
    VALUE_TEXT,
    VALUE_NUMBER,
    VALUE_BOOL,
    VALUE_OTHER,
};

struct value {
    enum value_kind kind;
    const char *bytes; /* TEXT */
    size_t length;     /* TEXT */
    double number;     /* NUMBER */
    bool truth;        /* BOOL */
    json_t *json;      /* what it was read from; NULL in flat form */
};

struct fields {
    const struct entry *entry;
    json_t *object; /* NULL: flat */
};

/* The bounds of names, values, their number, and how deep a document is nested. */
enum rule fields_check(const struct entry *entry) __attribute__((warn_unused_result));

/* The field that holds the entry's document; NULL in flat form. */
const struct entry_field *fields_document(const struct entry *entry);

/* RULE_NONE, or what is wrong with the document; on RULE_NONE the caller owes fields_close(). */
enum rule fields_open(const struct entry *entry, struct fields *ret_fields)
    __attribute__((warn_unused_result));
void fields_close(struct fields *fields);

/* A field of the document. */
struct value fields_get(const struct fields *fields, const char *name);

/* A field of the entry itself, beside the document. */
struct value fields_beside(const struct fields *fields, const char *name);

/* A JSON number, or text that reads as one. */
bool value_number(const struct value *value, double *ret_number);

/* Cuts ASCII white space off both ends of a text. */
struct value value_trim(struct value text);

/* Whether a text is this word, in any case. */
bool value_is_word(const struct value *text, const char *word);
