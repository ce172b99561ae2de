/* SPDX-License-Identifier: MIT */
/*
 * latency REDIS_PID [--record-in-turn] [--KEY=VALUE…]: the router as its program runs it, and
 * beside it a note of the moments that matter.
 *
 * Reads its options from the environment, as quantum-router does, and from its flags. Prints a line
 * for every window that was decided: when its cadence said it ends, when the process woke for it,
 * when the answer to its commit was in (all in nanoseconds of the monotonic clock), how many
 * candidates it had, how many entries it settled, how many it published, whether its decision was
 * recorded, and what router and Redis spent of a processor from then on until all was told. A
 * window without candidates commits nothing and ends when it was looked at.
 *
 * In turn: of four windows with candidates the first and the last are recorded, the others not.
 */
#include <assert.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/log/log.h"
#include "common/options/complaints.h"
#include "router/router.h"
#include "router/tell/vitals.h"
#include "tests/bench/plain.h"

enum { MS_NS = 1000000, SECOND_NS = 1000000000 };

/* Nanoseconds of a processor. */
struct spent {
    uint64_t router, redis;
};

struct service {
    struct vitals vitals;
    struct router_settings *settings;
    clockid_t redis;
    int64_t record_max_mib; /* of those that are recorded */
    bool in_turn;
    unsigned decided; /* windows with candidates */
    struct spent woke;
    struct router router;
    uv_signal_t stop;
    uv_check_t awake;
    uint64_t awake_ns; /* the loop has waited; what is due comes next */
    uint64_t due_ns, woke_ns, committed_ns;
};

static uint64_t now_of(clockid_t clock)
{
    struct timespec time = {0};

    (void)clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * SECOND_NS + (uint64_t)time.tv_nsec;
}

static struct spent spent_by(const struct service *service)
{
    return (struct spent){now_of(CLOCK_PROCESS_CPUTIME_ID), now_of(service->redis)};
}

static void on_awake(uv_check_t *awake)
{
    ((struct service *)awake->data)->awake_ns = uv_hrtime();
}

/* By then the next tick is due. */
static void on_tick(struct service *service)
{
    service->woke_ns = service->awake_ns;
    service->woke = spent_by(service);
    service->due_ns = (service->router.due_ms - service->router.settings->window_ms) * MS_NS;
}

/* Nothing is told of it as of other settings, for which the recorder asks for the stream's end. */
static void take_turn(struct service *service)
{
    unsigned turn = ++service->decided % 4;

    service->settings->record_max_mib = turn == 0 || turn == 3 ? service->record_max_mib : 0;
}

static void on_decided(struct service *service, const struct cycle *cycle,
                       const struct tally *tally)
{
    struct spent spent = spent_by(service);
    uint64_t done_ns = cycle->plan.count > 0 ? service->committed_ns : uv_hrtime();

    (void)printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %zu %" PRIu64 " %zu %d %" PRIu64 " %" PRIu64
                 "\n",
                 service->due_ns, service->woke_ns, done_ns, cycle->plan.count, tally_total(tally),
                 cycle->plan.chosen, cycle->record_id[0] != '\0',
                 spent.router - service->woke.router, spent.redis - service->woke.redis);
    (void)fflush(stdout);
    if (service->in_turn && cycle->plan.count > 0)
        take_turn(service);
}

static void on_told(void *owner, const struct router_fact *fact)
{
    struct service *service = owner;

    if (fact->kind == FACT_TICK)
        on_tick(service);
    if (fact->kind == FACT_COMMITTED)
        service->committed_ns = uv_hrtime();
    if (fact->kind == FACT_DECIDED)
        on_decided(service, fact->decided.cycle, fact->decided.tally);
    vitals_told(&service->vitals, fact);
}

static void on_stop(uv_signal_t *handle, int number)
{
    struct service *service = handle->data;

    (void)number;
    service_vitals_stop(&service->vitals.service);
    router_stop(&service->router);
    uv_close((uv_handle_t *)handle, NULL);
    uv_close((uv_handle_t *)&service->awake, NULL);
}

static void serve(struct service *service)
{
    struct router_settings *settings = service->settings;
    uv_loop_t loop;

    (void)uv_loop_init(&loop);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)uv_signal_init(&loop, &service->stop);
    service->stop.data = service;
    (void)uv_signal_start(&service->stop, on_stop, SIGTERM);
    (void)uv_check_init(&loop, &service->awake);
    service->awake.data = service;
    (void)uv_check_start(&service->awake, on_awake);
    vitals_start(&service->vitals, &loop, settings, &service->router.intake,
                 &service->router.cycle);
    router_start(&service->router, &loop, settings, (struct router_observer){on_told, service});
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    (void)uv_run(&loop, UV_RUN_NOWAIT);
    router_deinit(&service->router);
    vitals_deinit(&service->vitals);
    (void)uv_loop_close(&loop);
}

static void read_flags(struct options *options, char **flags, struct complaints *complaints)
{
    for (; *flags; flags++) {
        char *key = *flags + strspn(*flags, "-"), *value = key + strcspn(key, "=");
        if (*value)
            *value++ = '\0';
        if (options_read_flag(options, key, value, complaints) != 0)
            complain(complaints, "there is no option %s", key);
    }
}

int main(int argc, char **argv)
{
    static struct service service;
    struct router_settings settings = {0};
    struct complaints complaints = {0};
    struct options options;

    if (argc < 2 || clock_getcpuclockid((pid_t)plain_number(argv[1]), &service.redis) != 0)
        plain_fail("usage: latency REDIS_PID [--record-in-turn] [--KEY=VALUE...]");
    service.in_turn = argc > 2 && strcmp(argv[2], "--record-in-turn") == 0;
    log_init("latency");
    options_init(&options, &router_options, &settings);
    options_read_env(&options, &complaints);
    read_flags(&options, argv + 2 + service.in_turn, &complaints);
    router_settings_check(&options, &complaints);
    for (size_t i = 0; i < complaints.count; i++)
        (void)fprintf(stderr, "%s\n", complaints.lines[i]);
    service.settings = &settings;
    service.record_max_mib = settings.record_max_mib;
    if (complaints.count == 0)
        serve(&service);
    router_settings_release(&settings);
    options_release(&options);
    complaints_free(&complaints);
    return complaints.count > 0;
}
