/* SPDX-License-Identifier: MIT */
#include "ctl/status/status_values.h"

#include <assert.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/stream_id.h"
#include "ctl/span.h"

#define AT(member) offsetof(struct status_values, member)

const struct option_row status_rows[] = {
    {.key = "once",
     .type = OPTION_BOOL,
     .offset = AT(once),
     .fallback = "false",
     .help = "one reading; what it does unless --watch is given"},
    {.key = "watch",
     .type = OPTION_REAL,
     .offset = AT(watch_sec),
     .min = 0,
     .max = 3600,
     .fallback = "0",
     .alone = "5",
     .help = "read again every so many seconds, in place, until Ctrl-C; alone: 5"},
    {.key = "json",
     .type = OPTION_BOOL,
     .offset = AT(json),
     .fallback = "false",
     .help = "print a JSON document, with --watch one in each line"},
    {.key = "save",
     .type = OPTION_TEXT,
     .offset = AT(save),
     .fallback = "",
     .help = "write the JSON document to this file too, for " CTL_NAME " compare"},
    {.key = "sample",
     .type = OPTION_REAL,
     .offset = AT(sample_sec),
     .min = 0,
     .max = 600,
     .fallback = "5",
     .help = "seconds between the two looks that tell messages a second; 0: only one look; with "
             "--watch: how far back it looks for them"},
    {.key = "max-lag",
     .type = OPTION_INT,
     .offset = AT(lag_max),
     .min = 0,
     .max = 1e12,
     .fallback = "10",
     .help = "a group that lags further behind is a warning, ten times as far is critical"},
    {.key = "max-pending",
     .type = OPTION_INT,
     .offset = AT(pending_max),
     .min = 0,
     .max = 1e12,
     .fallback = "1000",
     .help = "the same of entries that were given and not acknowledged"},
    {.key = "max-age",
     .type = OPTION_TEXT,
     .offset = AT(age_max),
     .max = 20,
     .fallback = "1h",
     .help = "a pending entry that is older, or a dead letter that is younger, is a warning"},
    {.key = "executor-config",
     .type = OPTION_TEXT,
     .offset = AT(executor_config),
     .fallback = "",
     .help = "the executor's file; empty: /etc/quantum/executor.conf where it exists"},
    {.key = "intents-after",
     .type = OPTION_TEXT,
     .offset = AT(intents_after),
     .max = STREAM_ID_TEXT_MAX,
     .fallback = "",
     .help = "who wrote intents behind this entry; empty: among the last 100, none older than "
             "capacity.inflight_max_age_sec"},
};

static_assert(sizeof status_rows / sizeof *status_rows == STATUS_ROWS,
              "the count is in the header");

void status_check(const struct options *options, const struct names *words,
                  struct complaints *complaints)
{
    const struct status_values *values = options->values;
    const char *after = values->intents_after;
    struct stream_id id;
    int64_t ms;

    (void)words;
    if (options_is_set(options, "watch") && values->watch_sec < 0.2)
        complain(complaints, "--watch takes 0.2 to 3600 seconds");
    if (values->once && values->watch_sec > 0)
        complain(complaints, "--once and --watch exclude each other");
    if (options_is_set(options, "save") && !*values->save)
        complain(complaints, "--save needs a file, as in --save=before.json");
    if (*values->save && values->watch_sec > 0)
        complain(complaints, "--save does not go with --watch: it keeps one reading");
    if (!span_read(values->age_max, &ms))
        complain(complaints, "--max-age=%s is no span of time: 90s, 15m, 1h or 7d",
                 escaped(values->age_max).text);
    if (*after && !stream_id_read(after, strlen(after), &id))
        complain(complaints, "--intents-after=%s is no id of an entry: 1768824000000-0",
                 escaped(after).text);
}
