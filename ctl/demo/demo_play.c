/* SPDX-License-Identifier: MIT */
/*
 * One loop without waiting: it looks every 20 ms, or as often as signals are due, at what the
 * router wrote, what the script wants next, and whether somebody asked to stop. Phases follow each
 * other in the order of their list; a stop jumps to the last ones.
 */
#include "ctl/demo/demo_play.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <uv.h>

#include "common/base/memory.h"
#include "ctl/command.h"
#include "ctl/demo/demo_books.h"
#include "ctl/demo/demo_script.h"
#include "ctl/demo/demo_tell.h"

#define SECOND_NS   UINT64_C(1000000000)
#define NAP_NS_MAX  UINT64_C(20000000)
#define START_NS    (10 * SECOND_NS) /* for Redis, and for the router, to come up */
#define STOP_NS     (2 * SECOND_NS)  /* for each of them to go; then it is killed */
#define TRIM_NS     (10 * SECOND_NS)
#define STALL_NS    (SECOND_NS / 10) /* a reader that holds us up longer stops the clock */
#define WINDOWS_END 3                /* the last signals are settled within these, and a second */

static uint64_t wall_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

static void enter(struct demo *demo, enum demo_phase phase, uint64_t allowed_ns)
{
    demo->phase = phase;
    demo->deadline_ns = uv_hrtime() + allowed_ns;
}

static bool is_late(const struct demo *demo)
{
    return uv_hrtime() >= demo->deadline_ns;
}

static int fail(struct demo *demo, const char *error)
{
    char *words = demo_stage_last_words(&demo->stage);

    (void)demo_show_flush(&demo->show);
    (void)command_fail(demo->command, "%s%s", error, *words ? "; its last words:" : "");
    (void)fputs(words, stderr);
    free(words);
    return -1;
}

int demo_fail_stage(struct demo *demo)
{
    return fail(demo, demo_stage_error(&demo->stage));
}

/* --- what is done */

static void start_feeding(struct demo *demo)
{
    pace_init(&demo->pace, demo->values->rate, UINT64_MAX, uv_hrtime());
}

/* All of it is answered when this returns, so that the client is free for other questions. */
static int feed(struct demo *demo)
{
    uint64_t count = pace_take(&demo->pace, uv_hrtime());
    int64_t moment_ms = (int64_t)(wall_ns() / 1000000);

    if (feeder_send(&demo->feeder, (size_t)count, moment_ms, NULL) < 0 ||
        feeder_settle(&demo->feeder) < 0)
        return fail(demo, feeder_error(&demo->feeder));
    return 0;
}

static int wait_for_redis(struct demo *demo)
{
    if (demo_stage_connect(&demo->stage) != 0)
        return is_late(demo) ? fail(demo, "redis-server does not answer") : 0;
    const struct router_settings *settings = &demo->stage.settings;
    struct feeder_config config = {
        .client = demo->stage.client,
        .stream = settings->keys.signals,
        .gate = settings->signal.min_confidence,
        .super = settings->plan.capacity.super_confidence,
        .seed = demo->values->seed > 0 ? (uint64_t)demo->values->seed : wall_ns(),
    };
    feeder_init(&demo->feeder, &config);
    demo->has_feeder = true;
    enter(demo, PHASE_ROUTER, START_NS);
    return demo_stage_start_router(&demo->stage, demo->window_seconds) < 0 ? demo_fail_stage(demo)
                                                                           : 0;
}

static int wait_for_router(struct demo *demo)
{
    demo_tell_news(demo);
    if (demo->stage.tail.lines == 0)
        return is_late(demo) ? fail(demo, "quantum-router says nothing") : 0;
    enter(demo, PHASE_WALK, 0);
    demo->start_ns = uv_hrtime();
    start_feeding(demo);
    return 0;
}

static int act(struct demo *demo, const struct demo_action *action)
{
    struct demo_stage *stage = &demo->stage;

    if (action->key == DEMO_EXECUTOR)
        return demo_stage_start_executor(stage, demo_script_hold(demo->window_seconds));
    return demo_stage_set(stage, demo_key_name(demo, action->key), action->value);
}

/* The last of its actions says what they come to. */
static int take_step(struct demo *demo, const struct demo_step *step)
{
    demo_show_note(&demo->show, TONE_PLAIN, "%s", "");
    for (size_t i = 0; i < DEMO_ACTIONS_MAX && step->actions[i].key != DEMO_NO_KEY; i++) {
        const struct demo_action *action = &step->actions[i];
        bool is_last = i + 1 == DEMO_ACTIONS_MAX || action[1].key == DEMO_NO_KEY;
        demo_tell_action(demo, action, is_last ? step->meaning : "");
        (void)demo_show_flush(&demo->show);
        if (act(demo, action) < 0)
            return demo_fail_stage(demo);
    }
    demo->step++;
    return 0;
}

static int walk(struct demo *demo)
{
    double seconds = (double)(uv_hrtime() - demo->start_ns) / (double)SECOND_NS;
    const struct demo_step *step = demo_script_step(demo->step);

    demo_tell_news(demo);
    if (seconds >= demo_script_begin(demo->step, demo->values->seconds)) {
        if (step)
            return take_step(demo, step);
        double allowed = WINDOWS_END * demo->window_seconds + 1;
        enter(demo, PHASE_SETTLE, (uint64_t)(allowed * (double)SECOND_NS));
        return 0;
    }
    return feed(demo);
}

/* 1: an intent has no result yet. */
static int are_all_settled(struct demo *demo)
{
    uint64_t waiting = 0;

    if (demo->stage.executor.pid == 0)
        return 0;
    if (demo_books_waiting(&demo->stage, &waiting) < 0)
        return demo_fail_stage(demo);
    return waiting > 0;
}

static void stop_router(struct demo *demo)
{
    demo_child_signal(&demo->stage.router, SIGTERM);
    enter(demo, PHASE_STOP_ROUTER, STOP_NS);
}

static int settle(struct demo *demo)
{
    demo_tell_news(demo);
    if (demo_tally_sum(&demo->tally).read < demo->feeder.counts.sent && !is_late(demo))
        return 0;
    int left = are_all_settled(demo);
    if (left < 0 || (left > 0 && !is_late(demo)))
        return left < 0 ? left : 0;
    if (!demo->values->keep) {
        stop_router(demo);
        return 0;
    }
    if (demo_tell_summary(demo) < 0)
        return -1;
    demo_tell_hints(demo);
    start_feeding(demo);
    enter(demo, PHASE_KEEP, TRIM_NS);
    return 0;
}

static int keep(struct demo *demo)
{
    demo_tell_news(demo);
    if (is_late(demo)) {
        enter(demo, PHASE_KEEP, TRIM_NS);
        if (demo_stage_trim(&demo->stage) < 0)
            return demo_fail_stage(demo);
    }
    return feed(demo);
}

/* What a service that was asked to stop wrote last is in its log when it is gone. 1: it still runs.
 */
static int await_end(struct demo *demo, struct demo_child *child, const char *name)
{
    bool runs = demo_child_runs(child);

    demo_tell_news(demo);
    if (runs && !is_late(demo))
        return 1;
    demo_child_end(child);
    demo_tell_news(demo);
    if (!runs && child->status == 0)
        return 0;
    char *fate = demo_child_fate(child);
    char *error = memory_format("%s was asked to stop and %s", name, fate);
    (void)fail(demo, error);
    free(error);
    free(fate);
    return -1;
}

static void stop_redis(struct demo *demo)
{
    demo_child_signal(&demo->stage.redis, SIGTERM);
    enter(demo, PHASE_STOP_REDIS, STOP_NS);
}

/* The executor comes last, so that it can finish what the router has published. */
static int await_router_end(struct demo *demo)
{
    int result = await_end(demo, &demo->stage.router, "quantum-router");

    if (result != 0)
        return result < 0 ? result : 0;
    enter(demo, PHASE_STOP_EXECUTOR, STOP_NS);
    return 0;
}

static int await_executor_end(struct demo *demo)
{
    struct demo_child *executor = &demo->stage.executor;
    int left = executor->pid != 0 && !demo->executor_told ? are_all_settled(demo) : 0;

    if (left < 0 || (left > 0 && !is_late(demo))) {
        demo_tell_news(demo);
        return left < 0 ? left : 0;
    }
    if (executor->pid != 0 && !demo->executor_told) {
        demo_child_signal(executor, SIGTERM);
        demo->executor_told = true;
        enter(demo, PHASE_STOP_EXECUTOR, STOP_NS);
        return 0;
    }
    int result = executor->pid != 0 ? await_end(demo, executor, "quantum-executor") : 0;
    if (result != 0)
        return result < 0 ? result : 0;
    if (demo_tell_summary(demo) < 0)
        return -1;
    stop_redis(demo);
    return 0;
}

static void await_redis_end(struct demo *demo)
{
    if (!demo_child_runs(&demo->stage.redis) || is_late(demo))
        demo->phase = PHASE_OVER;
}

static int turn(struct demo *demo)
{
    if (demo->phase < PHASE_STOP_ROUTER && demo_stage_check(&demo->stage) < 0) {
        demo_tell_news(demo);
        return demo_fail_stage(demo);
    }
    switch (demo->phase) {
    case PHASE_REDIS:
        return wait_for_redis(demo);
    case PHASE_ROUTER:
        return wait_for_router(demo);
    case PHASE_WALK:
        return walk(demo);
    case PHASE_SETTLE:
        return settle(demo);
    case PHASE_KEEP:
        return keep(demo);
    case PHASE_STOP_ROUTER:
        return await_router_end(demo);
    case PHASE_STOP_EXECUTOR:
        return await_executor_end(demo);
    case PHASE_STOP_REDIS:
        await_redis_end(demo);
        return 0;
    case PHASE_OVER:
        break;
    }
    return 0;
}

/* Somebody asked for it, or nobody reads what is written. */
static void begin_stop(struct demo *demo)
{
    if (demo->phase >= PHASE_STOP_ROUTER)
        return;
    if (demo->stage.router.pid != 0)
        stop_router(demo);
    else
        demo->phase = PHASE_OVER;
}

/* A reader who held everything up, a terminal that was stopped, misses no step for it. */
static void flush(struct demo *demo)
{
    uint64_t stalled_ns = demo_show_flush(&demo->show);

    if (stalled_ns >= STALL_NS && demo->phase == PHASE_WALK) {
        demo->start_ns += stalled_ns;
        start_feeding(demo);
    }
}

static void nap(const struct demo *demo)
{
    uint64_t now_ns = uv_hrtime();
    uint64_t nap_ns = NAP_NS_MAX;
    bool feeds = demo->phase == PHASE_WALK || demo->phase == PHASE_KEEP;

    if (feeds && demo->pace.next_ns < now_ns + nap_ns)
        nap_ns = demo->pace.next_ns > now_ns ? demo->pace.next_ns - now_ns : 0;
    struct timespec duration = {.tv_nsec = (long)nap_ns};
    (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &duration, NULL);
}

/* A second stop ends it at once. */
int demo_play(struct demo *demo)
{
    int result = 0;

    demo_tell_opening(demo);
    enter(demo, PHASE_REDIS, START_NS);
    while (result == 0 && demo->phase != PHASE_OVER && *demo->show.stop < 2) {
        result = turn(demo);
        flush(demo);
        if (*demo->show.stop > 0 || demo->show.error != 0)
            begin_stop(demo);
        if (result == 0 && demo->phase != PHASE_OVER)
            nap(demo);
    }
    return result;
}
