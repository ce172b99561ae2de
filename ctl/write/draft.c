/* SPDX-License-Identifier: MIT */
#include "ctl/write/draft.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/number.h"

const char *const draft_form_names[] = {"payload", "data", "flat", NULL};

/* These stand beside a document, as fields of the entry itself. */
static const char *const names_beside[] = {"event_type", "timestamp", "source", "trace_id",
                                           "correlation_id"};

static bool belongs_beside(const char *name)
{
    for (size_t i = 0; i < sizeof names_beside / sizeof *names_beside; i++)
        if (strcmp(names_beside[i], name) == 0)
            return true;
    return false;
}

static void add(struct draft *draft, const char *name, const char *text, bool is_text)
{
    enum { ROOM_AT_FIRST = 32 };

    if (draft->count == draft->room) {
        draft->room = draft->room ? draft->room * 2 : ROOM_AT_FIRST;
        draft->fields = memory_resize(draft->fields, draft->room, sizeof *draft->fields);
    }
    draft->fields[draft->count++] = (struct draft_field){name, text, belongs_beside(name), is_text};
}

void draft_add(struct draft *draft, const char *name, const char *value)
{
    add(draft, name, value, false);
}

void draft_add_text(struct draft *draft, const char *name, const char *text)
{
    add(draft, name, text, true);
}

bool draft_has(const struct draft *draft, const char *name)
{
    for (size_t i = 0; i < draft->count; i++)
        if (strcmp(draft->fields[i].name, name) == 0)
            return true;
    return false;
}

void draft_clear(struct draft *draft)
{
    draft->count = 0;
    draft->is_torn = false;
}

void draft_free(struct draft *draft)
{
    free(draft->fields);
    *draft = (struct draft){0};
}

static json_t *json_of(const struct draft_field *field)
{
    size_t length = strlen(field->text);
    int64_t integer;
    double real;

    if (!field->is_text && number_read_integer(field->text, length, &integer))
        return json_integer(integer);
    if (!field->is_text && number_read(field->text, length, &real))
        return json_real(real);
    if (!field->is_text && strcmp(field->text, "true") == 0)
        return json_true();
    if (!field->is_text && strcmp(field->text, "false") == 0)
        return json_false();
    return json_stringn_nocheck(field->text, length);
}

static char *document_of(const struct draft *draft)
{
    json_t *object = json_object();

    for (size_t i = 0; i < draft->count; i++) {
        const struct draft_field *field = &draft->fields[i];
        if (!field->is_beside)
            (void)json_object_set_new_nocheck(object, field->name, json_of(field));
    }
    char *text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(15));
    json_decref(object);
    assert(text && "names and texts are UTF-8");
    return text;
}

void draft_write(const struct draft *draft, enum draft_form form,
                 void (*write)(void *data, const char *name, const char *bytes, size_t length),
                 void *data)
{
    bool is_flat = form == FORM_FLAT;
    size_t count = is_flat && draft->is_torn && draft->count > 0 ? draft->count - 1 : draft->count;

    for (size_t i = 0; i < count; i++) {
        const struct draft_field *field = &draft->fields[i];
        if (is_flat || field->is_beside)
            write(data, field->name, field->text, strlen(field->text));
    }
    if (is_flat)
        return;
    char *document = document_of(draft);
    write(data, draft_form_names[form], document, strlen(document) - draft->is_torn);
    free(document);
}

static void add_field(void *command, const char *name, const char *bytes, size_t length)
{
    command_add(command, name);
    command_add_bytes(command, bytes, length);
}

void draft_add_to(const struct draft *draft, enum draft_form form, struct command *command)
{
    draft_write(draft, form, add_field, command);
}
