/* SPDX-License-Identifier: MIT */
/*
 * Two columns: flags on the left, on the right what they do and, below that, default, range and
 * variables.
 */
#include "common/options/program_help.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/output.h"
#include "common/options/option_value.h"

#define LEFT_MIN    24 /* columns up to the description */
#define FLAG_INDENT "      --"

/* Columns of a whole line, wherever it goes, and what is left of them on a narrow terminal. */
enum { LINE_MIN = 72, LINE_MAX = 80 };

static size_t line_width(FILE *out)
{
    size_t columns = output_size(out).columns;

    if (columns == 0 || columns > LINE_MAX)
        return LINE_MAX;
    return columns > LINE_MIN ? columns : LINE_MIN;
}

static const char *type_word(enum option_type type)
{
    switch (type) {
    case OPTION_INT:
        return "INTEGER";
    case OPTION_REAL:
        return "NUMBER";
    case OPTION_BOOL:
        return "BOOLEAN";
    case OPTION_TEXT:
        return "TEXT";
    case OPTION_CHOICE:
        return "WORD";
    case OPTION_NAMES:
        return "A,B,…";
    }
    abort();
}

/* It is there, or it is not. */
static bool is_switch(const struct option_row *row)
{
    return row->type == OPTION_BOOL && row->alone;
}

static char *flag_text(const struct option_row *row)
{
    if (is_switch(row))
        return memory_format(FLAG_INDENT "%s", row->key);
    return memory_format(FLAG_INDENT "%s%s=%s%s", row->key, row->alone ? "[" : "",
                         row->takes ? row->takes : type_word(row->type), row->alone ? "]" : "");
}

/* Room for the longest flag and two blanks, but not more than half of the line. */
static size_t left_width(FILE *out, const struct options *options)
{
    size_t width = LEFT_MIN, most = line_width(out) / 2;
    const struct option_origin *origin;
    const struct option_row *row;

    for (size_t i = 0; (row = options_row(options, i, &origin)); i++) {
        char *flag = flag_text(row);
        size_t wanted = utf8_count(flag) + 2;
        width = wanted > width ? wanted : width;
        free(flag);
    }
    return width < most ? width : most;
}

static void print_blanks(FILE *out, size_t count)
{
    (void)fprintf(out, "%*s", (int)count, "");
}

/* Prints words from column `left` on, breaking lines between them. */
static void print_wrapped(FILE *out, size_t left, const char *text)
{
    size_t column = left, width_max = line_width(out);

    for (text += strspn(text, " "); *text != '\0'; text += strspn(text, " ")) {
        size_t bytes = strcspn(text, " ");
        char *word = memory_bytes(text, bytes);
        size_t width = utf8_count(word);
        if (column > left && column + 1 + width > width_max) {
            (void)fputc('\n', out);
            print_blanks(out, left);
            column = left;
        }
        if (column > left) {
            (void)fputc(' ', out);
            column++;
        }
        (void)fputs(word, out);
        column += width;
        text += bytes;
        free(word);
    }
    (void)fputc('\n', out);
}

static void print_entry(FILE *out, size_t left, const char *flag, const char *help)
{
    size_t width = utf8_count(flag);
    bool fits = width + 2 <= left;

    (void)fprintf(out, "%s%s", flag, fits ? "" : "\n");
    print_blanks(out, fits ? left - width : left);
    print_wrapped(out, left, help);
}

/* "1 to 1000000, default 10, $MAX_OPEN_ORDERS" */
static char *details(const struct option_row *row)
{
    char *range = row->type == OPTION_CHOICE ? option_allowed(row) : option_range(row);
    const char *fallback = *row->fallback != '\0' ? row->fallback : "empty";
    char *text = memory_format("%s%sdefault %s", range ? range : "", range ? "; " : "", fallback);

    free(range);
    const char *rest = row->env ? row->env : "";
    for (rest += strspn(rest, " "); *rest != '\0'; rest += strspn(rest, " ")) {
        size_t length = strcspn(rest, " ");
        text = memory_extend(text, "; $%.*s", (int)length, rest);
        rest += length;
    }
    return text;
}

static void print_option(FILE *out, size_t left, const struct option_row *row)
{
    char *flag = flag_text(row);

    print_entry(out, left, flag, row->help);
    free(flag);
    if (is_switch(row))
        return;
    char *more = details(row);
    print_blanks(out, left);
    print_wrapped(out, left, more);
    free(more);
}

static void print_for_services(FILE *out, size_t left, const struct program *program)
{
    print_entry(out, left, FLAG_INDENT "check-config",
                "print every value and where it came from, or what is wrong, and exit");
    print_entry(out, left, FLAG_INDENT "list-options",
                "print the table of options, parted by tabs, and exit");
    if (program->list_metrics)
        print_entry(out, left, FLAG_INDENT "list-metrics", "the same of the metrics");
}

static void print_env_file(FILE *out, size_t left, const struct program *program)
{
    static const char how[] = "as systemd's EnvironmentFile=, over the environment; may be "
                              "repeated; -FILE may be missing";
    char *help = program->env_path
                     ? memory_format("read variables from this file instead of %s, %s",
                                     program->env_path, how)
                     : memory_format("read variables from this file, %s", how);

    print_entry(out, left, FLAG_INDENT "env-file=FILE", help);
    free(help);
}

static void print_general(FILE *out, size_t left, const struct program *program,
                          const struct options *options)
{
    print_entry(out, left, program->usual ? "  -h, --help[=all]" : "  -h, --help",
                program->usual ? "print this help, or that of all options, and exit"
                               : "print this help and exit");
    print_entry(out, left, "  -V, --version", "print the version and exit");
    char *config = memory_format("read this file instead of %s", program->config_path);
    print_entry(out, left, "  -c, --config=FILE", config);
    free(config);
    if (options_has(options, "log.level"))
        print_entry(out, left, FLAG_INDENT "log-level=LEVEL", "the same as --log.level");
    if (program->is_service)
        print_for_services(out, left, program);
    if (program_has_env_file(program))
        print_env_file(out, left, program);
    for (const struct program_switch *one = program->switches; one && one->name; one++) {
        char *flag = memory_format(FLAG_INDENT "%s", one->name);
        print_entry(out, left, flag, one->help);
        free(flag);
    }
}

static bool is_listed(const char *key, const char *const *keys)
{
    for (; *keys; keys++)
        if (strcmp(key, *keys) == 0)
            return true;
    return false;
}

void program_help_options(FILE *out, const struct options *options, const char *const *keys)
{
    size_t left = left_width(out, options);
    const struct option_origin *origin;
    const struct option_row *row;

    for (size_t i = 0; (row = options_row(options, i, &origin)); i++)
        if (!keys || is_listed(row->key, keys))
            print_option(out, left, row);
}

static void print_usage(FILE *out, const struct program *program)
{
    bool has_commands = program->help_commands;

    (void)fprintf(out, "Usage: %s [OPTION]...%s\n%s\n\n", program->name,
                  has_commands ? " COMMAND [ARGUMENT]..." : "", program->purpose);
    if (has_commands) {
        program->help_commands(out);
        (void)fputc('\n', out);
    }
}

void program_help(FILE *out, const struct program *program, const struct options *options, bool all)
{
    const char *const *keys = all ? NULL : program->usual;

    print_usage(out, program);
    print_general(out, left_width(out, options), program, options);
    (void)fputc('\n', out);
    print_wrapped(out, 0,
                  "Each option below is a key of the configuration file as well. The environment "
                  "($NAME) counts more than the file, a flag more than both.");
    (void)fputc('\n', out);
    program_help_options(out, options, keys);
    if (keys)
        (void)fprintf(out, "\nAll other options: %s --help=all\n", program->name);
}

#define ALIGNED_MAX 64 /* columns; longer values push their origin to the right */

/* "capacity.max_open = 12" */
static char *assignment(const struct options *options, size_t index, const struct option_row *row)
{
    char *value = options_value_text(options, index);
    char *literal = option_literal(row, value);
    char *text = memory_format("%s = %s", row->key, literal);

    free(literal);
    free(value);
    return text;
}

/* A check fills in what was left unset, and what other options stand for. */
static bool is_worked_out(const struct options *options, size_t index)
{
    struct option_target at = options_target(options, index, "", NULL);
    char *text = option_text(at.row, at.slot);
    bool differs = strcmp(text, options->origins[index].text) != 0;

    free(text);
    return differs;
}

static void print_origin(FILE *out, const struct options *options, size_t index)
{
    const struct option_origin *origin = &options->origins[index];
    bool worked_out = is_worked_out(options, index);

    if (origin->source == FROM_DEFAULT)
        (void)fprintf(out, "# default%s\n", worked_out ? ", worked out" : "");
    else
        (void)fprintf(out, "# %s%s\n", worked_out ? "worked out, not " : "", origin->place);
}

static size_t aligned_width(const struct options *options)
{
    size_t width = 0;
    const struct option_origin *origin;
    const struct option_row *row;

    for (size_t i = 0; (row = options_row(options, i, &origin)); i++) {
        char *text = assignment(options, i, row);
        size_t wanted = utf8_count(text);
        width = wanted > width && wanted <= ALIGNED_MAX ? wanted : width;
        free(text);
    }
    return width;
}

void program_values_print(FILE *out, const struct options *options)
{
    size_t width = aligned_width(options);
    const struct option_origin *origin;
    const struct option_row *row;

    for (size_t i = 0; (row = options_row(options, i, &origin)); i++) {
        char *text = assignment(options, i, row);
        size_t missing = utf8_count(text) < width ? width - utf8_count(text) : 0;
        (void)fprintf(out, "%s%*s  ", text, (int)missing, "");
        print_origin(out, options, i);
        free(text);
    }
}

static const char *type_name(enum option_type type)
{
    switch (type) {
    case OPTION_INT:
        return "integer";
    case OPTION_REAL:
        return "number";
    case OPTION_BOOL:
        return "boolean";
    case OPTION_TEXT:
        return "text";
    case OPTION_CHOICE:
        return "word";
    case OPTION_NAMES:
        return "list of names";
    }
    abort();
}

/* "1 to 100", "one of error, warn", or nothing. */
static char *limits(const struct option_row *row)
{
    char *range = row->type == OPTION_CHOICE ? option_allowed(row) : option_range(row);

    return range ? range : memory_text("");
}

void program_values_list(FILE *out, const struct options *options)
{
    (void)fputs("key\ttype\tvariables\tdefault\trange\treload\thelp\n", out);
    const struct option_origin *origin;
    const struct option_row *row;
    for (size_t i = 0; (row = options_row(options, i, &origin)); i++) {
        char *fallback = option_literal(row, row->fallback);
        char *range = limits(row);
        (void)fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", row->key, type_name(row->type),
                      row->env ? row->env : "", fallback, range, row->reloadable ? "yes" : "no",
                      row->help);
        free(range);
        free(fallback);
    }
}
