/* SPDX-License-Identifier: MIT */
#include "ctl/report/report_with.h"

#include <stdlib.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "ctl/frame/document.h"
#include "ctl/frame/fold.h"
#include "ctl/frame/page.h"
#include "ctl/past/record_archive.h"
#include "ctl/report/report.h"
#include "executor/settings/executor_settings.h"

static struct records *open_records(const struct report *report,
                                    const struct invocation *invocation, const struct ask *ask,
                                    const struct record_range *range)
{
    const struct keys *keys = &invocation->settings->keys;
    const struct record_keys names = {keys->decisions, keys->settings};

    return report->folder ? record_archive_open(report->command, report->folder, range)
                          : record_stream_open(ask, NULL, &names, range);
}

int report_with_read(struct report_with *with, const struct report *report,
                     const struct invocation *invocation, const char *file, const struct ask *ask)
{
    char none[] = "", *path = memory_text(file);
    char *folder = memory_text(report->folder ? report->folder : "");
    const struct what_if_values values = {.with = path, .sweep = none, .archive = folder};
    struct record_range range = record_range_all();

    range.from = report_since(report);
    const struct what_if_source source = {report->folder, ask, invocation->executor->keys.results,
                                          range.from};
    with->what_if = what_if_new(report->command, &values, report->cost_bps);
    free(path);
    free(folder);
    if (!with->what_if)
        return -1;
    with->run.range = range;
    with->run.source = open_records(report, invocation, ask, &range);
    if (!with->run.source)
        return -1;
    int result = what_if_read(with->what_if, &with->run, &source);
    with->run.source->close(with->run.source);
    return result < 0 ? -1 : 0;
}

void report_with_release(struct report_with *with)
{
    what_if_free(with->what_if);
    replay_run_release(&with->run);
}

/* --- what is told */

void report_with_print(const struct report_with *with)
{
    if (!with->what_if)
        return;
    char *name = what_if_name(with->what_if);
    (void)printf("\nWhat would %s have published in the same windows?\n", escaped(name).text);
    free(name);
    if (*with->what_if->why)
        fold_print_note(with->what_if->why);
    else
        what_if_put_text(with->what_if, &with->run);
}

json_t *report_with_json(const struct report_with *with)
{
    if (!with->what_if)
        return json_null();
    json_t *object = json_object();
    if (*with->what_if->why) {
        char *name = what_if_name(with->what_if);
        document_put(object, "policy", json_string(escaped(name).text));
        document_put(object, "why", json_string(escaped(with->what_if->why).text));
        free(name);
    } else {
        what_if_put_json(object, with->what_if, &with->run);
    }
    return object;
}

void report_with_put(FILE *out, const struct report_with *with)
{
    if (!with->what_if)
        return;
    char *name = what_if_name(with->what_if);
    (void)fputs("<h2>", out);
    page_print(out, "What would %s have published in the same windows?", escaped(name).text);
    (void)fputs("</h2>\n", out);
    free(name);
    if (*with->what_if->why) {
        (void)fputs("<p>", out);
        page_put(out, with->what_if->why);
        (void)fputs("</p>\n", out);
    } else {
        what_if_put_page(out, with->what_if, &with->run);
    }
}
