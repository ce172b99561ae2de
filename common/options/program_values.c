/* SPDX-License-Identifier: MIT */
#include "common/options/program_values.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/options/option_value.h"
#include "common/options/options_inside.h"

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

/* In characters of UTF-8. */
static size_t columns(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

static size_t aligned_width(const struct options *options)
{
    size_t width = 0;
    const struct option_origin *origin;
    const struct option_row *row;
    for (size_t i = 0; (row = options_row(options, i, &origin)) != NULL; i++) {
        char *text = assignment(options, i, row);
        size_t wanted = columns(text);
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
    for (size_t i = 0; (row = options_row(options, i, &origin)) != NULL; i++) {
        char *text = assignment(options, i, row);
        size_t missing = columns(text) < width ? width - columns(text) : 0;
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
    return range != NULL ? range : memory_text("");
}

void program_values_list(FILE *out, const struct options *options)
{
    (void)fputs("key\ttype\tvariables\tdefault\trange\treload\thelp\n", out);
    const struct option_origin *origin;
    const struct option_row *row;
    for (size_t i = 0; (row = options_row(options, i, &origin)) != NULL; i++) {
        char *fallback = option_literal(row, row->fallback);
        char *range = limits(row);
        (void)fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", row->key, type_name(row->type),
                      row->env != NULL ? row->env : "", fallback, range,
                      row->reloadable ? "yes" : "no", row->help);
        free(range);
        free(fallback);
    }
}
