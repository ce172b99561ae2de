/* SPDX-License-Identifier: MIT */
/* quantumctl feed: many plausible signals, at a pace or as a backlog. */
#include "ctl/feed/feed.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "common/base/memory.h"
#include "common/base/number.h"
#include "common/base/wall.h"
#include "common/options/program.h"
#include "common/redis/reply.h"
#include "ctl/frame/ask.h"
#include "ctl/frame/interrupt.h"
#include "ctl/frame/span.h"
#include "ctl/write/feeder.h"

#define SECOND_NS UINT64_C(1000000000)

enum {
    PROGRESS_NS = 500000000, /* between two lines of progress */
};

struct feed_values {
    double rate, seconds;
    int64_t seed, backlog, age_sec;
    int form; /* enum draft_form */
};

#define AT(member) offsetof(struct feed_values, member)

static const struct option_row rows[] = {
    {.key = "rate",
     TAKES_REAL(AT(rate), 0.01, 100000, "50"),
     .help = "signals a second, evenly spread"},
    {.key = "seconds", TAKES_REAL(AT(seconds), 0.01, 1e7, "10"), .help = "how long"},
    {.key = "seed",
     TAKES_INT(AT(seed), 0, 1e15, "0"),
     .help = "the same seed gives the same signals; 0: others each time"},
    {.key = "form",
     TAKES_CHOICE(AT(form), draft_form_names, "payload"),
     .help = "a JSON object in payload or in data, or flat fields"},
    {.key = "backlog",
     TAKES_INT(AT(backlog), 0, 1e9, "0"),
     .help = "this many as fast as Redis takes them, instead of a rate; 0: none"},
    {.key = "age-sec",
     TAKES_INT(AT(age_sec), 0, 1e9, "0"),
     .help = "the ids of a backlog lie this far in the past"},
};

/* One run of the command. */
struct feed {
    const struct feed_values *values;
    struct feeder feeder;
    uint64_t start_ns, end_ns;
    uint64_t told_ns;
    bool tells; /* stderr is a terminal */
};

static void check(const struct options *options, const struct names *words,
                  struct complaints *complaints)
{
    const struct feed_values *values = options->values;
    static const char *const paced[] = {"rate", "seconds"};

    (void)words;
    if (values->backlog == 0 && values->age_sec > 0)
        options_complain(options, "age-sec", complaints, "is for a --backlog=N only");
    for (size_t i = 0; i < sizeof paced / sizeof *paced; i++)
        if (values->backlog > 0 && options_is_set(options, paced[i]))
            options_complain(options, paced[i], complaints,
                             "does not go with --backlog, which is written as fast as it can be");
    if (values->rate * values->seconds < 0.5)
        options_complain(options, "seconds", complaints,
                         "is too short for a single signal at this rate");
}

static void tell(struct feed *feed, uint64_t total)
{
    uint64_t now_ns = uv_hrtime();

    if (!feed->tells || now_ns - feed->told_ns < PROGRESS_NS)
        return;
    feed->told_ns = now_ns;
    (void)fprintf(stderr, "\r\033[K%" PRIu64 " of %" PRIu64 " sent", feed->feeder.counts.sent,
                  total);
    (void)fflush(stderr);
}

static void tell_no_more(const struct feed *feed)
{
    if (feed->tells)
        (void)fputs("\r\033[K", stderr);
}

/* May end earlier. */
static void nap_until(uint64_t then_ns)
{
    uint64_t now_ns = uv_hrtime();

    if (then_ns > now_ns)
        interrupt_nap(then_ns - now_ns);
}

static int feed_at_rate(struct feed *feed)
{
    const struct feed_values *values = feed->values;
    uint64_t total = (uint64_t)llround(values->rate * values->seconds);
    uint64_t end_ns = feed->start_ns + (uint64_t)(values->seconds * (double)SECOND_NS);
    struct pace pace;

    pace_init(&pace, values->rate, total, feed->start_ns);
    while (!interrupt_is_asked() && (pace.given < total || uv_hrtime() < end_ns)) {
        if (feeder_feed(&feed->feeder, pace_take(&pace, uv_hrtime())) < 0)
            return -1;
        tell(feed, total);
        nap_until(pace.given < total ? pace.next_ns : end_ns);
    }
    return 0;
}

/* Redis' time, minus the age. */
static int read_moment(const struct ask *ask, int64_t age_sec, int64_t *ret_ms)
{
    int64_t now_ms;

    if (ask_time(ask, &now_ms) < 0)
        return EXIT_FAILED;
    if (now_ms / 1000 <= age_sec)
        return command_fail(ask->command, "--age-sec=%" PRId64 " is before 1970", age_sec);
    *ret_ms = now_ms - age_sec * 1000;
    return 0;
}

/* A stream takes rising ids only. One that is not there yet takes any. */
static int check_room(const struct ask *ask, const char *stream, struct stream_id first)
{
    struct command question = {0};
    redisReply *reply;
    struct stream_id last = {0};
    char text[STREAM_ID_TEXT_MAX];
    int status = 0;

    command_add_all(&question, "XINFO", "STREAM", stream, NULL);
    if (ask_reply(ask, &question, &reply) < 0)
        return EXIT_FAILED;
    if (!reply_is_no_key(reply) &&
        !reply_read_stream_id(reply_named(reply, "last-generated-id"), &last))
        status = command_fail(ask->command, "%s cannot be looked at: %s", stream,
                              reply_complaint(reply));
    freeReplyObject(reply);
    if (status != 0 || stream_id_compare(last, first) < 0)
        return status;
    stream_id_print(last, text);
    return command_fail(ask->command,
                        "the last id of %s, %s, is not older than that: ids only rise; take a "
                        "smaller --age-sec, or an empty stream",
                        stream, text);
}

static int feed_backlog(struct feed *feed, int64_t moment_ms, struct stream_id *next_id)
{
    uint64_t total = (uint64_t)feed->values->backlog;
    uint64_t left = total;

    while (left > 0 && !interrupt_is_asked()) {
        size_t batch = left < FEEDER_BATCH_MAX ? (size_t)left : FEEDER_BATCH_MAX;
        if (feeder_send(&feed->feeder, batch, moment_ms, next_id) < 0)
            return -1;
        left -= batch;
        tell(feed, total);
    }
    return 0;
}

static void print_summary(const struct feed *feed)
{
    const struct feeder_counts *counts = &feed->feeder.counts;
    double seconds = (double)(feed->end_ns - feed->start_ns) / (double)SECOND_NS;
    char gate[NUMBER_TEXT_MAX], super[NUMBER_TEXT_MAX];

    share_print(feed->feeder.gate, gate);
    share_print(feed->feeder.super, super);
    (void)printf("sent %s in %.1f s (%.1f/s): %" PRIu64 " at or above %s, %" PRIu64
                 " at or above %s, %" PRIu64 " invalid, %" PRIu64 " repeated\n",
                 counted((long long)counts->sent, "signal", "signals").text, seconds,
                 seconds > 0 ? (double)counts->sent / seconds : 0.0, counts->passing, gate,
                 counts->super, super, counts->invalid, counts->repeated);
}

/* Sums up what is known to have arrived, also after a failure. */
static int finish(struct feed *feed, int result)
{
    if (feeder_finish(&feed->feeder) < 0)
        result = -1;
    feed->end_ns = uv_hrtime();
    tell_no_more(feed);
    print_summary(feed);
    int status = command_done(&feed_command);
    return result < 0 ? command_fail(&feed_command, "%s", feeder_error(&feed->feeder)) : status;
}

static int feed_all(struct feed *feed, const struct ask *ask)
{
    const char *stream = feed->feeder.stream;
    int64_t age_sec = feed->values->age_sec;
    int64_t moment_ms = wall_ms();

    int status = age_sec > 0 ? read_moment(ask, age_sec, &moment_ms) : 0;
    struct stream_id next = {(uint64_t)moment_ms, 0};
    if (status == 0 && age_sec > 0)
        status = check_room(ask, stream, next);
    if (status != 0)
        return status;
    feed->start_ns = uv_hrtime();
    feed->told_ns = feed->start_ns;
    return finish(feed, feed->values->backlog > 0
                            ? feed_backlog(feed, moment_ms, age_sec > 0 ? &next : NULL)
                            : feed_at_rate(feed));
}

static int run(const struct invocation *invocation)
{
    const struct feed_values *values = invocation->values;
    struct feed *feed = memory_new(sizeof *feed);

    feed->values = values;
    feed->tells = isatty(STDERR_FILENO) == 1;
    feeder_init(&feed->feeder, invocation->ask->client, invocation->settings,
                (enum draft_form)values->form, values->seed);
    interrupt_watch();
    int status = feed_all(feed, invocation->ask);
    feeder_deinit(&feed->feeder);
    free(feed);
    return status;
}

const struct ctl_command feed_command = {
    .name = "feed",
    .words = "",
    .purpose = "Writes many plausible signals to the signal stream and sums them up.",
    .details =
        "About a third have a confidence of 0.75 or more, one in sixteen of 0.90 or more; 3 in 100 "
        "are\ninvalid, and as many repeat an earlier decision. The summary counts what Redis has "
        "taken;\ninvalid ones count as nothing else. Ctrl-C ends it early, with the summary.\n"
        "\nExamples:\n"
        "  quantumctl feed\n"
        "  quantumctl feed --rate=1000 --seconds=60 --seed=7\n"
        "  quantumctl feed --backlog=100000 --age-sec=86400\n",
    COMMAND_OPTIONS(rows, struct feed_values),
    .check = check,
    .asks = true,
    .run = run,
};
