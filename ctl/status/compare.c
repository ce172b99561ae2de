/* SPDX-License-Identifier: MIT */
/*
 * quantumctl compare: what changed between two saved readings of the status. Both documents are
 * walked together; each value that differs is a row.
 */
#include "ctl/status/compare.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/calendar.h"
#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/number.h"
#include "common/options/program.h"
#include "ctl/frame/document.h"
#include "ctl/frame/sheet.h"
#include "ctl/frame/span.h"
#include "ctl/look/findings.h"
#include "ctl/status/status.h"

enum { BEFORE, AFTER };

struct compare_values {
    bool json;
};

static const struct option_row rows[] = {
    {.key = "json",
     TAKES_SWITCH(offsetof(struct compare_values, json)),
     .help = "print the changes as a JSON list"},
};

struct walk {
    json_t *document; /* for the prefix of names */
    struct sheet sheet;
    size_t aged; /* what only time has changed, which is not shown */
    json_t *changes;
};

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), wanted = strlen(end);

    return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

/* What is worked out from a time to live differs by what the looks took. */
static bool is_same_second(json_t *before, json_t *after)
{
    const char *one = json_string_value(before), *other = json_string_value(after);
    int64_t one_ms, other_ms;

    return one && other && calendar_read_iso(one, strlen(one), &one_ms) &&
           calendar_read_iso(other, strlen(other), &other_ms) && llabs(one_ms - other_ms) < 1000;
}

/* Ages grow and times to live fall without anybody's doing. */
static bool has_only_aged(const char *path, json_t *before, json_t *after)
{
    if (strcmp(path, "at") == 0)
        return true;
    if (ends_with(path, " resets_at"))
        return is_same_second(before, after);
    if (!json_is_integer(before) || !json_is_integer(after))
        return false;
    if (ends_with(path, "age_ms"))
        return json_integer_value(after) > json_integer_value(before);
    return (ends_with(path, " ttl_ms") || ends_with(path, " ttl_sec")) &&
           json_integer_value(after) < json_integer_value(before);
}

static char *value_text(json_t *value)
{
    char number[NUMBER_TEXT_MAX];

    if (!value || json_is_null(value))
        return memory_text("-");
    if (json_is_string(value))
        return memory_text(escaped(json_string_value(value)).text);
    if (json_is_boolean(value))
        return memory_text(json_is_true(value) ? "yes" : "no");
    if (json_is_integer(value))
        return memory_format("%lld", (long long)json_integer_value(value));
    number_shortest(json_number_value(value), number);
    return memory_text(number);
}

static void add_difference(struct sheet *sheet, json_t *before, json_t *after)
{
    if (json_is_integer(before) && json_is_integer(after))
        sheet_add_format(sheet, "%+lld",
                         (long long)(json_integer_value(after) - json_integer_value(before)));
    else if (json_is_number(before) && json_is_number(after))
        sheet_add_format(sheet, "%+.2f", json_number_value(after) - json_number_value(before));
    else
        sheet_add(sheet, "");
}

static json_t *copy_of(json_t *value)
{
    return value ? json_deep_copy(value) : json_null();
}

static void add_row(struct walk *walk, const char *path, json_t *before, json_t *after)
{
    char *old = value_text(before), *new = value_text(after);

    sheet_add(&walk->sheet, path);
    sheet_add(&walk->sheet, old);
    sheet_add(&walk->sheet, new);
    add_difference(&walk->sheet, before, after);
    free(old);
    free(new);
}

static void tell_aged(struct walk *walk, const char *path, json_t *before, json_t *after,
                      bool has_aged)
{
    if (has_aged)
        walk->aged++;
    else
        add_row(walk, path, before, after);
    (void)json_array_append_new(walk->changes, json_pack("{s:s, s:o, s:o}", "what", path, "before",
                                                         copy_of(before), "after", copy_of(after)));
}

static void tell(struct walk *walk, const char *path, json_t *before, json_t *after)
{
    tell_aged(walk, path, before, after, has_only_aged(path, before, after));
}

/* Members that only group others say nothing to a reader. */
static char *path_to(const struct walk *walk, const char *path, const char *name)
{
    const char *shown = escaped(name).text[0] ? status_short_name(walk->document, name) : "''";

    if (strcmp(name, "streams") == 0 || strcmp(name, "groups") == 0)
        return memory_text(path);
    return memory_format("%s%s%s", path, *path ? " " : "", escaped(shown).text);
}

static void compare_objects(struct walk *walk, const char *path, json_t *before, json_t *after);

/* The same one in the other list, whatever their ages are; or NULL. */
static json_t *find_like(json_t *list, json_t *wanted)
{
    char *identity = finding_identity(wanted);
    json_t *one, *found = NULL;
    size_t i;

    json_array_foreach(list, i, one)
    {
        char *other = finding_identity(one);
        found = !found && strcmp(identity, other) == 0 ? one : found;
        free(other);
    }
    free(identity);
    return found;
}

static json_t *text_of(json_t *element)
{
    json_t *text = json_object_get(element, "text");

    return text ? text : element;
}

static void compare_likes(struct walk *walk, const char *path, json_t *before, json_t *after)
{
    if (!json_equal(before, after))
        tell_aged(walk, path, text_of(before), text_of(after),
                  has_only_aged("age_ms", json_object_get(before, "age_ms"),
                                json_object_get(after, "age_ms")));
}

/* A list is told as the texts that came and went, and those whose age fell. */
static void compare_lists(struct walk *walk, const char *path, json_t *before, json_t *after)
{
    json_t *one, *like;
    size_t i;

    json_array_foreach(before, i, one)
    {
        like = find_like(after, one);
        if (like)
            compare_likes(walk, path, one, like);
        else
            tell(walk, path, text_of(one), NULL);
    }
    json_array_foreach(after, i, one) if (!find_like(before, one))
        tell(walk, path, NULL, text_of(one));
}

static void compare_values(struct walk *walk, const char *path, json_t *before, json_t *after)
{
    if (json_is_object(before) || json_is_object(after))
        compare_objects(walk, path, before, after);
    else if (json_is_array(before) || json_is_array(after))
        compare_lists(walk, path, before, after);
    else if (!(json_is_null(before) && !after) && !(json_is_null(after) && !before) &&
             !json_equal(before, after))
        tell(walk, path, before, after);
}

static void compare_objects(struct walk *walk, const char *path, json_t *before, json_t *after)
{
    const char *name;
    json_t *value;

    json_object_foreach(before, name, value)
    {
        char *longer = path_to(walk, path, name);
        compare_values(walk, longer, value, json_object_get(after, name));
        free(longer);
    }
    json_object_foreach(after, name, value)
    {
        if (json_object_get(before, name))
            continue;
        char *longer = path_to(walk, path, name);
        compare_values(walk, longer, NULL, value);
        free(longer);
    }
}

static void print_table(const struct walk *walk)
{
    const struct terminal terminal = terminal_look();

    if (walk->sheet.count > 0)
        sheet_print(&walk->sheet, stdout, &terminal);
    else
        (void)puts("nothing changed");
    if (walk->aged > 0)
        (void)printf("left out: %s that only time has changed (see --json)\n",
                     counted((long long)walk->aged, "value", "values").text);
}

static int print(const struct walk *walk, bool as_json)
{
    if (as_json)
        return document_print(&compare_command, json_incref(walk->changes));
    print_table(walk);
    return command_done(&compare_command);
}

static int compare(json_t *before, json_t *after, bool as_json)
{
    static const char *const titles[] = {"<what", "before", "after", "change", NULL};
    struct walk walk = {.document = after, .changes = json_array()};

    sheet_init(&walk.sheet, titles);
    compare_values(&walk, "", before, after);
    int status = print(&walk, as_json);
    sheet_deinit(&walk.sheet);
    json_decref(walk.changes);
    return status;
}

static json_t *read_reading(const char *path)
{
    json_t *document = document_read(&compare_command, path);

    if (document && !json_is_object(json_object_get(document, "streams"))) {
        (void)command_fail(&compare_command, "%s was not written by " CTL_NAME " status --save",
                           escaped(path).text);
        json_decref(document);
        return NULL;
    }
    return document;
}

static int run(const struct invocation *invocation)
{
    const struct compare_values *values = invocation->values;
    json_t *before = read_reading(invocation->words->list[BEFORE]);
    json_t *after = before ? read_reading(invocation->words->list[AFTER]) : NULL;
    int status = after ? compare(before, after, values->json) : EXIT_FAILED;

    json_decref(before);
    json_decref(after);
    return status;
}

const struct ctl_command compare_command = {
    .name = "compare",
    .words = "BEFORE AFTER",
    .words_min = 2,
    .words_max = 2,
    .purpose = "Shows what changed between two readings that status --save has kept.",
    .details = "Examples:\n"
               "  quantumctl status --save before.json\n"
               "  quantumctl status --save after.json\n"
               "  quantumctl compare before.json after.json\n",
    COMMAND_OPTIONS(rows, struct compare_values),
    .run = run,
};
