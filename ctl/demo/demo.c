/* SPDX-License-Identifier: MIT */
/*
 * quantumctl demo: a Redis, a router and an executor of its own, fed and led through every state.
 *
 * One loop without waiting: it looks every 20 ms, or as often as signals are due, at what the
 * services wrote, what the script wants next, and whether somebody asked to stop. A stop leads to
 * the end, with the summary; a second one ends it at once.
 */
#include "ctl/demo/demo.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "common/base/memory.h"
#include "common/options/program.h"
#include "common/service/http.h"
#include "ctl/demo/demo_script.h"
#include "ctl/demo/demo_show.h"
#include "ctl/demo/demo_stage.h"
#include "ctl/demo/demo_summary.h"
#include "ctl/demo/demo_tally.h"
#include "ctl/frame/interrupt.h"
#include "ctl/write/feeder.h"

#define PRICE "quantum:price:" /* by its usual name, as the demo runs with the usual prefix */

#define SECOND_NS  UINT64_C(1000000000)
#define NAP_NS_MAX UINT64_C(20000000)
#define START_NS   (10 * SECOND_NS) /* for Redis, and for the router, to come up */
#define STOP_NS    (2 * SECOND_NS)  /* for each of them to go; then it is killed */
#define TRIM_NS    (10 * SECOND_NS)
#define STALL_NS   (SECOND_NS / 10) /* a reader that holds us up longer stops the clock */

enum {
    SIGNALS_KEPT = 100000, /* about 30 MB, and at the highest rate more than a minute */
    WINDOWS_END = 3, /* the router has decided on the last signals within these, and a second */
};

struct demo_values {
    double seconds, rate;
    int64_t seed;
    bool keep, web;
};

struct demo {
    const struct demo_values *values;
    struct demo_stage stage;
    struct demo_show show;
    struct demo_tally tally;
    struct demo_trades trades;
    struct feeder feeder;
    struct pace pace;
    double window_seconds;
    uint64_t start_ns;           /* of the walk */
    bool is_kept;                /* the walk is over, and nobody asked to stop yet */
    bool is_ending;              /* services end because they were asked to */
    struct demo_service *leaver; /* the one that was asked */
    bool is_wrong;               /* the summary found a contradiction */
};

#define AT(member) offsetof(struct demo_values, member)

static const struct option_row rows[] = {
    {.key = "seconds",
     TAKES_REAL(AT(seconds), 3, 1e6, "30"),
     .help = "how long the walk through the states takes"},
    {.key = "rate", TAKES_REAL(AT(rate), 1, 1000, "50"), .help = "signals a second"},
    {.key = "seed",
     TAKES_INT(AT(seed), 0, 1e15, "0"),
     .help = "the same seed gives the same signals; 0: others each time"},
    {.key = "keep",
     TAKES_SWITCH(AT(keep)),
     .help = "stay up after the walk, until Ctrl-C; --keep is enough"},
    {.key = "web",
     TAKES_SWITCH(AT(web)),
     .help = "show it as a page for a browser, too, and print its address; with --keep it stays"},
};

static volatile sig_atomic_t stops_asked;

static void on_stop(int number)
{
    (void)number;
    stops_asked = stops_asked + 1;
}

/* Without SA_RESTART, so that a nap ends at once. Under nohup it is to outlive the terminal. */
static void watch_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGQUIT, SIGHUP};
    struct sigaction action = {.sa_handler = on_stop}, before;

    stops_asked = 0;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        (void)sigaction(numbers[i], &action, &before);
        if (numbers[i] == SIGHUP && before.sa_handler == SIG_IGN)
            (void)sigaction(SIGHUP, &before, NULL);
    }
    (void)signal(SIGCHLD, SIG_DFL); /* or there would be nothing to wait for */
}

/* --- the loop */

/* After the walk only changes are shown: what repeats with every window stands in the log. */
static void on_router_line(void *owner, const char *text)
{
    struct demo *demo = owner;
    struct demo_line line;

    bool is_news = !demo_line_read(text, &line) || demo_tally_add(&demo->tally, &line);
    if (is_news || !demo->is_kept)
        demo_show_log(&demo->show, text);
}

static void on_executor_line(void *owner, const char *text)
{
    struct demo *demo = owner;
    struct demo_line line;

    if (demo_line_read(text, &line))
        demo_trades_follow(&demo->trades, &line);
    if (!demo->is_kept)
        demo_show_log(&demo->show, text);
}

/* It tells little, and what it shows is seen elsewhere. */
static void on_page_line(void *owner, const char *text)
{
    (void)owner;
    (void)text;
}

static void show_news(struct demo *demo)
{
    demo_service_read(&demo->stage.services[DEMO_WEB], on_page_line, demo);
    demo_service_read(&demo->stage.services[DEMO_ROUTER], on_router_line, demo);
    demo_service_read(&demo->stage.services[DEMO_EXECUTOR], on_executor_line, demo);
}

static void start_feeding(struct demo *demo)
{
    pace_init(&demo->pace, demo->values->rate, UINT64_MAX, uv_hrtime());
}

/* After a reader held everything up, as a stopped terminal does, no step is missed. */
static void flush(struct demo *demo)
{
    uint64_t stalled_ns = demo_show_flush(&demo->show);

    if (stalled_ns >= STALL_NS) {
        demo->start_ns += stalled_ns;
        start_feeding(demo);
    }
}

static int fail_for(struct demo *demo, const struct demo_service *service)
{
    char *fate = demo_service_fate(service);
    int result = demo_stage_fail(
        &demo->stage, demo->is_ending ? "%s was asked to stop and %s" : "%s %s before its time",
        service->name, fate);

    free(fate);
    return result;
}

/* One turn, and a nap up to then. What a process wrote last is shown before it is told that it has
 * ended. */
static int turn(struct demo *demo, uint64_t until_ns)
{
    const struct demo_service *ended = demo->is_ending ? NULL : demo_stage_ended(&demo->stage);

    show_news(demo);
    flush(demo);
    if (ended)
        return fail_for(demo, ended);
    uint64_t now_ns = uv_hrtime();
    uint64_t left_ns = until_ns > now_ns ? until_ns - now_ns : 0;
    interrupt_nap(left_ns < NAP_NS_MAX ? left_ns : NAP_NS_MAX);
    return 0;
}

/* Somebody asked for the end, or nobody reads what is written. Once it is ending, only a second
 * wish counts. */
static bool is_over(const struct demo *demo)
{
    return demo->is_ending ? stops_asked > 1 : stops_asked > 0 || demo->show.error != 0;
}

/* 1: it has come; 0: it has not come in time, or all is over. */
static int await(struct demo *demo, int (*has_come)(struct demo *demo), uint64_t allowed_ns)
{
    uint64_t deadline_ns = uv_hrtime() + allowed_ns;
    int result = 0;

    while (result == 0 && !is_over(demo) && uv_hrtime() < deadline_ns) {
        result = has_come(demo);
        if (result == 0)
            result = turn(demo, UINT64_MAX);
    }
    return result;
}

/* The same of what must come: 0, or it was told. */
static int await_start(struct demo *demo, int (*has_come)(struct demo *demo), const char *late)
{
    int result = await(demo, has_come, START_NS);

    if (result == 0 && !is_over(demo))
        return demo_stage_fail(&demo->stage, "%s", late);
    return result < 0 ? result : 0;
}

/* The last prices are those that the next signals name: paper closes at them. */
static int write_prices(struct demo *demo)
{
    struct command prices = {0};
    struct generated_price price;
    redisReply *reply;

    command_add(&prices, "MSET");
    for (size_t i = 0; generator_price(&demo->feeder.generator, i, &price); i++) {
        command_add_format(&prices, PRICE "%s", price.symbol);
        command_add(&prices, price.text);
    }
    if (ask_for(&demo->stage.ask, "Redis refused the prices", &prices, &reply) < 0)
        return -EIO;
    freeReplyObject(reply);
    return 0;
}

/* All of it is answered when this returns, so that the client is free for other questions. */
static int feed(struct demo *demo)
{
    uint64_t due = pace_take(&demo->pace, uv_hrtime());

    if (feeder_feed(&demo->feeder, due) < 0)
        return demo_stage_fail(&demo->stage, "%s", feeder_error(&demo->feeder));
    if (due > 0 && write_prices(demo) < 0)
        return -EIO;
    return turn(demo, demo->pace.next_ns);
}

/* --- the play */

static int has_connected(struct demo *demo)
{
    return demo_stage_connect(&demo->stage) == 0;
}

static int has_spoken(struct demo *demo)
{
    return demo->stage.services[DEMO_ROUTER].lines > 0;
}

static int has_settled(struct demo *demo)
{
    uint64_t count, waiting = 0;

    if (demo->stage.services[DEMO_EXECUTOR].pid != 0 &&
        demo_summary_intents(&demo->stage, &count, &waiting) < 0)
        return -1;
    return waiting == 0;
}

static int has_read_all(struct demo *demo)
{
    bool is_read = demo_tally_sum(&demo->tally).read >= demo->feeder.counts.sent;

    return is_read ? has_settled(demo) : 0;
}

static int has_left(struct demo *demo)
{
    return !demo_service_runs(demo->leaver);
}

static int is_shown(struct demo *demo)
{
    return demo->stage.services[DEMO_WEB].lines > 0;
}

/* Its first line is its address. */
static int show_page(struct demo *demo)
{
    int result = demo_stage_start(&demo->stage, DEMO_WEB, demo_script_hold(demo->window_seconds));

    if (result == 0)
        result = await_start(demo, is_shown, "the page says nothing");
    if (result == 0 && !is_over(demo))
        demo_show_note(&demo->show, COLOR_BOLD, "── the page: http://%s/", demo->stage.page);
    return result;
}

static int come_up(struct demo *demo)
{
    int result = await_start(demo, has_connected, "redis-server does not answer");

    if (result < 0 || is_over(demo))
        return result;
    feeder_init(&demo->feeder, demo->stage.ask.client, &demo->stage.settings, FORM_PAYLOAD,
                demo->values->seed);
    result = demo_stage_start(&demo->stage, DEMO_ROUTER, demo->window_seconds);
    if (result == 0)
        result = await_start(demo, has_spoken, "quantum-router says nothing");
    return result == 0 && demo->values->web && !is_over(demo) ? show_page(demo) : result;
}

static int act(struct demo *demo, const char *action, const char *meaning)
{
    static const char by_hand[] = "redis-cli ";

    demo_show_command(&demo->show, action, meaning);
    flush(demo);
    if (strncmp(action, by_hand, strlen(by_hand)) == 0)
        return demo_stage_order(&demo->stage, action + strlen(by_hand));
    return demo_stage_start(&demo->stage, DEMO_EXECUTOR, demo_script_hold(demo->window_seconds));
}

/* The last of its actions says what they come to. */
static int take_step(struct demo *demo, const struct demo_step *step)
{
    int result = 0;

    demo_show_note(&demo->show, COLOR_NONE, "%s", "");
    for (size_t i = 0; result == 0 && i < DEMO_ACTIONS_MAX && step->actions[i]; i++) {
        bool is_last = i + 1 == DEMO_ACTIONS_MAX || !step->actions[i + 1];
        result = act(demo, step->actions[i], is_last ? step->meaning : "");
    }
    return result;
}

static int walk(struct demo *demo)
{
    const struct demo_step *step = demo_script_step(0);
    int result = 0;

    demo->start_ns = uv_hrtime();
    start_feeding(demo);
    for (size_t next = 0; result == 0 && !is_over(demo);) {
        double seconds = (double)(uv_hrtime() - demo->start_ns) / (double)SECOND_NS;
        if (seconds < demo_script_begin(next, demo->values->seconds)) {
            result = feed(demo);
        } else if (step) {
            result = take_step(demo, step);
            step = demo_script_step(++next);
        } else {
            double allowed = WINDOWS_END * demo->window_seconds + 1;
            result = await(demo, has_read_all, (uint64_t)(allowed * (double)SECOND_NS));
            break;
        }
    }
    return result < 0 ? result : 0;
}

static int sum_up(struct demo *demo)
{
    int result = demo_summary_show(&demo->tally, &demo->trades, demo->feeder.counts.sent,
                                   &demo->stage, &demo->show);

    demo->is_wrong = demo->is_wrong || result == 0;
    return result < 0 ? result : 0;
}

/* With the address, because a variable of the caller counts more than the file. */
static char *hints_of(const struct demo_stage *stage)
{
    char *self = demo_stage_program(CTL_NAME);
    char *ctl = memory_format("%s --config=%s/quantum-router.conf --redis.url=unix://%s",
                              self ? self : CTL_NAME, stage->folder, stage->socket);
    char *metrics = *stage->metrics
                        ? memory_format("   metrics curl -s http://%s/metrics\n", stage->metrics)
                        : memory_text("");
    char *hints = memory_format(
        "   status  %s status --executor-config=%s/quantum-executor.conf\n"
        "   halt    %s halt trying it\n"
        "   resume  %s resume\n"
        "   report  %s report\n"
        "   read    redis-cli -s %s XREVRANGE %s + - COUNT 1\n"
        "   send    %s send BTCUSDT BUY 0.99\n"
        "%s"
        "   log     tail -f %s %s\n",
        ctl, stage->folder, ctl, ctl, ctl, stage->socket, stage->settings.keys.intents, ctl,
        metrics, stage->services[DEMO_ROUTER].log, stage->services[DEMO_EXECUTOR].log);

    free(metrics);
    free(ctl);
    free(self);
    return hints;
}

static void show_hints(struct demo *demo)
{
    struct demo_show *show = &demo->show;
    char *hints = hints_of(&demo->stage);

    demo_show_note(show, COLOR_NONE, "%s", "");
    demo_show_note(show, COLOR_BOLD,
                   "── staying up; Ctrl-C ends it. Only changes are shown from here on");
    demo_show_copy(show, hints);
    demo_show_note(show, COLOR_NONE, "%s", "");
    free(hints);
}

/* Drops the oldest signals once there are many. */
static int trim(struct demo *demo)
{
    char *words =
        memory_format("XTRIM %s MAXLEN ~ %d", demo->stage.settings.keys.signals, SIGNALS_KEPT);
    int result = demo_stage_order(&demo->stage, words);

    free(words);
    return result;
}

static int stay_up(struct demo *demo)
{
    uint64_t trim_ns = uv_hrtime() + TRIM_NS;
    int result = sum_up(demo);

    if (result == 0)
        show_hints(demo);
    start_feeding(demo);
    demo->is_kept = true;
    while (result == 0 && !is_over(demo)) {
        result = feed(demo);
        if (result == 0 && uv_hrtime() >= trim_ns) {
            result = trim(demo);
            trim_ns += TRIM_NS;
        }
    }
    demo->is_kept = false;
    return result;
}

/* Its last lines are in its log when it is gone. How Redis ends does not matter. */
static int see_off(struct demo *demo, size_t which)
{
    struct demo_service *service = &demo->stage.services[which];

    demo->leaver = service;
    demo_service_signal(service, SIGTERM);
    int has_gone = await(demo, has_left, STOP_NS);
    if (has_gone < 0 || is_over(demo))
        return has_gone < 0 ? -1 : 0;
    demo_service_end(service);
    show_news(demo);
    flush(demo);
    bool is_bad = has_gone == 0 || service->status != 0;
    return is_bad && which != DEMO_REDIS ? fail_for(demo, service) : 0;
}

/* The executor comes last, so that it can finish what the router has published. */
static int go_down(struct demo *demo)
{
    demo->is_ending = true;
    int result = demo->stage.services[DEMO_WEB].pid != 0 ? see_off(demo, DEMO_WEB) : 0;
    if (result == 0)
        result = see_off(demo, DEMO_ROUTER);
    if (result == 0 && demo->stage.services[DEMO_EXECUTOR].pid != 0) {
        result = await(demo, has_settled, STOP_NS);
        if (result >= 0)
            result = see_off(demo, DEMO_EXECUTOR);
    }
    if (result == 0 && !is_over(demo))
        result = sum_up(demo);
    return result == 0 ? see_off(demo, DEMO_REDIS) : result;
}

static int play(struct demo *demo)
{
    demo_show_note(
        &demo->show, COLOR_BOLD,
        "── quantumctl demo: a Redis, a quantum-router and a quantum-executor of its own");
    demo_show_note(&demo->show, COLOR_NONE,
                   "   %g signals a second for %g s; the best of each window of %g s pass",
                   demo->values->rate, demo->values->seconds, demo->window_seconds);
    int result = come_up(demo);
    if (result == 0 && !is_over(demo))
        result = walk(demo);
    if (result == 0 && !is_over(demo) && demo->values->keep)
        result = stay_up(demo);
    if (result == 0 && demo->stage.services[DEMO_ROUTER].pid != 0)
        result = go_down(demo);
    return result;
}

static int finish(struct demo *demo, int result)
{
    const struct ctl_command *command = demo->stage.ask.command;
    bool was_opened = demo->stage.folder != NULL;

    feeder_deinit(&demo->feeder);
    demo_trades_clear(&demo->trades);
    demo_stage_close(&demo->stage);
    if (was_opened && result == 0) {
        demo_show_note(&demo->show, COLOR_NONE, "%s", "");
        demo_show_note(&demo->show, COLOR_DIM, "── all that was started is gone");
    }
    (void)demo_show_flush(&demo->show);
    if (demo->show.error == EPIPE) /* the reader has seen enough */
        return EXIT_DONE;
    if (demo->show.error != 0 && stops_asked == 0)
        return command_fail(command, "stdout cannot be written: %s", strerror(demo->show.error));
    return result < 0 || demo->is_wrong ? EXIT_FAILED : EXIT_DONE;
}

static void check(const struct options *options, const struct names *words,
                  struct complaints *complaints)
{
    const struct demo_values *values = options->values;

    (void)words;
    if (values->web && !http_is_built_in())
        complain(complaints, "--web: this build has no HTTP: build it with libmicrohttpd");
}

static int run(const struct invocation *invocation)
{
    struct demo *demo = memory_new(sizeof *demo);

    demo->values = invocation->values;
    demo->window_seconds = demo_script_window(demo->values->seconds);
    demo->show.stop = &stops_asked;
    watch_signals();
    int result = demo_stage_open(&demo->stage, invocation->command);
    int status = finish(demo, result < 0 ? result : play(demo));
    free(demo);
    return status;
}

const struct ctl_command demo_command = {
    .name = "demo",
    .words = "",
    .purpose = "Walks a Redis, a router and a paper executor of its own through every state.",
    .details =
        "The Redis listens on a unix socket in a temporary folder only; nothing else on this "
        "machine is\ntouched, and no variable or configuration file changes what is shown. All of "
        "it is gone at the\nend, however that comes; Ctrl-C ends it early, with the summary.\n"
        "\nExamples:\n"
        "  quantumctl demo\n"
        "  quantumctl demo --seconds=10 --rate=200\n"
        "  quantumctl demo --keep --web\n",
    COMMAND_OPTIONS(rows, struct demo_values),
    .check = check,
    .run = run,
};
