/* SPDX-License-Identifier: MIT */
#include "ctl/past/record_json.h"

#include <stdio.h>

#include "common/base/number.h"
#include "ctl/frame/document.h"

enum { TEXT_MAX = 200, NAME_MAX_BYTES = 64 };

json_t *record_text_json(struct recorded_text text)
{
    return document_text(text.bytes, text.length < TEXT_MAX ? text.length : TEXT_MAX);
}

json_t *record_count_json(struct recorded_text text)
{
    int64_t count;

    if (number_read_integer(text.bytes, text.length, &count))
        return json_integer((json_int_t)count);
    return record_text_json(text);
}

json_t *record_words_json(struct recorded_text words)
{
    struct recorded_text name, value;
    json_t *object = json_object();
    size_t at = 0;

    while (recorded_next_word(words, &at, &name, &value)) {
        char text[NAME_MAX_BYTES];
        (void)snprintf(text, sizeof text, "%.*s", (int)name.length, name.bytes);
        document_put(object, text, record_count_json(value));
    }
    return object;
}
