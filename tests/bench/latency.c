/* SPDX-License-Identifier: MIT */
/*
 * latency: the router as its program runs it, and beside it a note of the moments that matter.
 *
 * Reads its options from the environment, as quantum-router does. Prints a line for every window
 * that was decided: when its cadence said it ends, when the process woke for it, when the answer to
 * its commit was in (all in nanoseconds of the monotonic clock), how many candidates it had, how
 * many entries it settled, and how many it published. A window without candidates commits nothing
 * and ends when it was looked at.
 */
#include <assert.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#include "common/log/log.h"
#include "common/options/complaints.h"
#include "router/router.h"
#include "router/tell/vitals.h"

enum { MS_NS = 1000000 };

struct service {
    struct vitals vitals; /* first: what is passed on to it gets the same owner */
    struct router router;
    uv_signal_t stop;
    uv_check_t awake;
    uint64_t awake_ns; /* the loop has waited; what is due comes next */
    uint64_t due_ns, woke_ns, committed_ns;
};

static void on_awake(uv_check_t *awake)
{
    ((struct service *)awake->data)->awake_ns = uv_hrtime();
}

/* By then the next tick is due. */
static void on_tick(void *owner, uint64_t late_ms)
{
    struct service *service = owner;

    service->woke_ns = service->awake_ns;
    service->due_ns = (service->router.due_ms - service->router.settings->window_ms) * MS_NS;
    vitals_router_events.tick(owner, late_ms);
}

static void on_committed(void *owner, enum commit_outcome outcome, double seconds)
{
    struct service *service = owner;

    service->committed_ns = uv_hrtime();
    vitals_router_events.committed(owner, outcome, seconds);
}

static void on_cycle(void *owner, const struct cycle_report *cycle)
{
    struct service *service = owner;
    uint64_t done_ns = cycle->plan->count > 0 ? service->committed_ns : uv_hrtime();

    (void)printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %zu %" PRIu64 " %zu\n", service->due_ns,
                 service->woke_ns, done_ns, cycle->plan->count, tally_total(cycle->settled),
                 cycle->plan->chosen);
    (void)fflush(stdout);
    vitals_router_events.cycle(owner, cycle);
}

static void on_stop(uv_signal_t *handle, int number)
{
    struct service *service = handle->data;

    (void)number;
    vitals_stop(&service->vitals);
    router_stop(&service->router);
    uv_close((uv_handle_t *)handle, NULL);
    uv_close((uv_handle_t *)&service->awake, NULL);
}

static void serve(struct router_settings *settings)
{
    static struct service service;
    struct router_events events = vitals_router_events;
    uv_loop_t loop;

    events.tick = on_tick;
    events.committed = on_committed;
    events.cycle = on_cycle;
    (void)uv_loop_init(&loop);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)uv_signal_init(&loop, &service.stop);
    service.stop.data = &service;
    (void)uv_signal_start(&service.stop, on_stop, SIGTERM);
    (void)uv_check_init(&loop, &service.awake);
    service.awake.data = &service;
    (void)uv_check_start(&service.awake, on_awake);
    vitals_start(&service.vitals, &loop, settings, router_watched(&service.router));
    router_start(&service.router, &loop, settings, &events, &service);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    (void)uv_run(&loop, UV_RUN_NOWAIT);
    router_deinit(&service.router);
    vitals_deinit(&service.vitals);
    (void)uv_loop_close(&loop);
}

int main(void)
{
    struct router_settings settings = {0};
    struct complaints complaints = {0};
    struct options options;

    log_init("latency");
    options_init(&options, &router_options, &settings);
    options_read_env(&options, &complaints);
    router_settings_check(&options, &complaints);
    for (size_t i = 0; i < complaints.count; i++)
        (void)fprintf(stderr, "%s\n", complaints.lines[i]);
    if (complaints.count == 0)
        serve(&settings);
    router_settings_release(&settings);
    options_release(&options);
    complaints_free(&complaints);
    return complaints.count > 0;
}
