/* SPDX-License-Identifier: MIT */
#include "ctl/report/report.h"

#include "common/base/escape.h"
#include "ctl/past/archive_prices.h"
#include "ctl/past/archive_reader.h"
#include "ctl/past/records.h"
#include "ctl/past/result_pages.h"
#include "executor/settings/executor_settings.h"

struct stream_id report_since(const struct report *report)
{
    return (struct stream_id){.ms = report->since_ms > 0 ? (uint64_t)report->since_ms : 0};
}

static bool is_since(const struct report *report, struct stream_id id)
{
    return stream_id_compare(id, report_since(report)) >= 0;
}

/* --- out of Redis */

static int read_records(struct report *report, struct records *source)
{
    struct recorded recorded = {0};
    struct record_item item;
    int result;

    while ((result = source->next(source, &item)) == 0) {
        if (item.is_before)
            continue;
        report->gaps += !item.follows && report->book.records > 0;
        recorded_read(&recorded, &item.entry);
        report_book_record(&report->book, &recorded);
    }
    recorded_release(&recorded);
    return result < 0 ? -1 : 0;
}

static int read_decisions(struct report *report, const struct invocation *invocation,
                          const struct ask *ask)
{
    const struct keys *keys = &invocation->settings->keys;
    const struct record_keys names = {keys->decisions, keys->settings};
    struct record_range range = record_range_all();

    range.from = report_since(report);
    struct records *source = record_stream_open(ask, NULL, &names, &range);
    if (!source)
        return -1;
    int result = read_records(report, source);
    source->close(source);
    return result;
}

static void take_redis_result(void *owner, const struct entry *entry)
{
    report_book_result(&((struct report *)owner)->book, entry);
}

static int read_held(struct report *report, const struct invocation *invocation,
                     const struct ask *ask)
{
    const struct keys *names = &invocation->settings->keys;
    const struct held_keys keys = {names->open_orders, names->held,
                                   invocation->executor->keys.positions};

    int result = held_look_read(ask, &keys, false, &report->held);
    report->is_held_known = result == 0;
    return result;
}

int report_read_redis(struct report *report, const struct invocation *invocation,
                      const struct ask *ask)
{
    int result = read_decisions(report, invocation, ask);

    if (result == 0)
        result = result_pages_read(ask, invocation->executor->keys.results, report_since(report),
                                   take_redis_result, report);
    return result == 0 ? read_held(report, invocation, ask) : result;
}

/* --- out of an archive */

static void take_decision(struct report *report, struct recorded *recorded,
                          const struct archive_entry *entry)
{
    struct entry record;

    archive_entry_of_stream(entry, &record);
    recorded_read(recorded, &record);
    report_book_record(&report->book, recorded);
}

static void take_result(struct report *report, const struct archive_entry *entry)
{
    struct entry result;

    archive_entry_of_stream(entry, &result);
    report_book_result(&report->book, &result);
}

static void take_price(void *owner, int64_t at_ms, const char *symbol, double price)
{
    struct report *report = owner;

    report_book_price(&report->book, at_ms, symbol, price);
    report->has_prices = true;
}

static void take_entry(struct report *report, struct recorded *recorded,
                       const struct archive_entry *entry)
{
    if (entry->kind == ARCHIVE_PRICES)
        archive_prices_read(entry, take_price, report);
    if (!is_since(report, entry->id))
        return;
    if (entry->kind == ARCHIVE_DECISION)
        take_decision(report, recorded, entry);
    else if (entry->kind == ARCHIVE_RESULT)
        take_result(report, entry);
    else if (entry->kind == ARCHIVE_GAP)
        report->gaps += !archive_entry_has(entry, "kind", archive_kind_name(ARCHIVE_SIGNAL));
}

int report_read_archive(struct report *report)
{
    struct archive_reader reader;
    struct recorded recorded = {0};
    int result = archive_reader_open(&reader, report->folder, report->since_ms);

    while (result == 0 && (result = archive_reader_next(&reader)) == 0)
        take_entry(report, &recorded, &reader.entry);
    report->gaps += archive_reader_damaged(&reader) > 0;
    archive_reader_close(&reader);
    recorded_release(&recorded);
    if (result == 1)
        return 0;
    (void)command_fail(report->command, "%s: %s", escaped(report->folder).text,
                       archive_problem(result));
    return -1;
}
