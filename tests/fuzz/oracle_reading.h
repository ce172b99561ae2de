/* SPDX-License-Identifier: MIT */
/*
 * An entry as the contract says that it is read: its bounds, its document by way of jansson, its
 * values, and which way it points. What signals and intents have in common; oracle_signal.h goes on
 * from here.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "common/base/entry.h"
#include "common/trade/rule.h"

struct reading {
    const struct entry *entry;
    json_t *document; /* NULL: the entry's own fields are looked at */
};

/* A text of the entry becomes JSON bytes without asking for UTF-8. */
struct text {
    const char *bytes; /* NULL: it is no text */
    size_t length;
};

/* On RULE_NONE the caller owes reading_close(). `broken`: the document is no JSON. */
enum rule reading_open(const struct entry *entry, struct reading *ret_reading, bool *ret_broken);
void reading_close(struct reading *reading);

const struct entry_field *reading_field(const struct entry *entry, const char *name);
struct text reading_beside(const struct reading *reading, const char *name);
struct text reading_text(const struct reading *reading, const char *name);
bool reading_has(const struct reading *reading, const char *name);
bool reading_is_null(const struct reading *reading, const char *name);
bool reading_number(const struct reading *reading, const char *name, double *ret_number);

/* "BUY", "SELL", "HOLD", "CLOSE"; NULL: nothing that counts. */
const char *reading_side(const struct reading *reading);

struct text text_trimmed(struct text text);
char text_upper(char c);
bool text_says(struct text text, const char *word);
