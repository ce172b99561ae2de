/* SPDX-License-Identifier: MIT */
#include "router/settings/decisive_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/sha256.h"

enum { TEXT_MAX = 256 * 1024 }; /* a thousand symbols of 32 bytes, and the rest */

static const char between[] = " = ";

static bool decides(const struct options *options, const char *key)
{
    const struct option_origin *origin;
    ptrdiff_t index = options_index(options, key);

    return index >= 0 && options_row(options, (size_t)index, &origin)->decides;
}

/* Takes "name = value"; the line is cut in two. */
static bool read_line(struct options *options, char *line, struct complaints *complaints)
{
    char *value = strstr(line, between);

    if (!value) {
        complain(complaints, "the line '%s' is no setting", escaped(line).text);
        return false;
    }
    *value = '\0';
    value += strlen(between);
    if (!decides(options, line) || options_is_set(options, line)) {
        complain(complaints, "'%s' is no setting of a decision, or stands twice",
                 escaped(line).text);
        return false;
    }
    return options_read_text(options, line, FROM_FILE, "the record's settings", value,
                             complaints) == 0;
}

static void read_lines(struct options *options, char *text, struct complaints *complaints)
{
    char *line = text;

    while (*line && complaints->count == 0) {
        char *end = strchr(line, '\n');
        char *next = end ? end + 1 : line + strlen(line);
        if (end)
            *end = '\0';
        if (!read_line(options, line, complaints))
            return;
        line = next;
    }
}

static bool is_of_digest(const char *text, size_t length, const char *digest)
{
    char found[SHA256_TEXT_MAX];

    sha256_text(text, length, found);
    return strcmp(found, digest) == 0;
}

struct again_rules decisive_rules(const struct router_settings *settings)
{
    return (struct again_rules){.plan = settings->plan, .score = settings->score};
}

bool decisive_read(const char *text, size_t length, const char *digest,
                   struct decisive_settings *ret_settings, char ret_why[static DECISIVE_WHY_MAX])
{
    struct complaints complaints = {0};

    if (length > TEXT_MAX || memchr(text, '\0', length) || !is_of_digest(text, length, digest)) {
        (void)snprintf(ret_why, DECISIVE_WHY_MAX, "the text of its settings is not that of %.12s…",
                       digest);
        return false;
    }
    char *copy = memory_bytes(text, length);
    *ret_settings = (struct decisive_settings){0};
    options_init(&ret_settings->options, &router_options, &ret_settings->settings);
    read_lines(&ret_settings->options, copy, &complaints);
    if (complaints.count == 0)
        router_settings_check(&ret_settings->options, &complaints);
    free(copy);
    bool is_read = complaints.count == 0;
    if (is_read)
        ret_settings->rules = decisive_rules(&ret_settings->settings);
    else
        (void)snprintf(ret_why, DECISIVE_WHY_MAX, "its settings are not understood: %s",
                       complaints.lines[0]);
    complaints_free(&complaints);
    if (!is_read)
        decisive_settings_release(ret_settings);
    return is_read;
}

void decisive_settings_release(struct decisive_settings *settings)
{
    router_settings_release(&settings->settings);
    options_release(&settings->options);
    *settings = (struct decisive_settings){0};
}
