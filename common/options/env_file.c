/* SPDX-License-Identifier: MIT */
/*
 * Follows parse_env_file_internal() of systemd 252, with its corners: a value may be put together
 * of several quotations, a quotation mark inside an unquoted value is an ordinary letter, and a
 * backslash carries a comment on to the next line.
 */
#include "common/options/env_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/file.h"
#include "common/base/memory.h"

#define FILE_MAX ((size_t)1024 * 1024)

static const char blanks[] = " \t";
static const char line_ends[] = "\n\r";

struct reader {
    const char *at;
    unsigned line;
    const char *path; /* escaped */
    struct env_files *files;
    struct complaints *complaints;
};

/* A value as it grows; never longer than what it is read from. */
struct growing {
    char *text;
    size_t length;
};

static bool is_one_of(char letter, const char *set)
{
    return letter != '\0' && strchr(set, letter);
}

static char take(struct reader *reader)
{
    char letter = *reader->at++;

    reader->line += letter == '\n';
    return letter;
}

static void append(struct growing *value, char letter)
{
    value->text[value->length++] = letter;
}

static void skip_comment(struct reader *reader)
{
    while (*reader->at != '\0') {
        char letter = take(reader);
        if (is_one_of(letter, line_ends))
            return;
        if (letter == '\\' && *reader->at != '\0')
            (void)take(reader);
    }
}

/* False when the file ends before the closing mark. */
static bool read_single_quoted(struct reader *reader, struct growing *value)
{
    while (*reader->at != '\0') {
        char letter = take(reader);
        if (letter == '\'')
            return true;
        append(value, letter);
    }
    return false;
}

static void read_escape_in_quotes(struct reader *reader, struct growing *value)
{
    char letter = take(reader);

    if (letter == '\n')
        return;
    if (!is_one_of(letter, "\"\\`$"))
        append(value, '\\');
    append(value, letter);
}

static bool read_double_quoted(struct reader *reader, struct growing *value)
{
    while (*reader->at != '\0') {
        char letter = take(reader);
        if (letter == '"')
            return true;
        if (letter != '\\')
            append(value, letter);
        else if (*reader->at != '\0')
            read_escape_in_quotes(reader, value);
    }
    return false;
}

/* Up to the end of the line; blanks at its end go, unless a backslash keeps them. */
static void read_unquoted(struct reader *reader, struct growing *value)
{
    size_t kept = value->length;

    while (*reader->at != '\0' && !is_one_of(*reader->at, line_ends)) {
        char letter = take(reader);
        bool is_escaped = letter == '\\';
        if (is_escaped) {
            letter = *reader->at != '\0' ? take(reader) : '\n';
            kept = value->length;
            if (is_one_of(letter, line_ends))
                continue;
        }
        append(value, letter);
        if (is_escaped || !is_one_of(letter, blanks))
            kept = value->length;
    }
    value->length = kept;
}

static bool read_quoted(struct reader *reader, struct growing *value)
{
    unsigned line = reader->line;
    char mark = take(reader);
    bool is_closed =
        mark == '"' ? read_double_quoted(reader, value) : read_single_quoted(reader, value);

    if (!is_closed)
        complain(reader->complaints, "%s:%u: this quotation is never closed; write %c at its end",
                 reader->path, line, mark);
    return is_closed;
}

static bool read_value(struct reader *reader, struct growing *value)
{
    for (;;) {
        reader->at += strspn(reader->at, blanks);
        if (!is_one_of(*reader->at, "'\""))
            break;
        if (!read_quoted(reader, value))
            return false;
    }
    read_unquoted(reader, value);
    return true;
}

static bool is_letter(char letter)
{
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || letter == '_';
}

static bool is_name(const char *name)
{
    if (!is_letter(*name))
        return false;
    for (; *name != '\0'; name++) {
        bool is_digit = *name >= '0' && *name <= '9';
        if (!is_letter(*name) && !is_digit)
            return false;
    }
    return true;
}

static void add(struct reader *reader, const char *name, const struct growing *value, unsigned line)
{
    struct env_files *files = reader->files;

    files->list = memory_resize(files->list, files->count + 1, sizeof *files->list);
    files->list[files->count++] = (struct env_variable){
        .name = memory_text(name),
        .value = memory_bytes(value->text, value->length),
        .place = memory_format("%s:%u (%s)", reader->path, line, name),
    };
}

static void add_checked(struct reader *reader, const char *name, const struct growing *value,
                        unsigned line)
{
    if (!is_name(name))
        complain(reader->complaints,
                 "%s:%u: '%s' is no name of a variable; write NAME=VALUE, the name of letters, "
                 "digits and _",
                 reader->path, line, escaped(name).text);
    else if (!utf8_valid(value->text, value->length))
        complain(reader->complaints, "%s:%u: the value of %s is not UTF-8; write it as UTF-8",
                 reader->path, line, name);
    else
        add(reader, name, value, line);
}

/* What stands before the '=', without blanks behind it; NULL, having skipped the line, when there
 * is none. */
static char *read_name(struct reader *reader)
{
    size_t length = strcspn(reader->at, "=\n\r");
    const char *name = reader->at;

    reader->at += length;
    if (*reader->at != '=') {
        complain(reader->complaints,
                 "%s:%u: this line has no '='; write NAME=VALUE, or # in front of a comment",
                 reader->path, reader->line);
        return NULL;
    }
    reader->at++;
    while (length > 0 && is_one_of(name[length - 1], blanks))
        length--;
    return memory_bytes(name, length);
}

static void read_assignment(struct reader *reader)
{
    unsigned line = reader->line;
    char *name = read_name(reader);

    if (!name)
        return;
    struct growing value = {.text = memory_raw(strlen(reader->at) + 1)};
    if (read_value(reader, &value))
        add_checked(reader, name, &value, line);
    free(value.text);
    free(name);
}

static void read_text(struct reader *reader)
{
    while (*reader->at != '\0') {
        if (is_one_of(*reader->at, " \t\n\r"))
            (void)take(reader);
        else if (is_one_of(*reader->at, "#;"))
            skip_comment(reader);
        else
            read_assignment(reader);
    }
}

static void read_bytes(struct reader *reader, const char *bytes, size_t length)
{
    reader->at = bytes;
    if (memchr(bytes, '\0', length))
        complain(reader->complaints, "%s: the file holds a NUL byte; it must be plain text",
                 reader->path);
    else
        read_text(reader);
}

/* A result that is `excused` is no complaint. */
static void read_file(struct env_files *files, const char *path, bool (*excused)(int result),
                      struct complaints *complaints)
{
    struct escaped shown = escaped(path);
    struct reader reader = {
        .line = 1, .path = shown.text, .files = files, .complaints = complaints};
    char *bytes;
    size_t length;

    int result = file_read(path, FILE_MAX, &bytes, &length);
    if (result == 0) {
        read_bytes(&reader, bytes, length);
        free(bytes);
    } else if (!excused(result)) {
        complain(complaints, "environment file '%s' cannot be read: %s", shown.text,
                 file_problem(result));
    }
}

static bool nothing(int result)
{
    (void)result;
    return false;
}

static bool is_missing(int result)
{
    return result == -ENOENT;
}

static bool is_missing_or_others(int result)
{
    return result == -ENOENT || result == -EACCES;
}

void env_files_read(struct env_files *files, const char *path, struct complaints *complaints)
{
    if (*path == '-')
        read_file(files, path + 1, is_missing, complaints);
    else
        read_file(files, path, nothing, complaints);
}

void env_files_read_usual(struct env_files *files, const char *path, struct complaints *complaints)
{
    read_file(files, path, is_missing_or_others, complaints);
}

const struct env_variable *env_files_find(const struct env_files *files, const char *name)
{
    for (size_t i = files->count; i > 0; i--) {
        if (strcmp(files->list[i - 1].name, name) == 0)
            return &files->list[i - 1];
    }
    return NULL;
}

static struct variable look_up(const void *holder, const char *name)
{
    const struct env_variable *found = env_files_find(holder, name);

    return found ? (struct variable){found->value, found->place} : environment_variable(name);
}

struct variable_source env_files_source(const struct env_files *files)
{
    return (struct variable_source){look_up, files};
}

static struct variable look_up_alone(const void *holder, const char *name)
{
    const struct env_variable *found = env_files_find(holder, name);

    return found ? (struct variable){found->value, found->place} : (struct variable){0};
}

struct variable_source env_files_alone(const struct env_files *files)
{
    return (struct variable_source){look_up_alone, files};
}

void env_files_free(struct env_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        free(files->list[i].name);
        free(files->list[i].value);
        free(files->list[i].place);
    }
    free(files->list);
    *files = (struct env_files){0};
}
