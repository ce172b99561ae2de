/* SPDX-License-Identifier: MIT */
#include "ctl/what_if/what_if.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/options/program.h"
#include "ctl/past/archive_prices.h"
#include "ctl/past/archive_reader.h"
#include "ctl/past/result_pages.h"

struct what_if *what_if_new(const struct ctl_command *command, const struct what_if_values *values,
                            double cost_bps)
{
    struct what_if *what_if = memory_new(sizeof *what_if);
    struct complaints complaints = {0};

    what_if->command = command;
    what_if->cost_bps = cost_bps;
    variants_read(&what_if->variants, values, &complaints);
    what_if_book_init(&what_if->book, what_if->variants.count, cost_bps);
    bool is_read = complaints.count == 0;
    if (!is_read)
        (void)command_fail(command, "%s", complaints.lines[0]);
    complaints_free(&complaints);
    if (is_read)
        return what_if;
    what_if_free(what_if);
    return NULL;
}

void what_if_free(struct what_if *what_if)
{
    if (!what_if)
        return;
    if (what_if->raw)
        raw_windows_release(what_if->raw);
    free(what_if->raw);
    free(what_if->answers);
    what_if_book_release(&what_if->book);
    variants_release(&what_if->variants);
    free(what_if);
}

/* --- windows */

static int fail_raw(const struct what_if *what_if, int error)
{
    (void)command_fail(what_if->command, "%s: %s", escaped(what_if->folder).text,
                       archive_problem(error));
    return -1;
}

static int open_raw(struct what_if *what_if, const struct recorded *recorded)
{
    enum { BEFORE_MS = 3600 * 1000 };

    what_if->book.joins = true;
    what_if->raw = memory_new(sizeof *what_if->raw);
    int result =
        raw_windows_init(what_if->raw, what_if->folder, recorded->snapshot.now_ms - BEFORE_MS,
                         &what_if->variants, &what_if->book);
    return result < 0 ? fail_raw(what_if, result) : 0;
}

static int make_variants(struct what_if *what_if, const struct recorded *recorded,
                         const struct record_again *again)
{
    if (strcmp(what_if->settings, recorded->settings) == 0)
        return 0;
    memcpy(what_if->settings, recorded->settings, sizeof what_if->settings);
    if (!variants_make(&what_if->variants, &again->settings->settings, what_if->why))
        return -1;
    return what_if->raw || !variants_are_approximate(&what_if->variants)
               ? 0
               : open_raw(what_if, recorded);
}

/* The bits of those that raw signals decide, where all of this window's are there. */
static int follow_raw(struct what_if *what_if, const struct recorded *recorded,
                      const struct record_again *again, uint64_t *asked)
{
    bool is_covered = false;

    if (!what_if->raw)
        return 0;
    int result =
        raw_windows_follow(what_if->raw, recorded, &again->settings->settings, &is_covered);
    if (result < 0)
        return fail_raw(what_if, result);
    for (size_t i = 0; i < what_if->variants.count; i++)
        if (what_if->variants.list[i].is_approximate && is_covered)
            *asked |= UINT64_C(1) << i;
    return 0;
}

/* Rows may stand in another order for each variant: each choice is noted by its signal. */
static void note_choices(const struct recorded *recorded, const struct plan *plan, size_t variant,
                         uint64_t *chosen_by)
{
    for (size_t i = 0; i < plan->chosen; i++) {
        const struct signal *signal = recorded->window.candidates[plan->choices[i].index].signal;
        chosen_by[signal - recorded->signals] |= UINT64_C(1) << variant;
    }
}

/* As the rows stand now. */
static void in_order(const struct recorded *recorded, const uint64_t *chosen_by, uint64_t *ret_rows)
{
    for (size_t i = 0; i < recorded->window.count; i++)
        ret_rows[i] = chosen_by[recorded->window.candidates[i].signal - recorded->signals];
}

static void decide_all(struct what_if *what_if, struct recorded *recorded, uint64_t asked)
{
    uint64_t *chosen_by = memory_array(2 * recorded->window.count, sizeof *chosen_by);
    uint64_t *rows = chosen_by + recorded->window.count;
    struct plan plan;

    for (size_t i = 0; i < what_if->variants.count; i++) {
        if (what_if->variants.list[i].is_approximate ||
            !variant_decide(&what_if->variants.list[i], recorded, &plan))
            continue;
        asked |= UINT64_C(1) << i;
        note_choices(recorded, &plan, i, chosen_by);
        plan_release(&plan);
    }
    in_order(recorded, chosen_by, rows);
    what_if_book_window(&what_if->book, recorded, asked, rows);
    free(chosen_by);
}

static int decided(void *owner, struct recorded *recorded, const struct record_again *again)
{
    struct what_if *what_if = owner;

    if (again->again.outcome != AGAIN_IDENTICAL) {
        what_if_book_pass(&what_if->book);
        int passed = what_if->raw ? raw_windows_pass(what_if->raw, recorded) : 0;
        return passed < 0 ? fail_raw(what_if, passed) : 0;
    }
    uint64_t asked = 0;
    if (make_variants(what_if, recorded, again) < 0 ||
        follow_raw(what_if, recorded, again, &asked) < 0)
        return -1;
    decide_all(what_if, recorded, asked);
    return 0;
}

/* --- outcomes */

static void take_result(void *owner, const struct entry *entry)
{
    what_if_book_result(&((struct what_if *)owner)->book, entry);
}

static void take_price(void *owner, int64_t at_ms, const char *symbol, double price)
{
    what_if_book_price(&((struct what_if *)owner)->book, at_ms, symbol, price);
}

static void take_entry(struct what_if *what_if, const struct archive_entry *entry,
                       struct stream_id from)
{
    struct entry result;

    if (entry->kind == ARCHIVE_PRICES) {
        archive_prices_read(entry, take_price, what_if);
    } else if (entry->kind == ARCHIVE_RESULT && stream_id_compare(entry->id, from) >= 0) {
        archive_entry_of_stream(entry, &result);
        take_result(what_if, &result);
    }
}

static int read_archive(struct what_if *what_if, const struct what_if_source *source)
{
    struct archive_reader reader;
    int result = archive_reader_open(&reader, source->folder, stream_id_time_ms(source->from));

    while (result == 0 && (result = archive_reader_next(&reader)) == 0)
        take_entry(what_if, &reader.entry, source->from);
    archive_reader_close(&reader);
    if (result == 1)
        return 0;
    (void)command_fail(what_if->command, "%s: %s", escaped(source->folder).text,
                       archive_problem(result));
    return -1;
}

static int read_outcomes(struct what_if *what_if, const struct what_if_source *source)
{
    what_if_book_begin(&what_if->book);
    int result = source->folder ? read_archive(what_if, source)
                                : result_pages_read(source->ask, source->results, source->from,
                                                    take_result, what_if);
    what_if_book_close(&what_if->book);
    return result;
}

static void ask_all(struct what_if *what_if)
{
    what_if->answers = memory_array(what_if->variants.count, sizeof *what_if->answers);
    for (size_t i = 0; i < what_if->variants.count; i++)
        what_if->answers[i] = what_if_book_ask(&what_if->book, i);
}

/* 1: nothing was there to decide it from. */
static int end_raw(struct what_if *what_if)
{
    if (!what_if->raw)
        return 0;
    raw_windows_end(what_if->raw);
    if (what_if->raw->covered > 0)
        return 0;
    (void)snprintf(what_if->why, sizeof what_if->why,
                   "%.80s has no raw signals of these windows, which that policy needs; "
                   "quantumctl archive keeps them while it runs: ask of that time, or of what "
                   "records know",
                   escaped(what_if->folder).text);
    return 1;
}

int what_if_read(struct what_if *what_if, struct replay_run *run,
                 const struct what_if_source *source)
{
    run->decided = decided;
    run->owner = what_if;
    what_if->folder = source->folder;
    if (run->source && replay_run(run) < 0)
        return *what_if->why ? 1 : -1;
    if (end_raw(what_if) > 0)
        return 1;
    if (read_outcomes(what_if, source) < 0)
        return -1;
    ask_all(what_if);
    return 0;
}
