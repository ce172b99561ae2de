/* SPDX-License-Identifier: MIT */
/* quantumctl groups list: every stream with its groups and consumers, as a table or a document. */
#include "common/base/escape.h"
#include "common/options/program.h"
#include "ctl/frame/sheet.h"
#include "ctl/groups/groups.h"
#include "ctl/look/stream_look.h"

/* --- the table */

static void add_consumers(struct sheet *sheet, const struct group_look *group)
{
    for (size_t i = 0; i < group->consumer_count; i++) {
        const struct consumer_look *consumer = &group->consumers[i];
        sheet_add_format(sheet, "    %s", consumer->shown);
        sheet_add(sheet, "");
        sheet_add_count(sheet, consumer->pending);
        sheet_add_span(sheet, consumer->idle_ms);
        sheet_add(sheet, "");
        sheet_color(sheet, COLOR_DIM);
    }
}

static void add_stream(struct sheet *sheet, const struct stream_look *look)
{
    char id[STREAM_ID_TEXT_MAX];

    sheet_add(sheet, escaped(look->name).text);
    sheet_add(sheet, "");
    sheet_add(sheet, "");
    sheet_add(sheet, "");
    stream_id_print(look->last, id);
    sheet_add(sheet, id);
    for (size_t i = 0; i < look->group_count; i++) {
        const struct group_look *group = &look->groups[i];
        sheet_add_format(sheet, "  %s", group->shown);
        sheet_add_count(sheet, group->lag);
        sheet_add_count(sheet, group->pending);
        sheet_add(sheet, "");
        stream_id_print(group->last_delivered, id);
        sheet_add(sheet, id);
        add_consumers(sheet, group);
    }
}

static int list_table(const struct groups *groups, const struct names *streams)
{
    static const char *const titles[] = {
        "<stream, group, consumer", "lag", "pending", "idle", "last id", NULL};
    const struct terminal terminal = terminal_look();
    struct sheet sheet;
    int result = 0;

    sheet_init(&sheet, titles);
    for (size_t i = 0; i < streams->count && result == 0; i++) {
        struct stream_look look;
        result = stream_look_require(&groups->ask, streams->list[i], true, &look);
        if (result < 0)
            break;
        add_stream(&sheet, &look);
        stream_look_release(&look);
    }
    if (result == 0)
        sheet_print(&sheet, stdout, &terminal);
    sheet_deinit(&sheet);
    return result == 0 ? command_done(groups->ask.command) : EXIT_FAILED;
}

/* --- the document */

static json_t *consumers_json(const struct group_look *group)
{
    json_t *consumers = json_object();

    for (size_t i = 0; i < group->consumer_count; i++) {
        const struct consumer_look *consumer = &group->consumers[i];
        (void)json_object_set_new(consumers, consumer->shown,
                                  json_pack("{s:I, s:I}", "pending", (json_int_t)consumer->pending,
                                            "idle_ms", (json_int_t)consumer->idle_ms));
    }
    return consumers;
}

static json_t *groups_json(const struct stream_look *look, int64_t now_ms)
{
    json_t *list = json_object();

    for (size_t i = 0; i < look->group_count; i++) {
        const struct group_look *group = &look->groups[i];
        json_t *one = stream_json_group(group, now_ms);
        (void)json_object_set_new(one, "last_delivered_id", document_id(group->last_delivered));
        (void)json_object_set_new(one, "by_consumer", consumers_json(group));
        (void)json_object_set_new(list, group->shown, one);
    }
    return list;
}

static void add_to_document(json_t *streams, const struct stream_look *look, int64_t now_ms)
{
    json_t *stream = stream_json(look, now_ms);

    (void)json_object_set_new(stream, "last_id", document_id(look->last));
    (void)json_object_set_new(stream, "groups", groups_json(look, now_ms));
    (void)json_object_set_new(streams, escaped(look->name).text, stream);
}

static int list_json(const struct groups *groups, const struct names *names)
{
    json_t *document = document_new(), *streams = json_object();
    int64_t now_ms;
    int result = ask_time(&groups->ask, &now_ms);

    (void)json_object_set_new(document, "streams", streams);
    for (size_t i = 0; i < names->count && result == 0; i++) {
        struct stream_look look;
        result = stream_look_require(&groups->ask, names->list[i], true, &look);
        if (result < 0)
            break;
        add_to_document(streams, &look, now_ms);
        stream_look_release(&look);
    }
    if (result == 0)
        return document_print(groups->ask.command, document);
    json_decref(document);
    return EXIT_FAILED;
}

int groups_list(const struct groups *groups, const struct names *streams)
{
    return groups->values->json ? list_json(groups, streams) : list_table(groups, streams);
}
