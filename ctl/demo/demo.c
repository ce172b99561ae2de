/* SPDX-License-Identifier: MIT */
/* quantumctl demo: a Redis and a router of its own, fed and led through every state. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/program.h"
#include "ctl/commands.h"
#include "ctl/demo/demo_play.h"
#include "ctl/demo/demo_script.h"

#define AT(member) offsetof(struct demo_values, member)

static const struct option_row rows[] = {
    {.key = "seconds",
     .type = OPTION_REAL,
     .offset = AT(seconds),
     .min = 3,
     .max = 1e6,
     .fallback = "30",
     .help = "how long the walk through the states takes"},
    {.key = "rate",
     .type = OPTION_REAL,
     .offset = AT(rate),
     .min = 1,
     .max = 1000,
     .fallback = "50",
     .help = "signals a second"},
    {.key = "seed",
     .type = OPTION_INT,
     .offset = AT(seed),
     .min = 0,
     .max = 1e15,
     .fallback = "0",
     .help = "the same seed gives the same signals; 0: others each time"},
    {.key = "keep",
     .type = OPTION_BOOL,
     .offset = AT(keep),
     .fallback = "false",
     .help = "stay up after the walk, until Ctrl-C; --keep is enough"},
};

static volatile sig_atomic_t stops_asked;

static void on_stop(int number)
{
    (void)number;
    stops_asked = stops_asked + 1;
}

/* Without SA_RESTART, so that a nap ends at once. Whoever started this under nohup wants it to
 * outlive the terminal. */
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
    (void)signal(SIGCHLD, SIG_DFL); /* or nobody could be waited for */
}

static int finish(struct demo *demo, int result)
{
    bool was_opened = demo->stage.folder != NULL;

    if (demo->has_feeder)
        feeder_deinit(&demo->feeder);
    demo_trades_clear(&demo->trades);
    demo_stage_close(&demo->stage);
    if (was_opened && result == 0)
        demo_show_note(&demo->show, TONE_FAINT, "\n── all that was started is gone");
    (void)demo_show_flush(&demo->show);
    int error = demo->show.error;
    demo_show_deinit(&demo->show);
    if (error == EPIPE) /* whoever looked on has seen enough */
        return EXIT_DONE;
    if (error != 0 && stops_asked == 0)
        return command_fail(demo->command, "stdout cannot be written: %s", strerror(error));
    return result < 0 || demo->is_wrong ? EXIT_FAILED : EXIT_DONE;
}

static int run(const struct invocation *invocation)
{
    struct demo *demo = memory_new(sizeof *demo);

    demo->command = invocation->command;
    demo->values = invocation->values;
    demo->window_seconds = demo_script_window(demo->values->seconds);
    demo_show_init(&demo->show, &stops_asked);
    watch_signals();
    int result = demo_stage_open(&demo->stage);
    result = result < 0 ? demo_fail_stage(demo) : demo_play(demo);
    int status = finish(demo, result);
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
        "  quantumctl demo --keep\n",
    .rows = rows,
    .row_count = sizeof rows / sizeof *rows,
    .values_size = sizeof(struct demo_values),
    .run = run,
};
