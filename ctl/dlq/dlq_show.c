/* SPDX-License-Identifier: MIT */
/* quantumctl dlq list and show. */
#include <string.h>

#include "common/base/calendar.h"
#include "common/base/escape.h"
#include "common/base/number.h"
#include "common/options/program.h"
#include "ctl/dlq/dlq.h"
#include "ctl/frame/document.h"
#include "ctl/frame/sheet.h"
#include "ctl/frame/span.h"

enum { VALUE_SHOWN_MAX = 65536 };

/* In the arguments of a call, as escaped(). */
static struct escaped shown(const struct reply_text *text)
{
    struct escaped copy;

    (void)escape(text->bytes, text->length, 200, copy.text, sizeof copy.text);
    return copy;
}

static int add_row(struct dlq *dlq, const struct dead_letter *dead_letter, void *data)
{
    struct sheet *sheet = data;
    char id[STREAM_ID_TEXT_MAX];

    stream_id_print(dead_letter->id, id);
    sheet_add(sheet, id);
    sheet_add_span(sheet, dlq->now_ms - (int64_t)dead_letter->id.ms);
    sheet_add(sheet, shown(&dead_letter->count).text);
    sheet_add(sheet, dead_letter->symbol[0] ? dead_letter->symbol : "-");
    sheet_add(sheet, shown(&dead_letter->reason).text);
    sheet_add(sheet, shown(&dead_letter->last_error).text);
    return 0;
}

static int list_table(struct dlq *dlq)
{
    static const char *const titles[] = {"<dead letter", "age",         "begun", "<symbol",
                                         "<reason",      "<last error", NULL};
    const struct terminal terminal = terminal_look();
    struct sheet sheet;

    sheet_init(&sheet, titles);
    int result = dlq_walk(dlq, add_row, &sheet);
    if (result == 0 && sheet.count > 0)
        sheet_print(&sheet, stdout, &terminal);
    sheet_deinit(&sheet);
    if (result < 0)
        return EXIT_FAILED;
    (void)printf("%s%s\n", counted(dlq->taken, "dead letter", "dead letters").text,
                 dlq->has_more ? ", and more (see --max)" : "");
    return command_done(dlq->ask.command);
}

/* --- as a document: whole, or as they are listed */

struct filing {
    json_t *dead_letters;
    bool is_whole; /* with the intent's own fields */
};

static json_t *text(const struct reply_text *value)
{
    return document_text(value->bytes, value->length);
}

/* Pairs in an array, because a name may come twice. */
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

static json_t *count_of(const struct dead_letter *dead_letter)
{
    int64_t count;

    return number_read_integer(dead_letter->count.bytes, dead_letter->count.length, &count)
               ? json_integer(count)
               : json_null();
}

static int add_dead_letter(struct dlq *dlq, const struct dead_letter *dead_letter, void *data)
{
    const struct filing *filing = data;
    json_t *one =
        json_pack("{s:o, s:I, s:o, s:o, s:o, s:o, s:o}", "id", document_id(dead_letter->id),
                  "age_ms", (json_int_t)(dlq->now_ms - (int64_t)dead_letter->id.ms), "intent_id",
                  document_id(dead_letter->intent_id), "symbol",
                  dead_letter->symbol[0] ? json_string(dead_letter->symbol) : json_null(), "reason",
                  text(&dead_letter->reason), "count", count_of(dead_letter), "last_error",
                  text(&dead_letter->last_error));

    if (filing->is_whole)
        document_put(one, "fields", fields_of(&dead_letter->intent));
    (void)json_array_append_new(filing->dead_letters, one);
    return 0;
}

static int print_json(struct dlq *dlq, bool is_whole)
{
    struct filing filing = {json_array(), is_whole};
    json_t *document = document_new();

    document_put(document, "letters", filing.dead_letters);
    if (dlq_walk(dlq, add_dead_letter, &filing) < 0) {
        json_decref(document);
        return EXIT_FAILED;
    }
    document_put(document, "has_more", json_boolean(dlq->has_more));
    return document_print(dlq->ask.command, document);
}

/* --- the commands */

int dlq_list(struct dlq *dlq)
{
    return dlq->values->json ? print_json(dlq, false) : list_table(dlq);
}

/* Whole, and fit for a terminal. */
static void print_field(const char *name, size_t name_length, const char *value, size_t length)
{
    static char text[4 * VALUE_SHOWN_MAX + 1];

    (void)escape(name, name_length, 64, text, sizeof text);
    (void)printf("  %-20s ", text);
    (void)escape(value, length, VALUE_SHOWN_MAX, text, sizeof text);
    (void)printf("%s\n", text);
}

static void print_ours(const char *name, const struct reply_text *value)
{
    print_field(name, strlen(name), value->bytes, value->length);
}

static int print_dead_letter(struct dlq *dlq, const struct dead_letter *dead_letter, void *data)
{
    char id[STREAM_ID_TEXT_MAX], iso[CALENDAR_ISO_MAX];

    (void)data;
    (void)dlq;
    stream_id_print(dead_letter->id, id);
    calendar_iso((int64_t)(dead_letter->id.ms & INT64_MAX), iso);
    (void)printf("%s at %s\n", id, iso);
    print_ours("reason", &dead_letter->reason);
    print_ours("begun", &dead_letter->count);
    print_ours("last error", &dead_letter->last_error);
    stream_id_print(dead_letter->intent_id, id);
    (void)printf("the intent %s\n", id);
    for (size_t i = 0; i < dead_letter->intent.count; i++) {
        const struct entry_field *field = &dead_letter->intent.fields[i];
        print_field(field->name, field->name_length, field->value, field->value_length);
    }
    return 0;
}

int dlq_show(struct dlq *dlq)
{
    if (dlq->values->json)
        return print_json(dlq, true);
    return dlq_walk(dlq, print_dead_letter, NULL) < 0 ? EXIT_FAILED
                                                      : command_done(dlq->ask.command);
}
