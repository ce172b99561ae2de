/* SPDX-License-Identifier: MIT */
/*
 * The fields of an entry, whichever of the three wire forms it has: a JSON object in `payload`, one
 * in `data`, or flat.
 *
 * fields_open() does it all. In steps: fields_check() tells whether the entry keeps the bounds of
 * names and values; ask it first. Then fields_open_plain() reads what is flat or a plain document,
 * at next to no cost; what it leaves goes to fields_parse(). A `struct value` points into the
 * fields it came from and lives as long as they do. Pure.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/base/entry.h"
#include "common/base/number.h"
#include "common/trade/plain.h"
#include "common/trade/rule.h"

/* A document is nested at most this deep; the outer object is the first level. */
#define FIELDS_DEPTH_MAX 8

enum value_kind {
    VALUE_ABSENT,
    VALUE_NULL,
    VALUE_TEXT,
    VALUE_NUMBER,
    VALUE_BOOL,
    VALUE_WORD, /* NaN, Infinity, -Infinity: no JSON, and some write it */
    VALUE_OTHER,
};

struct value {
    enum value_kind kind;
    const char *bytes; /* TEXT; and NUMBER as it is written, when no parser has read it */
    size_t length;     /* of these */
    bool truth;        /* BOOL */
    json_t *json;      /* what it was read from; NULL in flat form and in a plain document */
};

enum form { FIELDS_FLAT, FIELDS_PLAIN, FIELDS_PARSED };

struct fields {
    const struct entry *entry;
    enum form form;
    json_t *object;     /* PARSED; else NULL */
    struct plain plain; /* PLAIN */
};

/* RULE_NONE, or the first rule that is broken; on RULE_NONE the caller owes fields_close(). */
enum rule fields_open(const struct entry *entry, struct fields *ret_fields)
    __attribute__((warn_unused_result));

/* The bounds of names, values and their number. */
enum rule fields_check(const struct entry *entry) __attribute__((warn_unused_result));

/* The field that holds the entry's document; NULL in flat form. */
const struct entry_field *fields_document(const struct entry *entry);

/* False: there is a document, and not a plain one. On true the caller owes fields_close(). */
bool fields_open_plain(const struct entry *entry, struct fields *ret_fields)
    __attribute__((warn_unused_result));

/* RULE_NONE, or what is wrong with the document; on RULE_NONE the caller owes fields_close(). */
enum rule fields_parse(const struct entry *entry, struct fields *ret_fields)
    __attribute__((warn_unused_result));
void fields_close(struct fields *fields);

/* A field of the document. */
struct value fields_get(const struct fields *fields, const char *name);

/* A field of the entry itself, beside the document. */
struct value fields_beside(const struct fields *fields, const char *name);

/* A JSON number, or text that reads as one. */
bool value_number(const struct value *value, double *ret_number);

/* A number or a truth as JSON, for the caller to let go. */
json_t *value_json(const struct value *value);

/* A number as text: a whole one in digits, another in its shortest form. */
void value_print(const struct value *number, char ret_text[static NUMBER_TEXT_MAX]);

/* Cuts ASCII white space off both ends of a text. */
struct value value_trim(struct value text);

/* Whether a text is this word, in any case. */
bool value_is_word(const struct value *text, const char *word);

/* Whether a text, trimmed, is what producers write for nothing: it is empty, or "null" or "none" in
 * any case. */
bool value_is_nothing(const struct value *text);
