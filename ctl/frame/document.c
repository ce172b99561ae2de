/* SPDX-License-Identifier: MIT */
#include "ctl/frame/document.h"

#include <stdlib.h>

#include "common/base/escape.h"
#include "common/base/memory.h"

json_t *document_new(void)
{
    return json_pack("{s:i}", "v", 1);
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
    (void)json_dumpf(document, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    (void)fputs("\n", stdout);
    json_decref(document);
    return command_done(command);
}
