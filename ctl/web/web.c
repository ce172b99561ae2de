/* SPDX-License-Identifier: MIT */
#include "ctl/web/web.h"

#include <stddef.h>

#include "common/base/escape.h"
#include "common/options/program.h"
#include "common/service/http.h"
#include "ctl/frame/executor_configuration.h"
#include "ctl/frame/span.h"
#include "ctl/web/web_server.h"

/* So long what is dear to read is shown as it was: walks through all keys, a process for a unit. */
enum { KEEP_MS = 10000, RATES_MS = 5000 };

struct web_values {
    char *listen;
    struct names hosts;
    int64_t lag_max;
    int64_t pending_max;
    char *age_max;
    char *executor_config;
    char *with;
};

#define AT(member) offsetof(struct web_values, member)

static const struct option_row rows[] = {
    {.key = "listen",
     TAKES_TEXT(AT(listen), 64, "127.0.0.1:8056"),
     .takes = "HOST:PORT",
     .help = "where the page is; anything but a loopback address shows it to all who reach it"},
    {.key = "host",
     TAKES_NAMES(AT(hosts), ""),
     .takes = "NAME,...",
     .help = "further names that a loopback address may be asked by, as a proxy on this machine "
             "does; others are refused with 421"},
    {.key = "max-lag",
     TAKES_INT(AT(lag_max), 0, 1e12, "10"),
     .help = "the same limits as those of " CTL_NAME " status: a group that lags further behind"},
    {.key = "max-pending",
     TAKES_INT(AT(pending_max), 0, 1e12, "1000"),
     .help = "entries that were given and not acknowledged"},
    {.key = "max-age",
     TAKES_TEXT(AT(age_max), 20, "1h"),
     .help = "a pending entry that is older, or a dead letter that is younger"},
    EXECUTOR_FILE_ROW(AT(executor_config)),
    {.key = "with",
     TAKES_TEXT(AT(with), 0, ""),
     .takes = "FILE",
     .help = "a router's configuration: the page shows, too, what it would have chosen in each of "
             "the last cycles; nothing of it runs in the router"},
};

static void check(const struct options *options, const struct names *words,
                  struct complaints *complaints)
{
    const struct web_values *values = options->values;
    struct listen_address address;

    (void)words;
    if (!listen_address_read(values->listen, &address))
        complain(complaints, "--listen=%s is not " LISTEN_ADDRESS_FORM,
                 escaped(values->listen).text);
    if (!http_is_built_in())
        complain(complaints, "this build has no HTTP: build it with libmicrohttpd");
    span_check("max-age", values->age_max, complaints);
    variants_check(&(struct what_if_values){.with = values->with,
                                            .sweep = (char[]){""},
                                            .archive = (char[]){""}},
                   complaints);
}

static const char *executor_file(const void *values)
{
    return ((const struct web_values *)values)->executor_config;
}

static int run(const struct invocation *invocation)
{
    const struct web_values *values = invocation->values;
    static struct web_server server;

    server = (struct web_server){
        .listen = values->listen,
        .hosts = &values->hosts,
        .look = {.router = invocation->settings,
                 .executor = invocation->executor,
                 .status = {.router = invocation->settings,
                            .executor = invocation->executor,
                            .limits = {values->lag_max, values->pending_max, 0},
                            .intents_after = "",
                            .keep_ms = KEEP_MS,
                            .trail.span_ms = RATES_MS}},
    };
    web_with_read(&server.look.with, values->with);
    (void)span_read(values->age_max, &server.look.status.limits.age_max_ms);
    return web_server_run(&server);
}

const struct ctl_command web_command = {
    .name = "web",
    .words = "",
    .purpose = "Shows the pipeline at a glance, as one page for a browser on this machine.",
    .details =
        "The page asks once a second and shows state, slots, the window as it fills, the last "
        "cycles,\nstreams, results and findings, by the numbers of " CTL_NAME " status. Nothing "
        "leaves the machine,\nnothing can be changed with it. From elsewhere it is seen through "
        "ssh:\n\n"
        "  ssh -L 8056:127.0.0.1:8056 trading-host    then http://127.0.0.1:8056/\n\n"
        "Examples:\n"
        "  quantumctl web\n"
        "  quantumctl web --listen=127.0.0.1:9000\n",
    COMMAND_OPTIONS(rows, struct web_values),
    .executor_file = executor_file,
    .check = check,
    .run = run,
};
