/* SPDX-License-Identifier: MIT */
/* The streams and their groups: how long, how far behind, how fast. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/monotonic.h"
#include "ctl/frame/span.h"
#include "ctl/look/status_look.h"
#include "ctl/look/stream_look.h"

/* So many times over a limit is critical. */
enum { CRITICAL_FACTOR = 10 };

/* "quantum:stream:…" by which it is found in Redis. The caller frees it. */
static char *name_of(const struct status *status, enum status_stream which)
{
    switch (which) {
    case STREAM_SIGNALS:
        return memory_text(status->router->keys.signals);
    case STREAM_INTENTS:
        return memory_text(status->router->keys.intents);
    case STREAM_DECISIONS:
        return memory_text(status->router->keys.decisions);
    case STREAM_RESULTS:
        return memory_text(status->executor->keys.results);
    case STREAM_DEAD_LETTERS:
        return memory_text(status->executor->keys.dead_letters);
    default:
        return memory_format("%sstream:trade.intent.drain_audit", status->router->keys.prefix);
    }
}

int status_unread(struct status *status, const char *what)
{
    if (*client_error(status->ask.client))
        return -1;
    findings_add(&status->findings, UNKNOWN, "%s could not be read", what);
    return 0;
}

/* Nobody trades by the records. */
static enum severity severity_of_refusal(enum status_stream which, const char *why)
{
    if (strncmp(why, "WRONGTYPE", 9) != 0)
        return UNKNOWN;
    return which == STREAM_DECISIONS ? WARNING : CRITICAL;
}

int status_take_sample(struct status *status, struct status_sample *ret_sample)
{
    struct status_sample sample = {.at_ms = monotonic_ms()};

    for (enum status_stream which = 0; which < STATUS_STREAMS; which++) {
        char *name = name_of(status, which), *why = NULL;
        int result = stream_look_read(&status->ask, name, false, &sample.looks[which], &why);
        sample.is_there[which] = result == 0;
        sample.is_refused[which] = result == 2;
        if (result == 2)
            findings_add(&status->findings, severity_of_refusal(which, why), "%s: %s",
                         escaped(name).text, why);
        free(why);
        free(name);
        if (result < 0) {
            status_sample_release(&sample);
            return -1;
        }
    }
    *ret_sample = sample;
    return 0;
}

void status_sample_release(struct status_sample *sample)
{
    for (enum status_stream which = 0; which < STATUS_STREAMS; which++)
        stream_look_release(&sample->looks[which]);
    *sample = (struct status_sample){0};
}

/* What is measured of one stream, now and at the sample before. */
struct pair {
    const struct stream_look *before; /* NULL: there is none */
    const struct stream_look *now;
    double seconds;
};

static json_t *per_second(int64_t count, double seconds)
{
    if (seconds <= 0)
        return json_null();
    return json_real(round((double)count / seconds * 100.0) / 100.0);
}

/* What it was given meanwhile: by Redis' count, or else what came less what it fell back. */
static json_t *rate_of_group(const struct pair *pair, const struct group_look *before,
                             const struct group_look *now)
{
    if (!before)
        return json_null();
    if (before->entries_read >= 0 && now->entries_read >= 0)
        return per_second(now->entries_read - before->entries_read, pair->seconds);
    return per_second(pair->now->added - pair->before->added - (now->lag - before->lag),
                      pair->seconds);
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void judge_count(struct status *status, const char *group, const char *what, int64_t count,
                        int64_t most, const char *flag)
{
    if (count <= most)
        return;
    bool is_far = most > 0 ? count / CRITICAL_FACTOR >= most : count >= CRITICAL_FACTOR;
    findings_add(&status->findings, is_far ? CRITICAL : WARNING, "%s: %s %lld is over %lld (%s)",
                 group, what, (long long)count, (long long)most, flag);
}

static void judge_oldest(struct status *status, const struct stream_look *stream,
                         const struct group_look *group)
{
    int64_t age_ms = status->now_ms - (int64_t)group->oldest.ms;
    char shown[SPAN_TEXT_MAX], most[SPAN_TEXT_MAX];

    if (!group->has_oldest)
        return;
    span_print(age_ms, shown);
    span_print(status->limits->age_max_ms, most);
    if (age_ms > status->limits->age_max_ms)
        findings_add_aged(&status->findings, WARNING, age_ms,
                          "%s: the oldest pending entry is %s old, over %s (--max-age)",
                          group->shown, shown, most);
    if (stream_id_compare(group->oldest, stream->first) < 0)
        findings_add(&status->findings, CRITICAL,
                     "%s: pending entries are no longer in %s: they were trimmed before they were "
                     "done with",
                     group->shown, escaped(stream->name).text);
}

/* A backlog that comes and goes within the sample is none. */
static void judge_group(struct status *status, const struct pair *pair,
                        const struct group_look *before, const struct group_look *now)
{
    const struct status_limits *limits = status->limits;
    int64_t lag = before ? smaller(before->lag, now->lag) : now->lag;
    int64_t pending = before ? smaller(before->pending, now->pending) : now->pending;

    judge_count(status, now->shown, "lag", lag, limits->lag_max, "--max-lag");
    judge_count(status, now->shown, "pending", pending, limits->pending_max, "--max-pending");
    judge_oldest(status, pair->now, now);
    if (now->lost > 0)
        findings_add(&status->findings, CRITICAL,
                     "%s: %lld entries were removed from %s before it was given them", now->shown,
                     (long long)now->lost, escaped(pair->now->name).text);
}

static json_t *groups_json(struct status *status, const struct pair *pair)
{
    json_t *groups = json_object();

    for (size_t i = 0; i < pair->now->group_count; i++) {
        const struct group_look *now = &pair->now->groups[i];
        const struct group_look *before =
            pair->before ? stream_look_group(pair->before, now->name) : NULL;
        json_t *group = stream_json_group(now, status->now_ms);
        judge_group(status, pair, before, now);
        document_put(group, "read_per_sec", rate_of_group(pair, before, now));
        document_put(groups, now->shown, group);
    }
    return groups;
}

static json_t *pair_json(struct status *status, const struct pair *pair)
{
    json_t *stream = stream_json(pair->now, status->now_ms);
    int64_t came = pair->before ? pair->now->added - pair->before->added : 0;

    document_put(stream, "added_per_sec", per_second(came, pair->before ? pair->seconds : 0));
    document_put(stream, "groups", groups_json(status, pair));
    return stream;
}

/* Who must be there for the pipeline to run. */
static void judge_presence(struct status *status, const struct status_sample *now,
                           enum status_stream which, const char *group, const char *who)
{
    char *name = name_of(status, which);

    if (!now->is_there[which] && !now->is_refused[which])
        findings_add(&status->findings, WARNING, "%s is not there", escaped(name).text);
    else if (now->is_there[which] && !stream_look_group(&now->looks[which], group))
        findings_add(&status->findings, WARNING, "%s has no group %s: start the %s, which makes it",
                     escaped(name).text, escaped(group).text, who);
    free(name);
}

static int64_t came(const struct status_sample *before, const struct status_sample *now,
                    enum status_stream which)
{
    return now->looks[which].added - before->looks[which].added;
}

/* Intents wait, and none has come to an end meanwhile. */
static void add_results(struct status *status, const struct status_sample *before,
                        const struct status_sample *now)
{
    const struct group_look *group =
        stream_look_group(&now->looks[STREAM_INTENTS], status->router->keys.executor_group);
    int64_t waiting = group ? group->lag + group->pending : 0;
    bool waits = waiting > 0;
    bool advances = before->at_ms > 0 && came(before, now, STREAM_RESULTS) > 0;
    const char *state = now->is_refused[STREAM_RESULTS]  ? "unknown"
                        : !now->is_there[STREAM_RESULTS] ? "missing"
                        : before->at_ms == 0             ? "unknown"
                        : advances                       ? "advancing"
                        : waits                          ? "standing still"
                                                         : "idle";

    if (before->at_ms > 0 && waits && !advances)
        findings_add(&status->findings, WARNING, "no result came, though %s for the executor",
                     counted(waiting, "intent waits", "intents wait").text);
    document_put(status->document, "results", json_pack("{s:s}", "state", state));
}

/* How far back they go. */
static void add_records(struct status *status, const struct status_sample *now)
{
    const struct stream_look *look = &now->looks[STREAM_DECISIONS];
    json_t *records = json_object();
    int64_t age_ms = look->length > 0 ? status->now_ms - (int64_t)look->first.ms : -1;

    if (!now->is_refused[STREAM_DECISIONS]) {
        document_put(records, "count", json_integer((json_int_t)look->length));
        document_put(records, "oldest_age_ms", document_known(age_ms));
    }
    document_put(status->document, "records", records);
}

static void judge_dead_letters(struct status *status, const struct status_sample *now)
{
    const struct stream_look *dead_letters = &now->looks[STREAM_DEAD_LETTERS];
    int64_t age_ms = status->now_ms - (int64_t)dead_letters->last.ms;
    char shown[SPAN_TEXT_MAX];

    if (!now->is_there[STREAM_DEAD_LETTERS] || dead_letters->length == 0 ||
        age_ms > status->limits->age_max_ms)
        return;
    span_print(age_ms, shown);
    findings_add_aged(&status->findings, WARNING, age_ms,
                      "%s, the newest %s old (see " CTL_NAME " dlq list)",
                      counted(dead_letters->length, "dead letter", "dead letters").text, shown);
}

void status_add_streams(struct status *status, const struct status_sample *before,
                        const struct status_sample *now)
{
    json_t *streams = json_object();
    double seconds = before->at_ms > 0 ? (double)(now->at_ms - before->at_ms) / 1000.0 : 0;

    for (enum status_stream which = 0; which < STATUS_STREAMS; which++) {
        const struct pair pair = {before->is_there[which] ? &before->looks[which] : NULL,
                                  &now->looks[which], seconds};
        char *name = name_of(status, which);
        if (!now->is_refused[which])
            document_put(streams, escaped(name).text,
                         now->is_there[which] ? pair_json(status, &pair) : json_null());
        free(name);
    }
    document_put(status->document, "streams", streams);
    judge_presence(status, now, STREAM_SIGNALS, status->router->keys.group, "router");
    judge_presence(status, now, STREAM_INTENTS, status->router->keys.executor_group, "executor");
    add_records(status, now);
    add_results(status, before, now);
    judge_dead_letters(status, now);
}
