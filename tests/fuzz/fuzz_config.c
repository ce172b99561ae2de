/* SPDX-License-Identifier: MIT */
/*
 * The router's configuration: a file, and behind a line of four dashes one flag per line,
 * key=value. Whatever they say, every value that is in force is one that its row takes, and
 * --check-config can show it.
 */
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/options/option_value.h"
#include "common/options/options_file.h"
#include "router/settings/settings.h"
#include "tests/fuzz/target.h"

static void read_flags(struct options *options, char *text, struct complaints *complaints)
{
    char *rest;

    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char *equals = strchr(line, '=');
        if (!equals)
            continue;
        *equals = '\0';
        MUST((options_read_flag(options, line, equals + 1, complaints) == 1) !=
             options_has(options, line));
    }
}

static void check_range(const struct option_row *row, const void *slot)
{
    if (row->type == OPTION_INT) {
        int64_t value = *(const int64_t *)slot;
        MUST((double)value >= row->min && (double)value <= row->max);
    } else if (row->type == OPTION_REAL) {
        double value = *(const double *)slot;
        MUST(value >= row->min && value <= row->max);
    } else if (row->type == OPTION_TEXT) {
        const char *text = *(char *const *)slot;
        MUST(strlen(text) <= (row->max > 0 ? (size_t)row->max : 4096));
    }
}

static void check_value(struct options *options, size_t index)
{
    struct option_target at = options_target(options, index, "", NULL);
    char *text = options_value_text(options, index);
    char *literal = option_literal(at.row, text);

    MUST(*literal && !strchr(literal, '\n'));
    check_range(at.row, at.slot);
    free(literal);
    free(text);
}

static void check_complaints(const struct complaints *complaints)
{
    for (size_t i = 0; i < complaints->count; i++) {
        const char *line = complaints->lines[i];
        MUST(*line && !strchr(line, '\n') && utf8_valid(line, strlen(line)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const char border[] = "\n----\n";
    struct router_settings settings = {0};
    struct options options;
    struct complaints complaints = {0};
    const uint8_t *cut = memmem(bytes, length, border, sizeof border - 1);
    size_t file_length = cut ? (size_t)(cut - bytes) : length;

    options_init(&options, &router_options, &settings);
    options_read_file(&options, input_file(bytes, file_length), &complaints);
    if (cut) {
        const uint8_t *behind = cut + sizeof border - 1;
        char *flags = memory_bytes(behind, (size_t)(bytes + length - behind));
        read_flags(&options, flags, &complaints);
        free(flags);
    }
    for (size_t i = 0; i < options.row_count; i++)
        check_value(&options, i);
    router_settings_check(&options, &complaints);
    check_complaints(&complaints);
    router_settings_release(&settings);
    options_release(&options);
    complaints_free(&complaints);
    return 0;
}
