/* SPDX-License-Identifier: MIT */
#include "ctl/demo/demo_tell.h"

#include <stdarg.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "ctl/command.h"
#include "ctl/demo/demo_books.h"
#include "ctl/demo/demo_folder.h"
#include "ctl/demo/demo_summary.h"

/* After the walk only changes are shown: what repeats with every window stands in the log. */
static void on_line(void *owner, const char *text)
{
    struct demo *demo = owner;
    struct demo_line line;

    bool is_news = !demo_line_read(text, &line) || demo_tally_add(&demo->tally, &line);
    if (is_news || demo->phase != PHASE_KEEP)
        demo_show_log(&demo->show, text);
}

static void on_executor_line(void *owner, const char *text)
{
    struct demo *demo = owner;
    struct demo_line line;

    if (demo_line_read(text, &line))
        demo_trades_follow(&demo->trades, &line);
    if (demo->phase != PHASE_KEEP)
        demo_show_log(&demo->show, text);
}

void demo_tell_news(struct demo *demo)
{
    demo_tail_read(&demo->stage.tail, on_line, demo);
    demo_tail_read(&demo->stage.executor_tail, on_executor_line, demo);
}

const char *demo_key_name(const struct demo *demo, enum demo_key key)
{
    const struct keys *keys = &demo->stage.settings.keys;

    return key == DEMO_OPEN_ORDERS ? keys->open_orders : keys->safe_mode;
}

void demo_tell_action(struct demo *demo, const struct demo_action *action, const char *meaning)
{
    const char *key = demo_key_name(demo, action->key);

    if (action->key == DEMO_EXECUTOR) {
        demo_show_command(&demo->show, "quantum-executor --config=quantum-executor.conf, on paper",
                          meaning);
        return;
    }
    char *command = action->value ? memory_format("redis-cli SET %s %s", key, action->value)
                                  : memory_format("redis-cli DEL %s", key);

    demo_show_command(&demo->show, command, meaning);
    free(command);
}

void demo_tell_opening(struct demo *demo)
{
    demo_show_note(
        &demo->show, TONE_STRONG,
        "── quantumctl demo: a Redis, a quantum-router and a quantum-executor of its own");
    demo_show_note(&demo->show, TONE_PLAIN,
                   "   %g signals a second for %g s; the best of each window of %g s pass",
                   demo->values->rate, demo->values->seconds, demo->window_seconds);
}

__attribute__((format(printf, 3, 4))) static void hint(struct demo *demo, const char *label,
                                                       const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    char *command = memory_format_list(format, arguments);
    va_end(arguments);
    demo_show_hint(&demo->show, label, command);
    free(command);
}

void demo_tell_hints(struct demo *demo)
{
    const struct demo_stage *stage = &demo->stage;
    const struct keys *keys = &stage->settings.keys;
    char *self = demo_program_beside(CTL_NAME);
    /* The address too: a variable of whoever types it would count more than the file. */
    char *ctl = memory_format("%s --config=%s/quantum-router.conf --redis.url=unix://%s",
                              self ? self : CTL_NAME, stage->folder, stage->socket);

    demo_show_note(&demo->show, TONE_PLAIN, "%s", "");
    demo_show_note(&demo->show, TONE_STRONG,
                   "── staying up; Ctrl-C ends it. Only changes are shown from here on");
    hint(demo, "status", "%s status --executor-config=%s/quantum-executor.conf", ctl,
         stage->folder);
    hint(demo, "halt", "%s halt trying it", ctl);
    hint(demo, "resume", "%s resume", ctl);
    hint(demo, "read", "redis-cli -s %s XREVRANGE %s + - COUNT 1", stage->socket, keys->intents);
    hint(demo, "send", "%s send BTCUSDT BUY 0.99", ctl);
    free(ctl);
    free(self);
    if (*stage->metrics)
        hint(demo, "metrics", "curl -s http://%s/metrics", stage->metrics);
    hint(demo, "log", "tail -f %s %s", stage->router_log, stage->executor_log);
    demo_show_note(&demo->show, TONE_PLAIN, "%s", "");
}

int demo_tell_summary(struct demo *demo)
{
    const char *intents = demo->stage.settings.keys.intents;
    struct demo_evidence evidence = {
        .tally = &demo->tally,
        .trades = demo->stage.executor.pid != 0 ? &demo->trades : NULL,
        .is_over = demo->stage.executor.is_over,
        .fed = demo->feeder.counts.sent,
        .stream = intents,
    };

    if (demo_books_count(&demo->stage, intents, &evidence.intents) < 0 ||
        (evidence.trades && demo_books_waiting(&demo->stage, &evidence.waiting) < 0) ||
        demo_books_positions(&demo->stage, &evidence.positions) < 0 ||
        demo_trades_read(&demo->trades, &demo->stage) < 0)
        return demo_fail_stage(demo);
    if (!demo_summary_show(&evidence, &demo->show))
        demo->is_wrong = true;
    return 0;
}
