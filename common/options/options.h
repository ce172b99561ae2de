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
#include <stdint.h>
#include <stdio.h>

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

/* All of them with this text in between; the caller frees it. */
char *names_join(const struct names *names, const char *between);

/* Makes it a copy of the other, in memory of its own. */
void names_assign(struct names *names, const struct names *from);

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
    const char *alone; /* what a command's flag means without a value; NULL: it needs one */
    bool reloadable;   /* takes effect on SIGHUP */
    bool secret;       /* printed as ******** (a URL: only its password) */
    bool empty_counts; /* an empty variable is a value, not "not set" */
};

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

/* Reads a libconfig file strictly: unknown keys, wrong types, values out of range and integer
 * literals that libconfig would silently change are complaints with file and line. */
void options_read_file(struct options *options, const char *path, struct complaints *complaints);

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

/* Whether the table has this key. */
bool options_has(const struct options *options, const char *key);

/* The key of the table that is spelled most alike, or NULL when none is near. */
const char *options_nearest(const struct options *options, const char *key);
