/* SPDX-License-Identifier: MIT */
#include "ctl/report/report.h"

#include <string.h>

#include "common/base/wall.h"
#include "common/options/program.h"
#include "ctl/frame/document.h"
#include "ctl/frame/executor_configuration.h"
#include "ctl/frame/since.h"
#include "ctl/past/past_options.h"
#include "executor/settings/executor_settings.h"

struct report_values {
    bool json;
    char *since;
    char *archive;
    char *html;
    char *with;
    double cost_bps;
    char *executor_config;
};

#define AT(member) offsetof(struct report_values, member)

static const struct option_row rows[] = {
    {.key = "since",
     TAKES_TEXT(AT(since), 64, "24h"),
     .help = "from when on: 08:00 (UTC, the last one), 24h, 7d, 2026-01-19"},
    ARCHIVE_ROW(AT(archive)),
    COST_ROW(AT(cost_bps)),
    {.key = "with",
     TAKES_TEXT(AT(with), 0, ""),
     .takes = "FILE",
     .help = "a router's configuration: what it would have published in the same windows, too"},
    {.key = "html",
     TAKES_TEXT(AT(html), 0, ""),
     .help = "writes a page into this file, with pictures and the tables that they are drawn from"},
    DOCUMENT_ROW(AT(json)),
    EXECUTOR_FILE_ROW(AT(executor_config)),
};

/* --- the command */

static const char *executor_file(const void *values)
{
    return ((const struct report_values *)values)->executor_config;
}

static void check(const struct options *options, const struct names *words,
                  struct complaints *complaints)
{
    const struct report_values *values = options->values;

    (void)words;
    since_check("since", values->since, complaints);
    variants_check(&(struct what_if_values){.with = values->with,
                                            .sweep = (char[]){""},
                                            .archive = values->archive},
                   complaints);
}

static int read_with(struct report *report, const struct invocation *invocation,
                     const struct ask *ask)
{
    const struct report_values *values = invocation->values;

    return *values->with ? report_with_read(&report->with, report, invocation, values->with, ask)
                         : 0;
}

static int read_redis(struct report *report, const struct invocation *invocation)
{
    const struct report_values *values = invocation->values;
    struct ask ask = {&report_command, command_connect(&report_command, invocation->settings)};

    if (!ask.client)
        return -1;
    int result = ask_time(&ask, &report->now_ms);
    if (result == 0)
        (void)since_read(values->since, report->now_ms, &report->since_ms);
    if (result == 0)
        result = report_read_redis(report, invocation, &ask);
    if (result == 0)
        result = read_with(report, invocation, &ask);
    client_free(ask.client);
    return result;
}

static int read_all(struct report *report, const struct invocation *invocation)
{
    const struct report_values *values = invocation->values;

    if (!*values->archive)
        return read_redis(report, invocation);
    report->folder = values->archive;
    report->now_ms = wall_ms();
    (void)since_read(values->since, report->now_ms, &report->since_ms);
    int result = report_read_archive(report);
    return result == 0 ? read_with(report, invocation, NULL) : result;
}

static int say(const struct report_values *values, const struct report *report)
{
    int status = *values->html ? report_save_page(report, values->html) : EXIT_DONE;

    if (status != EXIT_DONE || (*values->html && !values->json))
        return status;
    return values->json ? report_print_json(report) : report_print_text(report);
}

static int run(const struct invocation *invocation)
{
    const struct report_values *values = invocation->values;
    struct report report = {.command = &report_command,
                            .cost_bps = cost_bps_of(values->cost_bps, invocation->executor)};
    int status = EXIT_FAILED;

    report_book_init(&report.book, report.cost_bps);
    if (read_all(&report, invocation) == 0) {
        report_book_close(&report.book);
        status = say(values, &report);
    }
    if (report.is_held_known)
        held_look_release(&report.held);
    report_book_release(&report.book);
    report_with_release(&report.with);
    return status;
}

const struct ctl_command report_command = {
    .name = "report",
    .words = "",
    .purpose = "Says what happened: from signals to profit, and what can be told from it.",
    .details =
        "Figures are of the records of decisions and the results of the executor. Profit is net "
        "of\nfees. Intervals are of 95%, from drawing whole days again; where one holds zero, or "
        "there\nare too few trades or days, or too much is not known, it says 'not "
        "distinguishable'.\n\n"
        "With --archive Redis is not asked, and what was refused is followed by the prices that\n"
        "stand there: what it would have made within 1, 5 and 15 minutes, with costs.\n\n"
        "Examples:\n"
        "  quantumctl report --since=08:00\n"
        "  quantumctl report --since=30d --archive=/var/lib/quantum/archive\n"
        "  quantumctl report --since=7d --html=report.html\n"
        "  quantumctl report --since=7d --with=other.conf\n"
        "  quantumctl report --json | jq .profit.total\n",
    COMMAND_OPTIONS(rows, struct report_values),
    .check = check,
    .executor_file = executor_file,
    .run = run,
};
