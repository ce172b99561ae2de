/* SPDX-License-Identifier: MIT */
#include "common/options/options.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/spelling.h"

/* A row and where its value lies. */
struct located {
    const struct option_row *row;
    void *slot;
};

static struct located locate(const struct options *options, size_t index)
{
    for (size_t i = 0; i < options->table->count; i++) {
        const struct option_group *group = &options->table->groups[i];
        if (index < group->count) {
            const struct option_row *row = &group->rows[index];
            return (struct located){row, (char *)options->values + group->base + row->offset};
        }
        index -= group->count;
    }
    return (struct located){0};
}

static const struct option_row *row_at(const struct options *options, size_t index)
{
    return locate(options, index).row;
}

struct option_target options_target(const struct options *options, size_t index, const char *place,
                                    struct complaints *complaints)
{
    struct located at = locate(options, index);

    return (struct option_target){at.row, at.slot, place, complaints};
}

void options_note(struct options *options, size_t index, enum option_source source,
                  const char *place)
{
    struct option_origin *origin = &options->origins[index];
    struct located at = locate(options, index);
    char *copy = place ? memory_text(place) : NULL;

    free(origin->place);
    free(origin->text);
    origin->source = source;
    origin->place = copy;
    origin->text = option_text(at.row, at.slot);
    origin->refused = false;
    if (source == FROM_DEFAULT || source == FROM_FILE)
        option_text_replace(&origin->file_text, origin->text);
}

void options_note_refused(struct options *options, size_t index)
{
    options->origins[index].refused = true;
}

static void take_default(struct options *options, size_t index)
{
    struct complaints complaints = {0};
    struct option_target target = options_target(options, index, "default", &complaints);

    option_slot_init(target.row, target.slot);
    bool taken = option_take_text(&target, target.row->fallback);
    assert(taken);
    (void)taken;
    options_note(options, index, FROM_DEFAULT, NULL);
    complaints_free(&complaints);
}

void options_init(struct options *options, const struct option_table *table, void *values)
{
    *options = (struct options){.table = table, .values = values};
    for (size_t i = 0; i < table->count; i++)
        options->row_count += table->groups[i].count;
    options->origins = memory_array(options->row_count, sizeof *options->origins);
    for (size_t i = 0; i < options->row_count; i++)
        take_default(options, i);
}

void options_release(struct options *options)
{
    for (size_t i = 0; i < options->row_count; i++) {
        struct located at = locate(options, i);
        option_slot_release(at.row, at.slot);
        free(options->origins[i].place);
        free(options->origins[i].text);
        free(options->origins[i].file_text);
    }
    free(options->origins);
    free(options->file);
    *options = (struct options){0};
}

ptrdiff_t options_index(const struct options *options, const char *key)
{
    for (size_t i = 0; i < options->row_count; i++) {
        if (strcmp(row_at(options, i)->key, key) == 0)
            return (ptrdiff_t)i;
    }
    return -1;
}

bool options_has(const struct options *options, const char *key)
{
    return options_index(options, key) >= 0;
}

static void read_text(struct options *options, size_t index, const struct option_origin *origin,
                      const char *text, struct complaints *complaints)
{
    struct option_target target = options_target(options, index, origin->place, complaints);

    if (option_take_text(&target, text))
        options_note(options, index, origin->source, origin->place);
    else
        options_note_refused(options, index);
}

int options_read_text(struct options *options, const char *key, enum option_source source,
                      const char *place, const char *text, struct complaints *complaints)
{
    ptrdiff_t index = options_index(options, key);
    if (index < 0)
        return 1;
    char *copy = memory_text(place);
    struct option_origin origin = {.source = source, .place = copy};
    read_text(options, (size_t)index, &origin, text, complaints);
    free(copy);
    return 0;
}

int options_read_flag(struct options *options, const char *key, const char *text,
                      struct complaints *complaints)
{
    char *place = memory_format("--%s", key);
    int result = options_read_text(options, key, FROM_FLAG, place, text, complaints);

    free(place);
    return result;
}

/* At its beginning or behind a blank, as those who write "MAX_OPEN_ORDERS=10 # cap" mean it. */
static bool has_comment(const char *text)
{
    bool is_start = true;

    for (; *text != '\0'; text++) {
        if (is_start && (*text == '#' || *text == ';'))
            return true;
        is_start = *text == ' ' || *text == '\t';
    }
    return false;
}

static void refuse_comment(struct options *options, size_t index, const struct variable *variable,
                           struct complaints *complaints)
{
    const struct option_row *row = row_at(options, index);
    char *shown = option_mask(row, variable->text);

    complain(complaints,
             "%s: %s = '%s' holds a comment: systemd strips none behind a value; put it on a line "
             "of its own",
             variable->place, row->key, escaped(shown).text);
    free(shown);
    options_note_refused(options, index);
}

static void read_variable(struct options *options, size_t index, const struct variable *variable,
                          enum option_source from, struct complaints *complaints)
{
    char *place = memory_text(variable->place);
    struct option_origin origin = {.source = from, .place = place};

    if (has_comment(variable->text))
        refuse_comment(options, index, variable, complaints);
    else
        read_text(options, index, &origin, variable->text, complaints);
    free(place);
}

/* Reads the first of the row's variables that is set. */
static void read_row(struct options *options, size_t index, const struct variable_source *source,
                     enum option_source from, struct complaints *complaints)
{
    const struct option_row *row = row_at(options, index);
    const char *rest = row->env ? row->env : "";

    for (rest += strspn(rest, " "); *rest != '\0'; rest += strspn(rest, " ")) {
        size_t length = strcspn(rest, " ");
        char *name = memory_bytes(rest, length);
        struct variable variable = source->look_up(source->holder, name);
        bool is_set = variable.text && (*variable.text != '\0' || row->empty_counts);
        if (is_set)
            read_variable(options, index, &variable, from, complaints);
        free(name);
        if (is_set)
            return;
        rest += length;
    }
}

void options_read_variables(struct options *options, const struct variable_source *source,
                            struct complaints *complaints)
{
    for (size_t i = 0; i < options->row_count; i++)
        read_row(options, i, source, FROM_ENV, complaints);
}

void options_read_usual_variables(struct options *options, const struct variable_source *source,
                                  struct complaints *complaints)
{
    for (size_t i = 0; i < options->row_count; i++)
        read_row(options, i, source, FROM_USUAL_VARIABLES, complaints);
}

struct variable environment_variable(const char *name)
{
    return (struct variable){getenv(name), name};
}

static struct variable look_up_environment(const void *holder, const char *name)
{
    (void)holder;
    return environment_variable(name);
}

void options_read_env(struct options *options, struct complaints *complaints)
{
    options_read_variables(options, &(struct variable_source){look_up_environment, NULL},
                           complaints);
}

const struct option_origin *options_origin(const struct options *options, const char *key)
{
    ptrdiff_t index = options_index(options, key);
    assert(index >= 0);
    return &options->origins[index];
}

bool options_is_set(const struct options *options, const char *key)
{
    return options_origin(options, key)->source != FROM_DEFAULT;
}

bool options_is_sound(const struct options *options, const char *key)
{
    const struct option_origin *origin = options_origin(options, key);

    return !origin->refused && !(options->file_unknown && origin->source == FROM_DEFAULT);
}

/* Of a value that is told at another's place; the caller frees it. */
static char *default_text(const struct options *options, const char *key)
{
    size_t index = (size_t)options_index(options, key);
    char *value = options_value_text(options, index);
    char *literal = option_literal(row_at(options, index), value);
    char *text = memory_format(" (%s by default)", literal);

    free(literal);
    free(value);
    return text;
}

static void complain_at(const struct options *options, const char *const *keys,
                        struct complaints *complaints, const char *text)
{
    const char *const *at = keys;

    for (size_t i = 0; keys[i]; i++) {
        if (!options_is_sound(options, keys[i]))
            return;
        if (!options_is_set(options, *at))
            at = &keys[i];
    }
    const char *place = options_origin(options, *at)->place;
    bool elsewhere = place && !options_is_set(options, *keys);
    char *value = elsewhere ? default_text(options, *keys) : memory_text("");
    complain(complaints, "%s: %s%s %s", place ? place : "default", *keys, value, text);
    free(value);
}

void options_complain(const struct options *options, const char *key, struct complaints *complaints,
                      const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    char *text = memory_format_list(format, arguments);
    va_end(arguments);
    complain_at(options, OPTION_KEYS(key), complaints, text);
    free(text);
}

void options_complain_between(const struct options *options, const char *const *keys,
                              struct complaints *complaints, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    char *text = memory_format_list(format, arguments);
    va_end(arguments);
    complain_at(options, keys, complaints, text);
    free(text);
}

const struct option_row *options_row(const struct options *options, size_t index,
                                     const struct option_origin **ret_origin)
{
    const struct option_row *row = row_at(options, index);

    if (row)
        *ret_origin = &options->origins[index];
    return row;
}

char *options_value_text(const struct options *options, size_t index)
{
    struct located at = locate(options, index);

    assert(at.row);
    return option_print(at.row, at.slot);
}

/* "max_open" is near to "capacity.max_open", however many letters are missing. */
static bool lacks_group_only(const char *word, const char *key)
{
    const char *dot = strrchr(key, '.');

    return dot && strcmp(dot + 1, word) == 0;
}

const char *options_nearest(const struct options *options, const char *key)
{
    struct spelling_search search = spelling_search(key);
    const char *nearest = NULL;

    for (size_t i = 0; i < options->row_count; i++) {
        const char *candidate = row_at(options, i)->key;
        if (lacks_group_only(key, candidate))
            return candidate;
        if (spelling_is_nearer(&search, candidate, strlen(candidate)))
            nearest = candidate;
    }
    return nearest;
}

/* The length of the group's name in a key, 0 for a key of the top level. */
static size_t group_length(const char *key)
{
    const char *dot = strrchr(key, '.');

    return dot ? (size_t)(dot - key) : 0;
}

bool options_has_group(const struct options *options, const char *name)
{
    size_t length = strlen(name);

    for (size_t i = 0; i < options->row_count; i++) {
        const char *key = row_at(options, i)->key;
        if (strncmp(key, name, length) == 0 && key[length] == '.')
            return true;
    }
    return false;
}

char *options_nearest_group(const struct options *options, const char *name)
{
    struct spelling_search search = spelling_search(name);
    const char *nearest = NULL;

    for (size_t i = 0; i < options->row_count; i++) {
        const char *key = row_at(options, i)->key;
        if (spelling_is_nearer(&search, key, group_length(key)))
            nearest = key;
    }
    return nearest ? memory_bytes(nearest, group_length(nearest)) : NULL;
}
