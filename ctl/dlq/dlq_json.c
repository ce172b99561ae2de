/* SPDX-License-Identifier: MIT */
/* quantumctl dlq list and show, as a document. */
#include "common/base/number.h"
#include "common/base/program.h"
#include "ctl/dlq/dlq.h"
#include "ctl/document.h"

struct filing {
    json_t *letters;
    bool is_whole; /* with the intent's own fields */
};

static json_t *text(const struct reply_text *value)
{
    return document_text(value->bytes, value->length);
}

/* By twos, because a name may come twice. */
static json_t *fields_of(const struct entry *intent)
{
    json_t *fields = json_array();

    for (size_t i = 0; i < intent->count; i++) {
        const struct entry_field *field = &intent->fields[i];
        (void)json_array_append_new(
            fields, json_pack("{s:o, s:o}", "name", document_text(field->name, field->name_length),
                              "value", document_text(field->value, field->value_length)));
    }
    return fields;
}

static json_t *count_of(const struct dead_letter *letter)
{
    int64_t count;

    return number_read_integer(letter->count.bytes, letter->count.length, &count)
               ? json_integer(count)
               : json_null();
}

static int add_letter(struct dlq *dlq, const struct dead_letter *letter, void *data)
{
    const struct filing *filing = data;
    json_t *one = json_pack("{s:o, s:I, s:o, s:o, s:o, s:o, s:o}", "id", document_id(letter->id),
                            "age_ms", (json_int_t)(dlq->now_ms - (int64_t)letter->id.ms),
                            "intent_id", document_id(letter->intent_id), "symbol",
                            letter->symbol[0] ? json_string(letter->symbol) : json_null(), "reason",
                            text(&letter->reason), "count", count_of(letter), "last_error",
                            text(&letter->last_error));

    if (filing->is_whole)
        (void)json_object_set_new(one, "fields", fields_of(&letter->intent));
    (void)json_array_append_new(filing->letters, one);
    return 0;
}

int dlq_print_json(struct dlq *dlq, bool is_whole)
{
    struct filing filing = {json_array(), is_whole};
    json_t *document = document_new();

    (void)json_object_set_new(document, "letters", filing.letters);
    if (dlq_walk(dlq, add_letter, &filing) < 0) {
        json_decref(document);
        return EXIT_FAILED;
    }
    (void)json_object_set_new(document, "has_more", json_boolean(dlq->has_more));
    return document_print(dlq->ask.command, document);
}
