/* SPDX-License-Identifier: MIT */
/*
 * Plain documents: JSON objects that need no parser. Nearly every signal is one: an object of short
 * texts and numbers, nothing nested, nothing escaped.
 *
 * plain_read() finds its members in one pass and without memory of its own. It is strict: what it
 * takes, jansson takes too and reads the same, but for the words of number_words.h; whatever is
 * unusual it leaves to jansson. A member
 * points into the text and lives as long. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLAIN_MEMBERS_MAX 32

enum plain_kind { PLAIN_TEXT, PLAIN_NUMBER, PLAIN_TRUE, PLAIN_FALSE, PLAIN_NULL, PLAIN_WORD };

struct plain_member {
    const char *name;
    const char *value; /* of a text, without its quotes */
    uint32_t name_length;
    uint32_t value_length;
    enum plain_kind kind;
};

struct plain {
    size_t count;
    uint64_t looks; /* a bit for each name that is there; some share theirs */
    struct plain_member members[PLAIN_MEMBERS_MAX];
};

/* False: ask jansson. The length is below 4 GiB. */
bool plain_read(const char *text, size_t length, struct plain *ret_plain);

/* The member of that name, or NULL. */
const struct plain_member *plain_find(const struct plain *plain, const char *name);
