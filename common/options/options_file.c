/* SPDX-License-Identifier: MIT */
/*
 * A libconfig file, read strictly: the text is scanned for what libconfig would change, libconfig
 * parses it, and each setting must then have a row in the table and a type that the row takes.
 */
#include "common/options/options_file.h"

#include <libconfig.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/file.h"
#include "common/base/memory.h"
#include "common/options/options_scan.h"

#define FILE_MAX ((size_t)1024 * 1024)

struct reader {
    struct options *options;
    const char *path; /* escaped */
    struct options_scan scan;
    struct complaints *complaints;
};

/* One setting of the file; text lives as long as the reading of it. */
struct setting {
    const config_setting_t *inner;
    const char *key;   /* with its groups */
    const char *place; /* "path:line" */
};

static const char *type_noun(int type)
{
    switch (type) {
    case CONFIG_TYPE_GROUP:
        return "a group";
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        return "an integer";
    case CONFIG_TYPE_FLOAT:
        return "a float";
    case CONFIG_TYPE_STRING:
        return "a string";
    case CONFIG_TYPE_BOOL:
        return "a boolean";
    case CONFIG_TYPE_ARRAY:
        return "an array";
    case CONFIG_TYPE_LIST:
        return "a list";
    default:
        return "nothing";
    }
}

static bool is_integer(const config_setting_t *setting)
{
    int type = config_setting_type(setting);

    return type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64;
}

static int64_t integer_of(const config_setting_t *setting)
{
    if (config_setting_type(setting) == CONFIG_TYPE_INT)
        return config_setting_get_int(setting);
    return config_setting_get_int64(setting);
}

static bool wrong_type(const struct option_target *target, const char *noun)
{
    char *allowed = option_allowed(target->row);

    complain(target->complaints, "%s: %s must be %s, not %s", target->place, target->row->key,
             allowed, noun);
    free(allowed);
    return false;
}

static bool take_number(const struct option_target *target, const config_setting_t *setting)
{
    if (is_integer(setting))
        return option_take_integer(target, integer_of(setting));
    bool is_float = config_setting_type(setting) == CONFIG_TYPE_FLOAT;
    if (is_float && target->row->type == OPTION_REAL)
        return option_take_real(target, config_setting_get_float(setting));
    return wrong_type(target, type_noun(config_setting_type(setting)));
}

static bool take_bool(const struct option_target *target, const config_setting_t *setting)
{
    int type = config_setting_type(setting);

    if (type == CONFIG_TYPE_BOOL)
        return option_take_bool(target, config_setting_get_bool(setting) == CONFIG_TRUE);
    if (type == CONFIG_TYPE_STRING)
        return option_take_text(target, config_setting_get_string(setting));
    if (!is_integer(setting))
        return wrong_type(target, type_noun(type));
    char *digits = memory_format("%lld", (long long)integer_of(setting));
    bool taken = option_take_text(target, digits);
    free(digits);
    return taken;
}

static bool take_string(const struct option_target *target, const config_setting_t *setting)
{
    if (config_setting_type(setting) != CONFIG_TYPE_STRING)
        return wrong_type(target, type_noun(config_setting_type(setting)));
    return option_take_text(target, config_setting_get_string(setting));
}

static bool take_names(const struct option_target *target, const config_setting_t *setting)
{
    int type = config_setting_type(setting);

    if (type != CONFIG_TYPE_ARRAY && type != CONFIG_TYPE_LIST)
        return wrong_type(target, type_noun(type));
    struct names names = {0};
    unsigned count = (unsigned)config_setting_length(setting);
    for (unsigned i = 0; i < count; i++) {
        const config_setting_t *element = config_setting_get_elem(setting, i);
        if (config_setting_type(element) != CONFIG_TYPE_STRING) {
            names_free(&names);
            return wrong_type(target, "a list of other things");
        }
        const char *name = config_setting_get_string(element);
        names_add(&names, name, strlen(name));
    }
    return option_take_names(target, names);
}

static bool take_setting(const struct option_target *target, const config_setting_t *setting)
{
    switch (target->row->type) {
    case OPTION_INT:
    case OPTION_REAL:
        return take_number(target, setting);
    case OPTION_BOOL:
        return take_bool(target, setting);
    case OPTION_TEXT:
    case OPTION_CHOICE:
        return take_string(target, setting);
    case OPTION_NAMES:
        return take_names(target, setting);
    }
    abort();
}

static void complain_unknown(const struct reader *reader, const struct setting *setting)
{
    bool is_group = config_setting_is_group(setting->inner);
    char *group = is_group ? options_nearest_group(reader->options, setting->key) : NULL;
    const char *nearest = is_group ? group : options_nearest(reader->options, setting->key);
    const char *noun = is_group ? "a group of options" : "an option";

    if (nearest)
        complain(reader->complaints, "%s: %s is not %s; did you mean %s?", setting->place,
                 escaped(setting->key).text, noun, nearest);
    else
        complain(reader->complaints, "%s: %s is not %s; see --help", setting->place,
                 escaped(setting->key).text, noun);
    free(group);
}

static void read_group(struct reader *reader, const config_setting_t *group, const char *key);

static void read_setting(struct reader *reader, const struct setting *setting)
{
    ptrdiff_t index = options_index(reader->options, setting->key);
    bool is_group = config_setting_is_group(setting->inner);
    if (index >= 0) {
        struct option_target target =
            options_target(reader->options, (size_t)index, setting->place, reader->complaints);
        if (take_setting(&target, setting->inner))
            options_note(reader->options, (size_t)index, FROM_FILE, setting->place);
        else
            options_note_refused(reader->options, (size_t)index);
    } else if (!options_has_group(reader->options, setting->key)) {
        complain_unknown(reader, setting);
    } else if (is_group) {
        read_group(reader, setting->inner, setting->key);
    } else {
        complain(reader->complaints, "%s: %s must be a group of options, not %s; write %s : { … }",
                 setting->place, setting->key, type_noun(config_setting_type(setting->inner)),
                 setting->key);
    }
}

/* One that holds something else than the file says, and was complained about. */
static void skip_setting(const struct reader *reader, const char *key)
{
    ptrdiff_t index = options_index(reader->options, key);
    if (index >= 0)
        options_note_refused(reader->options, (size_t)index);
}

/* Goes no deeper than the table's keys do. */
static void read_group(struct reader *reader, const config_setting_t *group, const char *key)
{
    unsigned count = (unsigned)config_setting_length(group);

    for (unsigned i = 0; i < count; i++) {
        const config_setting_t *inner = config_setting_get_elem(group, i);
        unsigned line = config_setting_source_line(inner);
        const char *name = config_setting_name(inner);
        char *full = *key != '\0' ? memory_format("%s.%s", key, name) : memory_text(name);
        char *place = memory_format("%s:%u", reader->path, line);
        if (!config_setting_is_group(inner) && options_scan_is_bad(&reader->scan, line))
            skip_setting(reader, full);
        else
            read_setting(reader, &(struct setting){inner, full, place});
        free(full);
        free(place);
    }
}

/* What libconfig misses at the very end is what closes a bracket; there alone that is sure. */
static bool complain_unclosed(const struct reader *reader, unsigned line)
{
    const struct options_scan *scan = &reader->scan;

    if (scan->depth == 0 || line != scan->lines)
        return false;
    char close = scan->open == '{' ? '}' : scan->open == '(' ? ')' : ']';
    complain(reader->complaints, "%s:%u: this %c is never closed; write %c; at its end",
             reader->path, scan->open_line, scan->open, close);
    return true;
}

static void complain_syntax(const struct reader *reader, const config_t *config)
{
    const char *problem = config_error_text(config);
    const char *advice = "";
    unsigned line = (unsigned)config_error_line(config);

    /* Some versions refuse by themselves what the scan has complained about. */
    if (options_scan_is_bad(&reader->scan, line) || complain_unclosed(reader, line))
        return;
    if (problem && strcmp(problem, "duplicate setting name") == 0)
        advice = "; it is set further up already, keep one of them";
    complain(reader->complaints, "%s:%u: %s%s", reader->path, line,
             problem ? problem : "syntax error", advice);
}

static void read_text(struct reader *reader, const char *text)
{
    options_scan(text, reader->path, reader->complaints, &reader->scan);
    if (reader->scan.readable) {
        config_t config;
        config_init(&config);
        reader->options->file_unknown = config_read_string(&config, text) != CONFIG_TRUE;
        if (!reader->options->file_unknown)
            read_group(reader, config_root_setting(&config), "");
        else
            complain_syntax(reader, &config);
        config_destroy(&config);
    }
    options_scan_free(&reader->scan);
}

static unsigned line_at(const char *bytes, const char *at)
{
    unsigned line = 1;

    for (; bytes < at; bytes++)
        line += *bytes == '\n';
    return line;
}

static void read_bytes(struct reader *reader, const char *bytes, size_t length)
{
    const char *nul = memchr(bytes, '\0', length);

    if (nul) {
        complain(reader->complaints, "%s:%u: the file holds a NUL byte; it must be plain text",
                 reader->path, line_at(bytes, nul));
        return;
    }
    char *text = memory_format("%s\n", bytes); /* libconfig wants a newline behind a comment */
    read_text(reader, text);
    free(text);
}

static char *escape_path(const char *path)
{
    size_t length = strlen(path);
    size_t room = 4 * length + 1;
    char *shown = memory_raw(room);

    (void)escape(path, length, length, shown, room);
    return shown;
}

void options_read_file(struct options *options, const char *path, struct complaints *complaints)
{
    char *shown_path = escape_path(path);
    struct reader reader = {.options = options, .path = shown_path, .complaints = complaints};
    char *bytes;
    size_t length;

    option_text_replace(&options->file, path);
    options->file_unknown = true;
    int result = file_read(path, FILE_MAX, &bytes, &length);
    if (result < 0) {
        complain(complaints, "%s: cannot read this configuration file: %s", shown_path,
                 file_problem(result));
    } else {
        read_bytes(&reader, bytes, length);
        free(bytes);
    }
    free(shown_path);
}
