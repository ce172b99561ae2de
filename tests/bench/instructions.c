/* SPDX-License-Identifier: MIT */
/*
 * instructions FOLDER CASE COUNT WINDOW_SEC
 *
 * Lets the real router work on COUNT signals of a fixed input, with a canned Redis in FOLDER, and
 * prints how many nanoseconds of a processor it spent on them. Under callgrind with
 * --collect-atstart=no their instructions are counted.
 *
 *   low       all are below the gate
 *   third     a third passes, as in real life
 *   enters    all pass, into an empty window
 *   loses     all pass, and are worse than what fills the window already
 *   decides   the decision over COUNT candidates, from the window's end to the commit's answer;
 *             WINDOW_SEC, after which it comes, must be long enough to read them
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/memory.h"
#include "common/log/log.h"
#include "common/options/complaints.h"
#include "router/router.h"
#include "router/tell/report.h"
#include "tests/bench/canned.h"
#include "tests/bench/plain.h"

enum { OVER_FULL = 4500, QUIET_TURNS = 5 };

struct bench_case {
    const char *name;
    const struct deck *before; /* comes into the window first, and is not counted */
    uint64_t before_count;
    const struct deck *deck;
    bool decides;
};

static const struct deck third = {333, 50, 0.7501, 0.99}, strong = {1000, 50, 0.96, 0.99},
                         weak = {1000, 50, 0.7501, 0.80}, low = {0, 50, 0.7501, 0.99};

static const struct bench_case cases[] = {
    {"low", &low, 200, &low, false},     {"third", &third, 200, &third, false},
    {"enters", &low, 200, &weak, false}, {"loses", &strong, OVER_FULL, &weak, false},
    {"decides", &low, 200, &weak, true},
};

struct run {
    uv_loop_t loop;
    struct canned canned;
    struct router router;
    struct report report;
    struct router_settings settings;
    bool is_running, has_ticked, is_decided, is_closed;
};

static void on_committed(struct run *run, enum commit_outcome outcome)
{
    if (outcome != COMMIT_DONE)
        plain_fail("a commit was not done");
    run->is_decided = true;
}

static void on_told(void *owner, const struct router_fact *fact)
{
    struct run *run = owner;

    report_fact(&run->report, fact);
    switch (fact->kind) {
    case FACT_RUNNING:
        run->is_running = true;
        break;
    case FACT_LOST:
        plain_fail("the connection was lost: %s", fact->lost.reason);
        break;
    case FACT_REFUSED:
        plain_fail("refused: %s", fact->text);
        break;
    case FACT_TICK:
        run->has_ticked = true;
        break;
    case FACT_COMMITTED:
        on_committed(run, fact->committed.outcome);
        break;
    case FACT_CLOSED:
        run->is_closed = true;
        break;
    default:
        break;
    }
}

static void set(struct options *options, const char *key, const char *text)
{
    struct complaints complaints = {0};

    if (options_read_flag(options, key, text, &complaints) != 0 || complaints.count > 0)
        plain_fail("%s=%s: %s", key, text, complaints.count ? complaints.lines[0] : "unknown");
    complaints_free(&complaints);
}

/* Nothing is asked now and then. */
static void set_all(struct options *options, const char *path, const char *window)
{
    char *url = memory_format("unix://%s", path);

    set(options, "redis.url", url);
    set(options, "redis.reply_timeout_ms", "60000");
    set(options, "redis.commit_timeout_ms", "60000");
    set(options, "window.seconds", window);
    set(options, "window.signal_max_age_sec", "1000000");
    set(options, "window.future_max_sec", "1000000");
    set(options, "lease.ttl_ms", "600000");
    set(options, "lease.renew_ms", "100000");
    set(options, "strays.claim_idle_ms", "10000000");
    free(url);
}

/* What is in the socket is worked on in the next turns of the loop. */
static void until_drained(struct run *run)
{
    while (!canned_is_drained(&run->canned))
        (void)uv_run(&run->loop, UV_RUN_ONCE);
    for (int i = 0; i < QUIET_TURNS; i++)
        (void)uv_run(&run->loop, UV_RUN_NOWAIT);
}

static void until_decided(struct run *run)
{
    while (!run->is_decided)
        (void)uv_run(&run->loop, UV_RUN_ONCE);
}

static uint64_t spend(struct run *run, const struct bench_case *what, uint64_t count)
{
    while (!run->is_running)
        (void)uv_run(&run->loop, UV_RUN_ONCE);
    canned_offer(&run->canned, what->before, what->before_count);
    until_drained(run);
    canned_offer(&run->canned, what->deck, count);
    if (what->decides)
        until_drained(run);
    if (run->has_ticked)
        plain_fail("the window was over too soon");
    canned_start_clock(&run->canned);
    if (what->decides)
        until_decided(run);
    else
        until_drained(run);
    uint64_t spent_ns = canned_stop_clock(&run->canned);
    if (what->decides && run->canned.intents == 0)
        plain_fail("nothing was published");
    return spent_ns;
}

static void close_all(struct run *run)
{
    router_stop(&run->router);
    while (!run->is_closed)
        (void)uv_run(&run->loop, UV_RUN_ONCE);
    canned_close(&run->canned);
    (void)uv_run(&run->loop, UV_RUN_DEFAULT);
    router_deinit(&run->router);
    (void)uv_loop_close(&run->loop);
}

static const struct bench_case *find_case(const char *name)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (strcmp(cases[i].name, name) == 0)
            return &cases[i];
    plain_fail("no case '%s'", name);
}

int main(int argc, char **argv)
{
    static struct run run;
    struct complaints complaints = {0};
    struct options options;

    if (argc != 5)
        plain_fail("usage: instructions FOLDER CASE COUNT WINDOW_SEC");
    const struct bench_case *what = find_case(argv[2]);
    char *path = memory_format("%s/canned.sock", argv[1]);
    log_init("instructions");
    log_set(LEVEL_ERROR, false);
    options_init(&options, &router_options, &run.settings);
    set_all(&options, path, argv[4]);
    router_settings_check(&options, &complaints);
    if (complaints.count > 0)
        plain_fail("%s", complaints.lines[0]);
    (void)uv_loop_init(&run.loop);
    canned_start(&run.canned, &run.loop, path);
    report_init(&run.report, &run.settings);
    router_start(&run.router, &run.loop, &run.settings, (struct router_observer){on_told, &run});
    uint64_t spent_ns = spend(&run, what, plain_number(argv[3]));
    (void)printf("%" PRIu64 "\n", spent_ns);
    close_all(&run);
    (void)unlink(path);
    free(path);
    router_settings_release(&run.settings);
    options_release(&options);
    return 0;
}
