/* SPDX-License-Identifier: MIT */
/*
 * A row of the options table and one value of it: read from text, checked, stored in its slot,
 * printed, freed.
 *
 * A slot is the member of the settings struct that a row points to. Every source brings its values
 * through the option_take_… functions, which either store a good one and return true, or complain,
 * leave the slot as it was and return false. Programs lay out rows; the rest is for those who read
 * and print them, beside this file.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/options/complaints.h"

enum option_type {
    OPTION_INT,    /* int64_t */
    OPTION_REAL,   /* double */
    OPTION_BOOL,   /* bool */
    OPTION_TEXT,   /* char *, never NULL */
    OPTION_CHOICE, /* int, the index into `choices` */
    OPTION_NAMES,  /* struct names: in the file a list of strings, elsewhere separated by commas */
};

struct names {
    char **list;
    size_t count;
};

struct option_row {
    const char *key; /* its place in the file, and its flag: "capacity.max_open" */
    const char *env; /* variables by falling priority, separated by blanks; NULL: none */
    enum option_type type;
    size_t offset;   /* of the value in the group's struct */
    double min, max; /* INT, REAL: inclusive range, an infinity is no bound; TEXT: `max` bytes at
                        most, 0: 4096; NAMES: `max` names at most, 0: any number */
    const char *fallback;       /* the default, as one would type it */
    const char *const *choices; /* CHOICE: NULL-terminated */
    const char *help;           /* one line, no full stop */
    /* What its value is called in --help, "STREAM", which completion goes by; NULL: as its type. */
    const char *takes;
    const char *alone; /* what a command's flag means without a value; NULL: it needs one */
    bool reloadable;   /* takes effect on SIGHUP */
    bool decides;      /* what the program decides depends on it */
    bool secret;       /* printed as ******** (a URL: only its password) */
    bool empty_counts; /* an empty variable is a value, not "not set" */
};

struct option_target {
    const struct option_row *row;
    void *slot;
    const char *place; /* for complaints: "router.conf:3", "MAX_OPEN_ORDERS" */
    struct complaints *complaints;
};

bool option_take_integer(const struct option_target *target, int64_t value);
bool option_take_real(const struct option_target *target, double value);
bool option_take_bool(const struct option_target *target, bool value);
bool option_take_string(const struct option_target *target, const char *text);
bool option_take_choice(const struct option_target *target, const char *word);

/* Takes the list over, also when it is refused. */
bool option_take_names(const struct option_target *target, struct names names);

/* From the text form of any type, as a variable, a flag or a default has it. */
bool option_take_text(const struct option_target *target, const char *text);

/* What the row takes: "an integer (1 to 1000000)". The caller frees it. */
char *option_allowed(const struct option_row *row);

/* The range alone: "1 to 1000000", "at most 8 names"; NULL when the row has none. The caller frees
 * it. */
char *option_range(const struct option_row *row);

/* Complains "place: key = 'text' is not …", and hides the text of a secret. */
void option_complain_wrong(const struct option_target *target, const char *text);

/* The value as one would type it, secrets in full; option_take_text() makes the same value of it.
 * The caller frees it. */
char *option_text(const struct option_row *row, const void *slot);

/* Such a text with its secret masked. The caller frees it. */
char *option_mask(const struct option_row *row, const char *text);

/* The value as one would type it, secrets masked. The caller frees it. */
char *option_print(const struct option_row *row, const void *slot);

/* A text of a row as the configuration file writes it: "a\"b" in quotes, [ "a", "b" ], 5000000000L.
 * The caller frees it. */
char *option_literal(const struct option_row *row, const char *text);

/* Frees the old text and puts a copy of the new one there. */
void option_text_replace(char **text, const char *replacement);

/* Zeroes a slot that nothing was stored in yet. */
void option_slot_init(const struct option_row *row, void *slot);

/* Frees what the slot owns and zeroes it. */
void option_slot_release(const struct option_row *row, void *slot);

/* Blanks around the name are no part of it. */
void names_add(struct names *names, const char *name, size_t length);
void names_free(struct names *names);

bool names_has(const struct names *names, const char *name);

/* All of them with this text in between; the caller frees it. */
char *names_join(const struct names *names, const char *between);

/* Makes it a copy of the other, in memory of its own. */
void names_assign(struct names *names, const struct names *from);
