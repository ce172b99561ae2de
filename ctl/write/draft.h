/* SPDX-License-Identifier: MIT */
/*
 * A signal on its way to the stream: names and values, and how they are written in each of the
 * three wire forms.
 *
 * It does not judge: what the router will refuse can be written as well. Names and texts are
 * borrowed and outlive the draft. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/redis/command.h"

enum draft_form { FORM_PAYLOAD, FORM_DATA, FORM_FLAT };

/* NULL-terminated, in that order: as --form takes them. */
extern const char *const draft_form_names[];

struct draft_field {
    const char *name;
    const char *text;
    bool is_beside; /* a field of the entry itself and not of the document */
    bool is_text;   /* never a number or a boolean, whatever it looks like */
};

struct draft {
    struct draft_field *fields;
    size_t count, room;
    bool is_torn; /* the document lacks its end, as when a writer died; flat: the last field */
};

/* A value of the document: a number or a boolean if it reads as one, else a text. The names that
 * stand beside a document go there, as texts. */
void draft_add(struct draft *draft, const char *name, const char *value);
void draft_add_text(struct draft *draft, const char *name, const char *text);

bool draft_has(const struct draft *draft, const char *name);

/* Forgets the fields and keeps the room. */
void draft_clear(struct draft *draft);
void draft_free(struct draft *draft);

/* Hands over the fields of the entry one by one. In a document all names and texts must be UTF-8.
 */
void draft_write(const struct draft *draft, enum draft_form form,
                 void (*write)(void *data, const char *name, const char *bytes, size_t length),
                 void *data);

/* The same, as arguments of an XADD. */
void draft_add_to(const struct draft *draft, enum draft_form form, struct command *command);
