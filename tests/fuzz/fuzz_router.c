/* SPDX-License-Identifier: MIT */
/*
 * The whole router on a stage, with a Redis that may say anything at any time.
 *
 * An input is a row of acts, each ended by byte 0x1e; an act is a letter and what belongs to it:
 *   u       the connections come up
 *   r d     the reader, the decider gets the answer that Redis would give
 *   R D     it gets this answer, as it comes over the wire
 *   j       the reader gets an entry with this document
 *   l L     the reader's, the decider's connection is lost
 *   t T     the next timer fires, in time or two seconds late
 *   s       SIGTERM
 *   o       an option gets another value: before the first other act for the start, else on reload
 *   m       Redis' clock steps, by so much
 *   h       another thing is held
 * What must hold are the router's own assertions, the sanitizers, that it closes in the end, and
 * for all settings that are accepted: never over the cap, never more than a cycle or a minute may
 * publish, and a mark that outlasts its signal.
 */
#include <ctype.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/options/program_reload.h"
#include "common/redis/reply_arena.h"
#include "common/redis/resp2.h"
#include "router/router.h"
#include "router/tell/report.h"
#include "tests/fuzz/setup.h"
#include "tests/fuzz/stage.h"
#include "tests/fuzz/target.h"

enum { ACTS_MAX = 400, WIRE_MAX = 4096 };

/* Redis' clock began long before the stage's. */
#define EPOCH_MS UINT64_C(1768824000000)

/* How snapshot.lua says it, and what is answered beside. */
struct holding {
    const char *said, *beside;
};

static struct {
    struct router router;
    struct report report;
    struct setup setup;
    struct setup fresh; /* of a reload */
    bool reloaded;
    int64_t stepped_ms; /* Redis' clock */
    const struct holding *held;
    bool queues; /* since MULTI */
    uv_loop_t loop;
    redisReader *reader;
    struct reply_arena *arena;
    unsigned scripts;
    unsigned commits;
    uint64_t entries;
    bool closed;
} play;

/* --- what the router tells is taken in */

/* Asked for again when its mark is gone, it is too old; unless Redis' clock stepped meanwhile. */
static void must_be_marked(const struct cycle *told, size_t choice)
{
    const struct router_settings *settings = play.router.settings;
    const struct signal *signal = told->window.candidates[told->plan.choices[choice].index].signal;
    int64_t mark_ends_ms = told->snapshot.now_ms + settings->dedup_ttl_sec * 1000;

    MUST(signal_is_stale((int64_t)signal->id.ms, mark_ends_ms, settings->signal.max_age_ms));
}

static void must_have_room(const struct cycle *told)
{
    const struct capacity_rules *rules = &play.router.settings->plan.capacity;
    const struct capacity *capacity = &told->snapshot.capacity;
    int64_t in_flight = capacity->in_flight < 0 ? 0 : capacity->in_flight;

    MUST(capacity->open.kind == OPEN_ORDERS_KNOWN);
    MUST(capacity->open.count <= rules->max_open - in_flight - (int64_t)told->plan.chosen);
    MUST((int64_t)told->plan.chosen <= rules->max_new_per_cycle);
    MUST(rules->max_per_minute == 0 ||
         capacity->published_minute + (int64_t)told->plan.chosen <= rules->max_per_minute);
}

/* Neither held nor in flight, as far as the rules forbid it. */
static void must_be_free(const struct cycle *told, size_t choice)
{
    const struct plan_rules *rules = &play.router.settings->plan;
    char flag = told->snapshot.held[told->plan.choices[choice].index];

    MUST(rules->adds_to_held || (flag != HELD_SAME && flag != HELD_BOTH));
    MUST(rules->passes_opposite || (flag != HELD_OPPOSITE && flag != HELD_BOTH));
}

/* Never more than was allowed, each candidate with one fate. */
static void on_decided(const struct cycle *told)
{
    uint64_t sum = 0;

    MUST((int64_t)told->plan.chosen <= told->plan.allowance.allowed);
    MUST(told->plan.count == told->window.count);
    for (size_t i = 0; i < FATE_COUNT; i++)
        sum += told->plan.tally.of[i];
    MUST(sum == told->plan.count);
    if (told->plan.chosen > 0)
        must_have_room(told);
    for (size_t i = 0; i < told->plan.chosen; i++)
        must_be_free(told, i);
    for (size_t i = 0; i < told->plan.chosen && play.stepped_ms == 0; i++)
        must_be_marked(told, i);
}

static void on_closed(void)
{
    MUST(!play.closed);
    play.closed = true;
}

static void on_told(void *owner, const struct router_fact *fact)
{
    (void)owner;
    report_fact(&play.report, fact);
    switch (fact->kind) {
    case FACT_STANDBY:
    case FACT_REFUSED:
        MUST(fact->text);
        break;
    case FACT_LOST:
        MUST(fact->lost.reason);
        break;
    case FACT_COMMITTED:
        MUST(fact->committed.outcome <= COMMIT_UNKNOWN && fact->committed.seconds >= 0);
        break;
    case FACT_DECIDED:
        on_decided(fact->decided.cycle);
        break;
    case FACT_ENDED:
        MUST(fact->ended.how <= CYCLE_FENCED);
        break;
    case FACT_CLOSED:
        on_closed();
        break;
    default:
        break;
    }
}

/* --- settings */

/* What does not change while it runs stays; another reload would come too early. */
static void reload(const char *text, size_t length)
{
    if (play.reloaded)
        return;
    play.reloaded = true;
    setup_lay_out(&play.fresh);
    setup_change(&play.fresh, text, length);
    options_keep(&play.fresh.options, &play.setup.options);
    if (setup_is_accepted(&play.fresh))
        router_reload(&play.router, &play.fresh.settings);
}

/* --- answers */

static void lose(unsigned link)
{
    play.queues = play.queues && link != STAGE_DECIDER;
    stage_lose(link);
}

static void answer(unsigned link, const char *wire, size_t length)
{
    void *reply = NULL;

    if (!stage_asked(link))
        return;
    if (redisReaderFeed(play.reader, wire, length) == REDIS_OK &&
        redisReaderGetReply(play.reader, &reply) == REDIS_OK && reply) {
        stage_answer(link, reply);
        play.reader->fn->freeObject(reply);
        return;
    }
    /* Half a reply, or a broken one: for hiredis the connection is lost, sooner or later. */
    redisReaderFree(play.reader);
    play.reader = redisReaderCreate();
    reply_arena_serve(play.arena, play.reader);
    lose(link);
}

static void say(unsigned link, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(unsigned link, const char *format, ...)
{
    char wire[WIRE_MAX];
    va_list arguments;

    va_start(arguments, format);
    int length = vsnprintf(wire, sizeof wire, format, arguments);
    va_end(arguments);
    MUST(length > 0 && length < WIRE_MAX);
    answer(link, wire, (size_t)length);
}

static uint64_t now_ms(void)
{
    return EPOCH_MS + stage_now_ms() + (uint64_t)play.stepped_ms;
}

static void say_taken(void)
{
    say(STAGE_DECIDER,
        "*10\r\n+taken\r\n:%llu\r\n:0\r\n+%u\r\n+%s-%u\r\n$0\r\n\r\n$0\r\n\r\n+o\r\n:-1\r\n+1-"
        "0\r\n",
        (unsigned long long)now_ms() / 1000, play.commits, play.router.session.lease.epoch,
        play.commits);
}

/* Before it stands `head`, behind it `tail`. */
static void say_seen(const char *head, const char *tail)
{
    say(STAGE_DECIDER,
        "%s*24\r\n:%llu\r\n:0\r\n+text:1\r\n+missing\r\n:-2\r\n+%s\r\n+%u\r\n$0\r\n\r\n$0\r\n\r\n:"
        "0\r\n"
        "+5\r\n+text:1\r\n+2\r\n$0\r\n\r\n$0\r\n\r\n$0\r\n\r\n$0\r\n\r\n+0\r\n+0\r\n:0\r\n:0\r\n"
        "$%zu\r\n%s\r\n"
        "*1\r\n*2\r\n+1-0\r\n*4\r\n+symbol\r\n+ETHUSDT\r\n+side\r\n+SELL\r\n+1-0\r\n%s",
        head, (unsigned long long)now_ms() / 1000, play.router.session.lease.epoch, play.commits,
        strlen(play.held->said), play.held->said, tail);
}

static void say_done(void)
{
    play.commits++;
    say(STAGE_DECIDER, "*4\r\n+done\r\n+%u-0\r\n%s\r\n+%llu-0\r\n", play.commits,
        play.commits % 4 ? "$0\r\n" : "+alone", (unsigned long long)now_ms());
}

/* The stream's last record, or some of those behind which a commit is looked for. */
static void say_records(void)
{
    say(STAGE_DECIDER, "*1\r\n*2\r\n+%u-0\r\n*4\r\n+cycle_id\r\n+%s-%u\r\n+intents\r\n+1-0\r\n",
        play.commits, play.router.session.lease.epoch, play.commits);
}

static bool calls(const char *asked, const struct script *script)
{
    return *script->hash && strstr(asked, script->hash);
}

/* The look, and what is held beside it. */
static void say_queued(const char *asked)
{
    play.queues = !strstr(asked, "EXEC");
    if (play.queues)
        say(STAGE_DECIDER, strstr(asked, "MULTI") ? "+OK\r\n" : "+QUEUED\r\n");
    else
        say_seen("*2\r\n", play.held->beside);
}

/* What Redis would say to the command that the decider sent first. */
static void decider_answers(void)
{
    const struct session *session = &play.router.session;
    const char *asked = stage_asked(STAGE_DECIDER);

    if (!asked)
        return;
    if (strstr(asked, "SCRIPT"))
        say(STAGE_DECIDER, "+%040u\r\n", ++play.scripts);
    else if (calls(asked, &session->lease.take))
        say_taken();
    else if (calls(asked, &session->lease.renew))
        say(STAGE_DECIDER, "$0\r\n\r\n");
    else if (play.queues || strstr(asked, "MULTI"))
        say_queued(asked);
    else if (calls(asked, &session->look))
        say_seen("", "");
    else if (calls(asked, &session->commit))
        say_done();
    else if (calls(asked, &session->ack))
        say(STAGE_DECIDER, "*3\r\n:%llu\r\n:0\r\n:%d\r\n", (unsigned long long)now_ms() / 1000,
            play.entries % 8 != 0);
    else if (strstr(asked, "XREVRANGE"))
        say_records();
    else if (strstr(asked, "HSETNX"))
        say(STAGE_DECIDER, ":1\r\n");
    else if (strstr(asked, "XCLAIM"))
        say(STAGE_DECIDER, "*0\r\n");
    else if (strstr(asked, "XAUTOCLAIM"))
        say(STAGE_DECIDER, "*3\r\n+0-0\r\n*0\r\n*0\r\n");
    else if (strstr(asked, "XACK"))
        say(STAGE_DECIDER, ":1\r\n");
    else
        say(STAGE_DECIDER, "+OK\r\n");
}

static void say_entry(const char *document, size_t length)
{
    char head[160];
    char *wire;

    (void)snprintf(head, sizeof head,
                   "*1\r\n*2\r\n+s\r\n*1\r\n*2\r\n+%llu-%llu\r\n*2\r\n+payload\r\n$%zu\r\n",
                   (unsigned long long)now_ms(), (unsigned long long)++play.entries, length);
    wire = memory_format("%s%.*s\r\n", head, (int)length, document);
    answer(STAGE_READER, wire, strlen(wire));
    free(wire);
}

static void reader_answers(void)
{
    static const char usual[] = "{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"confidence\":0.95}";
    const char *asked = stage_asked(STAGE_READER);

    if (!asked)
        return;
    if (strstr(asked, "BLOCK"))
        say_entry(usual, sizeof usual - 1);
    else
        say(STAGE_READER, "*1\r\n*2\r\n+s\r\n*0\r\n");
}

/* --- the play */

static bool claims_too_much(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        size_t digits = 0;
        while (bytes[i] == '*' && i + 1 + digits < length && bytes[i + 1 + digits] != '\r')
            digits++;
        if (digits > 5)
            return true;
    }
    return false;
}

static void step_clock(const char *text, size_t length)
{
    static const int64_t steps_ms[] = {2000, 7200000, 172800000, -2000, -7200000, -172800000};
    size_t which = length > 0 ? (unsigned char)*text : 0;

    play.stepped_ms += steps_ms[which % (sizeof steps_ms / sizeof *steps_ms)];
}

/* Open orders are 1. */
static const struct holding holdings[] = {
    {"missing", "*0\r\n"},
    {"text:1", "*2\r\n+BTCUSDT\r\n+BUY\r\n"},
    {"text:1", "*2\r\n+ETHUSDT\r\n+SELL\r\n"},
    {"text:1", "*2\r\n+ETHUSDT\r\n+SELL 2\r\n"},
    {"text:2", "*4\r\n+BTCUSDT\r\n+BUY\r\n+ETHUSDT\r\n+BUY\r\n"},
    {"text:1", "*2\r\n+BTCUSDT\r\n+BUY 0\r\n"},
    {"text:1", "*2\r\n$-1\r\n*0\r\n"},
    {"text:1", "*1\r\n+BTCUSDT\r\n"},
    {"text:1", "*0\r\n"},
    {"text:1", "-NOPERM no\r\n"},
    {"type:list", "-WRONGTYPE no\r\n"},
    {"forbidden", "*0\r\n"},
    {"too many", "*2\r\n+BTCUSDT\r\n+BUY\r\n"},
    {"too large", "*2\r\n+BTCUSDT\r\n+BUY\r\n"},
    {"", ":1\r\n"},
};

static void hold_another(const char *text, size_t length)
{
    size_t which = length > 0 ? (unsigned char)*text : 0;

    play.held = &holdings[which % (sizeof holdings / sizeof *holdings)];
}

static void act(char letter, const char *text, size_t length)
{
    unsigned link = islower((unsigned char)letter) ? STAGE_READER : STAGE_DECIDER;

    switch (letter) {
    case 'u':
        stage_connect();
        break;
    case 'r':
        reader_answers();
        break;
    case 'd':
        decider_answers();
        break;
    case 'R':
    case 'D':
        if (!claims_too_much(text, length))
            answer(letter == 'R' ? STAGE_READER : STAGE_DECIDER, text, length);
        break;
    case 'j':
        if (stage_asked(STAGE_READER) && !memchr(text, '\0', length))
            say_entry(text, length);
        break;
    case 'l':
    case 'L':
        lose(link);
        break;
    case 't':
    case 'T':
        (void)stage_fire(letter == 'T' ? 2000 : 0);
        break;
    case 's':
        router_stop(&play.router);
        break;
    case 'o':
        reload(text, length);
        break;
    case 'm':
        step_clock(text, length);
        break;
    case 'h':
        hold_another(text, length);
        break;
    default:
        break;
    }
}

static void perform(const char *bytes, size_t length)
{
    const char *end = bytes + length;

    for (unsigned acts = 0; bytes < end && acts < ACTS_MAX; acts++) {
        const char *stop = memchr(bytes, ACT_END, (size_t)(end - bytes));
        if (!stop)
            stop = end;
        if (stop > bytes && play.router.state != ROUTER_CLOSED)
            act(*bytes, bytes + 1, (size_t)(stop - bytes) - 1);
        bytes = stop + 1;
    }
}

static void end(void)
{
    router_stop(&play.router);
    router_stop(&play.router);
    stage_close();
    MUST(play.closed);
    router_deinit(&play.router);
    stage_clear();
    redisReaderFree(play.reader);
    reply_arena_free(play.arena);
    setup_put_away(&play.setup);
    setup_put_away(&play.fresh);
    memset(&play, 0, sizeof play);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    play.arena = reply_arena_new(RESP2_ELEMENTS_MAX);
    play.reader = redisReaderCreate();
    reply_arena_serve(play.arena, play.reader);
    hold_another("", 0);
    size_t at = setup_begin(&play.setup, (const char *)bytes, length);
    report_init(&play.report, &play.setup.settings);
    router_start(&play.router, &play.loop, &play.setup.settings,
                 (struct router_observer){on_told, NULL});
    perform((const char *)bytes + at, length - at);
    end();
    return 0;
}
