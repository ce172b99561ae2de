/* SPDX-License-Identifier: MIT */
#include "ctl/drain/drain.h"

#include <stdlib.h>
#include <uv.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/options/program.h"
#include "common/redis/clock.h"
#include "common/redis/reply.h"
#include "ctl/drain/drain_pace.h"
#include "ctl/drain/drain_report.h"
#include "ctl/drain/drain_source.h"
#include "ctl/drain/drain_tally.h"
#include "ctl/drain/drain_writer.h"
#include "ctl/frame/interrupt.h"

enum {
    NAP_NS_MIN = 2000000, /* what is due sooner goes now: naps are no finer */
};

/* It has two connections, so that reading does not wait for writing. */
struct drain {
    const struct drain_config *config;
    struct drain_place read_place, write_place;
    struct drain_look look;
    struct drain_source source;
    struct drain_writer writer;
    struct drain_tally tally;
    struct drain_report report;
    struct drain_histogram histogram;
    struct drain_pace pace;
    struct entry entry;
    struct redis_clock clock;
    struct drain_page again; /* what is judged once more */
    bool has_ended;          /* there was nothing more */
};

static int read_clock(struct drain *drain)
{
    int64_t now_ms;

    if (ask_time(&drain->read_place.ask, &now_ms) < 0)
        return -1;
    redis_clock_set(&drain->clock, now_ms);
    return 0;
}

/* --- one entry */

/* What was gathered is settled before the wait, which may be long. */
static int wait_for_turn(struct drain *drain)
{
    uint64_t now_ns = uv_hrtime();

    if (drain->pace.due_ns > now_ns + NAP_NS_MIN && drain_writer_finish(&drain->writer) < 0)
        return -1;
    while (!interrupt_is_asked() && drain->pace.due_ns > now_ns + NAP_NS_MIN) {
        interrupt_nap(drain->pace.due_ns - now_ns);
        now_ns = uv_hrtime();
        drain_report_tick(&drain->report, now_ns);
    }
    drain_pace_take(&drain->pace, now_ns);
    return 0;
}

static void count_dry(struct drain *drain, const struct drain_item *item,
                      const struct drain_event *event)
{
    bool is_gone = !item->fields;

    drain_tally_add(&drain->tally, event->action, is_gone,
                    drain_dead_letters_want(drain->config->dead_letters, event->action, is_gone));
    drain_histogram_add(&drain->histogram, event);
}

static int handle(struct drain *drain, const struct drain_item *item)
{
    const struct drain_config *config = drain->config;
    int64_t now_ms = redis_clock_now(&drain->clock);
    struct drain_event event;
    int result = 0;

    if (!drain_item_read(item, &drain->entry)) {
        (void)command_fail(drain->config->invocation->command,
                           "Redis sent an entry of an unexpected shape");
        return -1;
    }
    drain_judge(&config->filter, &drain->entry, now_ms, &event);
    if (config->is_live && (event.action == DRAIN_OK || config->values->throttle_all))
        result = wait_for_turn(drain);
    if (result < 0 || interrupt_is_asked())
        return result;
    char *line = drain_report_line(&drain->report, &drain->entry, &event, !item->fields);
    if (config->is_live)
        return drain_writer_add(&drain->writer, item, &drain->entry, &event, line, now_ms);
    count_dry(drain, item, &event);
    drain_report_say(&drain->report, line);
    free(line);
    return 0;
}

static int handle_page(struct drain *drain, const struct drain_page *page)
{
    int result = 0;

    for (size_t i = 0; result == 0 && i < page->count && !interrupt_is_asked(); i++)
        result = handle(drain, &page->items[i]);
    return result;
}

/* Judges what Redis did not settle because its clock was set. */
static int judge_again(struct drain *drain)
{
    struct drain_writer *writer = &drain->writer;
    struct drain_page *page = &drain->again;
    int result = 0;

    while (result == 0 && writer->again_count > 0 && !interrupt_is_asked()) {
        drain_page_clear(page);
        result = drain_writer_finish(writer);
        if (result == 0) {
            drain_writer_take_again(writer, page);
            result = drain_page_read(page, &drain->write_place);
        }
        if (result == 0)
            result = handle_page(drain, page);
        if (result == 0)
            result = drain_writer_finish(writer);
    }
    return result;
}

static int work(struct drain *drain)
{
    const struct drain_page *page;
    int result = 0;

    while (result == 0 && !interrupt_is_asked()) {
        result = drain_source_next(&drain->source, &page);
        if (result == 0)
            result = handle_page(drain, page);
        if (result == 0)
            result = drain_writer_send(&drain->writer);
        if (result == 0)
            result = judge_again(drain);
        drain_report_tick(&drain->report, uv_hrtime());
    }
    /* What is on its way is still counted. */
    if (result < 0)
        drain_writer_forget(&drain->writer);
    if (drain_writer_finish(&drain->writer) < 0 || (result >= 0 && judge_again(drain) < 0))
        result = -1;
    drain->tally.taken += drain->source.taken;
    drain->has_ended = result > 0 && drain->source.left > 0;
    return result < 0 ? result : 0;
}

/* --- beginning and end */

static int refuse_live(const struct drain *drain)
{
    const struct drain_look *look = &drain->look;

    if (!drain->config->is_live || drain->config->values->despite_live || !look->live)
        return 0;
    (void)command_fail(drain->config->invocation->command,
                       "consumer %s of group %s was active %.1f s ago; stop it, or go on with "
                       "--despite-live-consumer",
                       escaped(look->live).text, drain->config->group,
                       (double)look->live_idle_ms / 1000);
    return -1;
}

static int begin(struct drain *drain)
{
    const struct drain_config *config = drain->config;
    bool is_there = !config->values->from_start || config->is_resumed;

    if (read_clock(drain) < 0 || drain_group_look(&drain->read_place, is_there, &drain->look) < 0 ||
        refuse_live(drain) < 0)
        return -1;
    if (config->is_live && !is_there && drain_group_make(&drain->read_place) < 0)
        return -1;
    drain_source_init(&drain->source, &drain->read_place, &drain->look);
    uint64_t now_ns = uv_hrtime();
    drain_pace_init(&drain->pace, config->values->throttle, now_ns);
    drain_report_begin(&drain->report, &drain->look, now_ns);
    return 0;
}

/* Looks before it leaves, which may remove the group. */
static int finish(struct drain *drain, int result)
{
    const struct drain_config *config = drain->config;
    bool is_there = config->is_live || !config->values->from_start || config->is_resumed;
    struct drain_ending ending = {.is_interrupted = interrupt_is_asked(), .has_failed = result < 0};
    struct drain_look after = {0};
    uint64_t ended_ns = uv_hrtime();

    if (result == 0 && (result = drain_group_look(&drain->write_place, is_there, &after)) == 0)
        ending.after = &after;
    if (result == 0 && config->is_live)
        result = drain_group_leave(&drain->write_place, drain->has_ended);
    drain_report_end(&drain->report, &ending, ended_ns);
    if (config->values->histogram)
        drain_histogram_draw(&drain->histogram);
    drain_look_release(&after);
    int status = command_done(drain->config->invocation->command);
    return result < 0 ? EXIT_FAILED : status;
}

static void set_up(struct drain *drain)
{
    drain->writer = (struct drain_writer){
        .place = &drain->write_place,
        .clock = &drain->clock,
        .tally = &drain->tally,
        .report = &drain->report,
    };
    drain->report = (struct drain_report){.config = drain->config, .tally = &drain->tally};
}

/* Negative: Redis was not reached, which was told. */
static int open_place(const struct drain_config *config, struct drain_place *ret_place)
{
    const struct invocation *invocation = config->invocation;
    struct client *client = command_connect(invocation->command, invocation->settings);

    *ret_place = (struct drain_place){{invocation->command, client}, config};
    return client ? 0 : -1;
}

int drain_run(const struct drain_config *config)
{
    struct drain *drain = memory_new(sizeof *drain);
    int status = EXIT_FAILED;

    interrupt_watch();
    drain->config = config;
    if (open_place(config, &drain->read_place) == 0 &&
        open_place(config, &drain->write_place) == 0) {
        set_up(drain);
        if (begin(drain) == 0)
            status = finish(drain, work(drain));
        drain_source_deinit(&drain->source);
        drain_page_clear(&drain->again);
        drain_writer_forget(&drain->writer);
        drain_look_release(&drain->look);
    }
    client_free(drain->write_place.ask.client);
    client_free(drain->read_place.ask.client);
    free(drain);
    return status;
}
