/* SPDX-License-Identifier: MIT */
/* quantumctl dlq list and show. */
#include <string.h>

#include "common/base/calendar.h"
#include "common/base/escape.h"
#include "common/base/program.h"
#include "ctl/counted.h"
#include "ctl/dlq/dlq.h"
#include "ctl/sheet.h"

enum { VALUE_SHOWN_MAX = 65536 };

/* In the arguments of a call, as escaped(). */
static struct escaped shown(const struct reply_text *text)
{
    struct escaped copy;

    (void)escape(text->bytes, text->length, 200, copy.text, sizeof copy.text);
    return copy;
}

static int add_row(struct dlq *dlq, const struct dead_letter *letter, void *data)
{
    struct sheet *sheet = data;
    char id[STREAM_ID_TEXT_MAX];

    stream_id_print(letter->id, id);
    sheet_add(sheet, id);
    sheet_add_span(sheet, dlq->now_ms - (int64_t)letter->id.ms);
    sheet_add(sheet, shown(&letter->count).text);
    sheet_add(sheet, letter->symbol[0] ? letter->symbol : "-");
    sheet_add(sheet, shown(&letter->reason).text);
    sheet_add(sheet, shown(&letter->last_error).text);
    return 0;
}

static int list_table(struct dlq *dlq)
{
    static const char *const titles[] = {"<letter", "age",         "begun", "<symbol",
                                         "<reason", "<last error", NULL};
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

int dlq_list(struct dlq *dlq)
{
    return dlq->values->json ? dlq_print_json(dlq, false) : list_table(dlq);
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

static int print_letter(struct dlq *dlq, const struct dead_letter *letter, void *data)
{
    char id[STREAM_ID_TEXT_MAX], iso[CALENDAR_ISO_MAX];

    (void)data;
    (void)dlq;
    stream_id_print(letter->id, id);
    calendar_iso((int64_t)(letter->id.ms & INT64_MAX), iso);
    (void)printf("%s at %s\n", id, iso);
    print_ours("reason", &letter->reason);
    print_ours("begun", &letter->count);
    print_ours("last error", &letter->last_error);
    stream_id_print(letter->intent_id, id);
    (void)printf("the intent %s\n", id);
    for (size_t i = 0; i < letter->intent.count; i++) {
        const struct entry_field *field = &letter->intent.fields[i];
        print_field(field->name, field->name_length, field->value, field->value_length);
    }
    return 0;
}

int dlq_show(struct dlq *dlq)
{
    if (dlq->values->json)
        return dlq_print_json(dlq, true);
    return dlq_walk(dlq, print_letter, NULL) < 0 ? EXIT_FAILED : command_done(dlq->ask.command);
}
