/* SPDX-License-Identifier: MIT */
#include "ctl/drain/drain.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/options/program.h"
#include "common/redis/reply.h"
#include "ctl/drain/decide/drain_filter.h"
#include "ctl/drain/drain_group.h"
#include "ctl/frame/document.h"
#include "ctl/look/stream_look.h"

enum {
    RUNS_MAX = 1000, /* further ones are counted together */
    RUN_ID_MAX = 64,
};

struct run {
    char id[RUN_ID_MAX + 1];
    uint64_t by_action[DRAIN_ACTIONS];
    uint64_t others; /* actions that this program does not write */
};

struct summary {
    struct run *runs;
    size_t count;
};

static struct run *run_of(struct summary *summary, const char *id)
{
    bool is_full = summary->count >= RUNS_MAX;

    /* From the last one on, which is the likeliest. */
    for (size_t i = summary->count; i > 0; i--)
        if (strcmp(summary->runs[i - 1].id, id) == 0)
            return &summary->runs[i - 1];
    if (is_full)
        return &summary->runs[RUNS_MAX - 1];
    summary->runs = memory_resize(summary->runs, summary->count + 1, sizeof *summary->runs);
    struct run *run = &summary->runs[summary->count++];
    *run = (struct run){0};
    (void)snprintf(run->id, sizeof run->id, "%s", id);
    if (summary->count == RUNS_MAX)
        (void)snprintf(run->id, sizeof run->id, "(further runs)");
    return run;
}

static void count_entry(void *owner, const redisReply *entry, struct stream_id entry_id)
{
    struct summary *summary = owner;
    const redisReply *fields = reply_element(entry, 1);
    char id[RUN_ID_MAX + 1];
    const redisReply *action = reply_named(fields, "action");

    (void)entry_id;
    if (!reply_copy_text(reply_named(fields, "run_id"), id, sizeof id))
        (void)snprintf(id, sizeof id, "(none)");
    struct run *run = run_of(summary, id);
    for (size_t i = 0; i < DRAIN_ACTIONS; i++) {
        if (reply_is_text(action, drain_action_name((enum drain_action)i))) {
            run->by_action[i]++;
            return;
        }
    }
    run->others++;
}

static void tell_row(const char *run, const char *action, uint64_t count)
{
    (void)printf("%-24s %-24s %10" PRIu64 "\n", run, action, count);
}

static void tell_run(const char *name, const struct run *run)
{
    uint64_t sum = run->others;

    for (size_t i = 0; i < DRAIN_ACTIONS; i++) {
        if (run->by_action[i] > 0)
            tell_row(name, drain_action_name((enum drain_action)i), run->by_action[i]);
        sum += run->by_action[i];
    }
    if (run->others > 0)
        tell_row(name, "(others)", run->others);
    tell_row(name, "all", sum);
}

static void tell(const struct summary *summary, const char *audit)
{
    struct run all = {0};

    (void)printf("%s\n%-24s %-24s %10s\n", escaped(audit).text, "run", "action", "entries");
    for (size_t i = 0; i < summary->count; i++) {
        const struct run *run = &summary->runs[i];
        tell_run(escaped(run->id).text, run);
        for (size_t j = 0; j < DRAIN_ACTIONS; j++)
            all.by_action[j] += run->by_action[j];
        all.others += run->others;
    }
    tell_run("all", &all);
    if (all.by_action[DRAIN_INVALID] > 0)
        (void)printf("%s: " CTL_NAME " dlq list shows those that became dead letters.\n",
                     drain_action_name(DRAIN_INVALID));
}

static void tell_json(const struct summary *summary)
{
    json_t *runs = json_object();

    for (size_t i = 0; i < summary->count; i++) {
        const struct run *run = &summary->runs[i];
        json_t *object = json_object();
        for (size_t j = 0; j < DRAIN_ACTIONS; j++)
            document_put(object, drain_action_name((enum drain_action)j),
                         json_integer((json_int_t)run->by_action[j]));
        document_put(object, "others", json_integer((json_int_t)run->others));
        document_put(runs, escaped(run->id).text, object);
    }
    (void)json_dumpf(runs, stdout, JSON_COMPACT);
    (void)puts("");
    json_decref(runs);
}

int drain_audit_summary(const struct invocation *invocation, const char *audit, bool is_json)
{
    const struct ask ask = {invocation->command,
                            command_connect(invocation->command, invocation->settings)};
    struct summary summary = {0};

    if (!ask.client)
        return EXIT_FAILED;
    int status = EXIT_FAILED;
    if (stream_look_walk(&ask, audit, DRAIN_REFUSED, count_entry, &summary) == 0) {
        if (is_json)
            tell_json(&summary);
        else
            tell(&summary, audit);
        status = command_done(ask.command);
    }
    free(summary.runs);
    client_free(ask.client);
    return status;
}
