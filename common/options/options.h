/* SPDX-License-Identifier: MIT */
/*
 * The options table: what can be configured, what it may be, and where each value came from.
 *
 * A program lays its options out as groups of rows, its own and those of the modules it embeds.
 * File, environment and flags are read through this one table; --help and --check-config print it.
 * Values land in the program's own settings struct, at each row's offset; texts and name lists in
 * it belong to the options until options_release().
 *
 * Later sources win: defaults, then the file, then the environment, then flags. Every reader goes
 * on after an error, so that one run names them all.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/options/option_value.h"

struct option_group {
    const struct option_row *rows;
    size_t count;
    size_t base; /* where this group's struct lies in the program's settings */
};

struct option_table {
    const struct option_group *groups;
    size_t count;
};

/* A later one wins. The usual variables are those of a tool's own file, below the environment. */
enum option_source { FROM_DEFAULT, FROM_FILE, FROM_USUAL_VARIABLES, FROM_ENV, FROM_FLAG };

struct option_origin {
    enum option_source source;
    char *place; /* "/etc/quantum/router.conf:12", "MAX_OPEN_ORDERS", "--capacity.max_open"; NULL
                    for a default */
    char *text;  /* the value that was given there, secrets in full */
    char *file_text; /* what the file says, or else the default, also where another source wins */
    bool refused;    /* the last source that named the option gave a value that was refused */
};

struct options {
    const struct option_table *table;
    void *values;                  /* the program's settings struct */
    struct option_origin *origins; /* one per row, in table order */
    size_t row_count;
    char *file;        /* the configuration file that was read; NULL: none */
    bool file_unknown; /* what it says could not be found out */
    /* Which of them a program was refused for: a tool's usual variables, anything else. */
    bool usual_variables_wrong, rest_wrong;
};

/* What a variable holds and where it was set; both live as long as their source. */
struct variable {
    const char *text; /* NULL: it is not set */
    const char *place;
};

/* Where variables are looked up. */
struct variable_source {
    struct variable (*look_up)(const void *holder, const char *name);
    const void *holder;
};

/* Takes every default. The table must be sound: a default that its own row refuses is a bug and
 * asserted. */
void options_init(struct options *options, const struct option_table *table, void *values);

/* Frees texts, lists and origins; the struct may be used for options_init() again. */
void options_release(struct options *options);

/* Reads the variables that the table names, from the environment or from elsewhere. One with a
 * comment behind its value is refused, texts too: nobody strips it. */
void options_read_env(struct options *options, struct complaints *complaints);
void options_read_variables(struct options *options, const struct variable_source *source,
                            struct complaints *complaints);
void options_read_usual_variables(struct options *options, const struct variable_source *source,
                                  struct complaints *complaints);

/* One variable of the environment. */
struct variable environment_variable(const char *name);

/* Reads one flag by its key. Returns 1 when the table has no such key. */
int options_read_flag(struct options *options, const char *key, const char *text,
                      struct complaints *complaints);

/* Reads a value for a key from anywhere else; `place` says where. Returns 1 when the table has no
 * such key. */
int options_read_text(struct options *options, const char *key, enum option_source source,
                      const char *place, const char *text, struct complaints *complaints);

/* The origin of a key that the table has. */
const struct option_origin *options_origin(const struct options *options, const char *key);

/* Whether anybody set this key. */
bool options_is_set(const struct options *options, const char *key);

/* Whether the value of this key is the one that was meant: false when a source's value was refused,
 * or when it is a default only because the file could not be read. Others are not to be compared
 * with it. */
bool options_is_sound(const struct options *options, const char *key);

/* Complains about a value: names its key and place in front of the text. Silent about one that is
 * not sound, which was complained about already. */
void options_complain(const struct options *options, const char *key, struct complaints *complaints,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Complains about a value that contradicts others: `keys` are its own and theirs, ended by NULL.
 * Where nobody set it, the place is that of the first of them that somebody set. Silent when one of
 * them is not sound. */
void options_complain_between(const struct options *options, const char *const *keys,
                              struct complaints *complaints, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Such a list of keys. */
#define OPTION_KEYS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Walks the rows in table order; NULL at the end. */
const struct option_row *options_row(const struct options *options, size_t index,
                                     const struct option_origin **ret_origin);

/* The value of a row as one would type it, secrets masked; the caller frees it. */
char *options_value_text(const struct options *options, size_t index);

/*
 * For those who read a source or print the table.
 */

/* The number of the row with this key, or -1. */
ptrdiff_t options_index(const struct options *options, const char *key);

/* The row's target for a value from `place`. */
struct option_target options_target(const struct options *options, size_t index, const char *place,
                                    struct complaints *complaints);

/* Notes where the value that the row's slot has now came from; that a source's was refused. */
void options_note(struct options *options, size_t index, enum option_source source,
                  const char *place);
void options_note_refused(struct options *options, size_t index);

/* Whether the table has this key; whether it has keys below this name, "capacity" of
 * "capacity.max_open". */
bool options_has_group(const struct options *options, const char *name);
bool options_has(const struct options *options, const char *key);

/* The key of the table whose spelling is the most similar, or NULL when none is near. */
const char *options_nearest(const struct options *options, const char *key);

/* The name of the group whose spelling is the most similar, for the caller to free; NULL when none
 * is near.
 */
char *options_nearest_group(const struct options *options, const char *name);
