/* SPDX-License-Identifier: MIT */
/*
 * quantumctl status: is the pipeline well? One reading, or one after the other on one screen. Each
 * has a connection of its own, so that a watch outlives Redis.
 */
#include "ctl/status/status.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/monotonic.h"
#include "common/base/stream_id.h"
#include "common/options/program.h"
#include "ctl/frame/document.h"
#include "ctl/frame/executor_configuration.h"
#include "ctl/frame/fold.h"
#include "ctl/frame/interrupt.h"
#include "ctl/frame/span.h"
#include "ctl/look/status_look.h"
#include "ctl/status/screen.h"

struct status_values {
    bool once;
    bool json;
    double watch_sec; /* 0: not asked for */
    char *save;
    double sample_sec;
    int64_t lag_max;
    int64_t pending_max;
    char *age_max;
    char *executor_config;
    char *intents_after;
};

#define AT(member) offsetof(struct status_values, member)

static const struct option_row rows[] = {
    {.key = "once",
     TAKES_SWITCH(AT(once)),
     .help = "one reading; what it does unless --watch is given"},
    {.key = "watch",
     TAKES_REAL(AT(watch_sec), 0, 3600, "0"),
     .alone = "5",
     .help = "read again every so many seconds, in place, until Ctrl-C; alone: 5"},
    {.key = "json",
     TAKES_SWITCH(AT(json)),
     .help = "print a JSON document, with --watch one in each line"},
    {.key = "save",
     TAKES_TEXT(AT(save), 0, ""),
     .takes = "FILE",
     .help = "write the JSON document to this file too, for " CTL_NAME " compare"},
    {.key = "sample",
     TAKES_REAL(AT(sample_sec), 0, 600, "5"),
     .help = "seconds between the two looks that tell messages a second; 0: only one look; with "
             "--watch: how far back it looks for them"},
    {.key = "max-lag",
     TAKES_INT(AT(lag_max), 0, 1e12, "10"),
     .help = "a group that lags further behind is a warning, ten times as far is critical"},
    {.key = "max-pending",
     TAKES_INT(AT(pending_max), 0, 1e12, "1000"),
     .help = "the same of entries that were given and not acknowledged"},
    {.key = "max-age",
     TAKES_TEXT(AT(age_max), 20, "1h"),
     .help = "a pending entry that is older, or a dead letter that is younger, is a warning"},
    EXECUTOR_FILE_ROW(AT(executor_config)),
    {.key = "intents-after",
     TAKES_TEXT(AT(intents_after), STREAM_ID_TEXT_MAX, ""),
     .help = "who wrote intents behind this entry; empty: among the last 100, none older than "
             "capacity.inflight_max_age_sec"},
};

static void check(const struct options *options, const struct names *words,
                  struct complaints *complaints)
{
    const struct status_values *values = options->values;
    const char *after = values->intents_after;
    struct stream_id id;

    (void)words;
    if (options_is_set(options, "watch") && values->watch_sec < 0.2)
        complain(complaints, "--watch takes 0.2 to 3600 seconds");
    if (values->once && values->watch_sec > 0)
        complain(complaints, "--once and --watch exclude each other");
    if (options_is_set(options, "save") && !*values->save)
        complain(complaints, "--save needs a file, as in --save=before.json");
    if (*values->save && values->watch_sec > 0)
        complain(complaints, "--save does not go with --watch: it keeps one reading");
    span_check("max-age", values->age_max, complaints);
    if (*after && !stream_id_read(after, strlen(after), &id))
        complain(complaints, "--intents-after=%s is no id of an entry: 1768824000000-0",
                 escaped(after).text);
}

/* Ctrl-D is one of them: it ends what reads keys. */
#define KEYS_THAT_LEAVE "qQ\004"

/* All that outlives a reading. */
struct watch {
    const struct status_values *values;
    struct status_looks looks;
    struct terminal terminal;
    json_t *shown; /* in place */
    bool is_left;  /* by a key */
};

/* A new reading takes the place of the last one when it is complete, and not before. */
static bool is_in_place(const struct watch *watch)
{
    return watch->values->watch_sec > 0 && !watch->values->json && watch->terminal.is_one;
}

static void print_table(json_t *document, FILE *out, const struct terminal *terminal)
{
    char *text = NULL;
    size_t size;
    FILE *memory = open_memstream(&text, &size);

    if (!memory)
        return;
    status_show(document, memory, terminal);
    (void)fclose(memory);
    fold_print(out, text, terminal->columns);
    free(text);
}

/* What is shown is drawn again when the terminal has another size. */
static void show(struct watch *watch)
{
    char *text = NULL;
    size_t size;
    FILE *memory = open_memstream(&text, &size);

    if (!memory)
        return;
    watch->terminal = terminal_look();
    print_table(watch->shown, memory, &watch->terminal);
    (void)fclose(memory);
    screen_draw(stdout, text, watch->terminal.columns, watch->terminal.rows);
    (void)fflush(stdout);
    free(text);
}

static void follow_size(struct watch *watch)
{
    struct terminal now = terminal_look();

    if (watch->shown &&
        (now.columns != watch->terminal.columns || now.rows != watch->terminal.rows))
        show(watch);
}

static bool is_over(const struct watch *watch)
{
    return watch->is_left || interrupt_is_asked();
}

static void rest(struct watch *watch, double seconds)
{
    uint64_t end_ms = monotonic_ms() + (uint64_t)(seconds * 1000), now_ms;

    while (!is_over(watch) && (now_ms = monotonic_ms()) < end_ms) {
        interrupt_nap((end_ms - now_ms) * 1000000);
        follow_size(watch);
        watch->is_left = keyboard_pressed(KEYS_THAT_LEAVE);
    }
}

/* --- one reading */

/* Five seconds without a word look like a hang, also when stdout is a pipe. Blanks wipe it on every
 * kind of terminal. */
static void tell_waiting(const struct watch *watch, bool begins)
{
    if (isatty(STDERR_FILENO) != 1)
        return;
    char *said = memory_format("looking for %g s…", watch->values->sample_sec);
    if (begins)
        (void)fputs(said, stderr);
    else
        (void)fprintf(stderr, "\r%*s\r", (int)terminal_width(said), "");
    free(said);
}

/* The rates of the only reading need a look before it. */
static int look_ahead(struct watch *watch, const struct ask *ask)
{
    if (status_look_ahead(&watch->looks, ask) < 0)
        return -1;
    tell_waiting(watch, true);
    rest(watch, watch->values->sample_sec);
    tell_waiting(watch, false);
    return 0;
}

/* The document is the caller's. */
static enum severity read_once(struct watch *watch, json_t **ret_document)
{
    struct client *client = command_connect(&status_command, watch->looks.router);
    const struct ask ask = {&status_command, client};
    bool needs_two = watch->values->watch_sec <= 0 && watch->values->sample_sec > 0;

    if (!client)
        return UNKNOWN;
    bool is_read = (!needs_two || look_ahead(watch, &ask) == 0) &&
                   status_look_read(&watch->looks, &ask, ret_document) == 0;
    client_free(client);
    return is_read ? status_look_health(*ret_document) : UNKNOWN;
}

/* --- what is done with it */

static int print(struct watch *watch, json_t *document)
{
    size_t style = watch->values->watch_sec > 0 ? JSON_COMPACT : JSON_INDENT(2);

    if (watch->values->json) {
        (void)json_dumpf(document, stdout, style | DOCUMENT_STYLE);
        (void)fputs("\n", stdout);
    } else if (is_in_place(watch)) {
        json_decref(watch->shown);
        watch->shown = json_incref(document);
        show(watch);
    } else {
        print_table(document, stdout, &watch->terminal);
    }
    return command_done(&status_command);
}

static int read_and_print(struct watch *watch)
{
    json_t *document = NULL;
    enum severity health = read_once(watch, &document);
    bool is_done = true;

    if (!document)
        return UNKNOWN;
    if (*watch->values->save)
        is_done = document_save(&status_command, watch->values->save, document) == 0;
    is_done = print(watch, document) == EXIT_DONE && is_done;
    json_decref(document);
    return is_done ? (int)health : (int)UNKNOWN;
}

static int redraw(struct watch *watch)
{
    int health = read_and_print(watch);

    if (!is_in_place(watch) && !watch->values->json)
        (void)fputs("\n", stdout);
    (void)fflush(stdout);
    return health;
}

static int keep_watching(struct watch *watch)
{
    int health = UNKNOWN;

    interrupt_watch();
    if (is_in_place(watch)) {
        keyboard_take();
        screen_clear(stdout, watch->terminal.rows);
    }
    while (!is_over(watch) && !ferror(stdout)) {
        health = redraw(watch);
        rest(watch, watch->values->watch_sec);
    }
    keyboard_give_back();
    return health;
}

static int look(struct watch *watch)
{
    int health = watch->values->watch_sec > 0 ? keep_watching(watch) : read_and_print(watch);

    status_looks_release(&watch->looks);
    json_decref(watch->shown);
    return health;
}

static const char *executor_file(const void *values)
{
    return ((const struct status_values *)values)->executor_config;
}

static int run(const struct invocation *invocation)
{
    const struct status_values *values = invocation->values;
    struct watch watch = {.values = values,
                          .looks = {.router = invocation->settings,
                                    .executor = invocation->executor,
                                    .limits = {values->lag_max, values->pending_max, 0},
                                    .intents_after = values->intents_after,
                                    .trail.span_ms = (uint64_t)(values->sample_sec * 1000)},
                          .terminal = terminal_look()};

    (void)span_read(values->age_max, &watch.looks.limits.age_max_ms);
    return look(&watch);
}

const struct ctl_command status_command = {
    .name = "status",
    .words = "",
    .purpose = "Shows whether the pipeline is well, and says so by its exit status.",
    .details =
        "Two looks, five seconds apart, tell how fast things move; --watch shows the first look "
        "at\n"
        "once, and how fast things move from the second one on, over five seconds at most;\n"
        "on a terminal q ends it. An '=' in front of a lag says that it was counted, because "
        "Redis\n"
        "does not know it.\n\n"
        "Exit status: 0 healthy, 1 warning, 2 critical, 3 unknown, Redis away or wrong usage.\n\n"
        "Examples:\n"
        "  quantumctl status\n"
        "  quantumctl status --watch=2\n"
        "  quantumctl status --sample=0 --json | jq .health\n"
        "  quantumctl status --save before.json\n",
    COMMAND_OPTIONS(rows, struct status_values),
    .usage_status = UNKNOWN,
    .executor_file = executor_file,
    .check = check,
    .run = run,
};
