/* SPDX-License-Identifier: MIT */
#include "ctl/frame/document.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/escape.h"
#include "common/base/file.h"
#include "common/base/memory.h"
#include "common/options/program.h"
#include "ctl/frame/saved_file.h"

json_t *document_new(void)
{
    return json_pack("{s:i}", "v", 1);
}

void document_put(json_t *object, const char *name, json_t *value)
{
    (void)json_object_set_new(object, name, value);
}

json_t *document_known(int64_t value)
{
    return value < 0 ? json_null() : json_integer(value);
}

json_t *document_id(struct stream_id id)
{
    char text[STREAM_ID_TEXT_MAX];

    stream_id_print(id, text);
    return json_string(text);
}

json_t *document_text(const char *bytes, size_t length)
{
    json_t *whole = json_stringn(bytes, length);

    if (whole)
        return whole;
    size_t room = 4 * length + 1;
    char *text = memory_array(room, 1);
    (void)escape(bytes, length, length, text, room);
    whole = json_string(text);
    free(text);
    return whole;
}

int document_print(const struct ctl_command *command, json_t *document)
{
    (void)json_dumpf(document, stdout, JSON_INDENT(2) | DOCUMENT_STYLE);
    (void)fputs("\n", stdout);
    json_decref(document);
    return command_done(command);
}

enum { DOCUMENT_MAX = 16 << 20 };

static bool write_document(FILE *out, const void *what)
{
    return json_dumpf(what, out, JSON_INDENT(2) | DOCUMENT_STYLE) == 0 && fputc('\n', out) != EOF;
}

int document_save(const struct ctl_command *command, const char *path, const json_t *document)
{
    return saved_file_write(command, path, write_document, document);
}

json_t *document_read(const struct ctl_command *command, const char *path)
{
    char *bytes;
    size_t length;
    json_error_t error;
    int result = file_read(path, DOCUMENT_MAX, &bytes, &length);

    if (result < 0) {
        (void)command_fail(command, "%s: %s", escaped(path).text, file_problem(result));
        return NULL;
    }
    json_t *document = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &error);
    free(bytes);
    if (!document)
        (void)command_fail(command, "%s:%d: %s", escaped(path).text, error.line, error.text);
    return document;
}
