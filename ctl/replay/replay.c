/* SPDX-License-Identifier: MIT */
#include "ctl/replay/replay.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/wall.h"
#include "common/options/program.h"
#include "ctl/frame/document.h"
#include "ctl/frame/executor_configuration.h"
#include "ctl/frame/page.h"
#include "ctl/frame/saved_file.h"
#include "ctl/frame/span.h"
#include "ctl/frame/terminal.h"
#include "ctl/look/stream_look.h"
#include "ctl/past/past_options.h"
#include "ctl/past/record_archive.h"
#include "ctl/past/replay_run.h"
#include "ctl/what_if/what_if.h"
#include "executor/settings/executor_settings.h"

struct replay_values {
    char *since;
    char *from;
    bool any_core;
    bool json;
    char *html;
    double cost_bps;
    char *executor_config;
    struct what_if_values what_if;
};

#define AT(member) offsetof(struct replay_values, member)

static const struct option_row rows[] = {
    {.key = "since",
     TAKES_TEXT(AT(since), 20, ""),
     .help = "only the records of so long: 90s, 15m, 24h or 7d; empty: all"},
    {.key = "from",
     TAKES_TEXT(AT(from), STREAM_ID_TEXT_MAX, ""),
     .help = "only this record and those behind it, by its id"},
    ARCHIVE_ROW(AT(what_if.archive)),
    {.key = "any-core",
     TAKES_SWITCH(AT(any_core)),
     .help = "also those that another decision core wrote"},
    DOCUMENT_ROW(AT(json)),
    {.key = "set",
     TAKES_NAMES(AT(what_if.set), ""),
     .takes = "OPTION=VALUE",
     .help = "what if this option of the router had been that; several together are one policy"},
    {.key = "with",
     TAKES_TEXT(AT(what_if.with), 0, ""),
     .takes = "FILE",
     .help = "what if this configuration of a router had decided"},
    {.key = "sweep",
     TAKES_TEXT(AT(what_if.sweep), 0, ""),
     .takes = "OPTION=A..B:STEP",
     .help = "what if it had been each of these numbers, 64 at most; of whole ones without :STEP, "
             "too"},
    {.key = "html",
     TAKES_TEXT(AT(html), 0, ""),
     .help = "with one of these: writes a page into this file, with pictures and their tables"},
    COST_ROW(AT(cost_bps)),
    EXECUTOR_FILE_ROW(AT(executor_config)),
};

static bool read_from(const char *text, struct stream_id *ret_id)
{
    return stream_id_read(text, strlen(text), ret_id);
}

static const char *executor_file(const void *values)
{
    return ((const struct replay_values *)values)->executor_config;
}

static void check(const struct options *options, const struct names *words,
                  struct complaints *complaints)
{
    const struct replay_values *values = options->values;
    struct stream_id id;

    (void)words;
    if (*values->since)
        span_check("since", values->since, complaints);
    if (*values->from && !read_from(values->from, &id))
        complain(complaints, "--from=%s is no id of a record (MS-SEQUENCE)",
                 escaped(values->from).text);
    if (*values->since && *values->from)
        complain(complaints, "--since and --from both say where to begin; choose one");
    variants_check(&values->what_if, complaints);
    if (*values->html && !variants_are_asked(&values->what_if))
        complain(complaints, "--html is a page of what if; it needs --set, --with or --sweep");
}

/* --- for people */

static void print_id(const char *before, struct stream_id id, const char *behind)
{
    char text[STREAM_ID_TEXT_MAX];

    stream_id_print(id, text);
    (void)printf("%s%s%s", before, text, behind);
}

static void print_first(const struct replay_first *first, const char *what)
{
    if (!first->is_there)
        return;
    print_id(what, first->record, "");
    if (first->cycle_id[0])
        (void)printf(", cycle %s", escaped(first->cycle_id).text);
    (void)printf(": %s\n", first->why);
}

static void print_chain(const struct record_chain *chain)
{
    if (chain->is_broken) {
        print_id("chain: broken at ", chain->broken_at, "");
        (void)puts(", which names another one as the one before it");
    } else if (chain->gaps > 0) {
        (void)printf("chain: %" PRIu64 " gaps", chain->gaps);
        print_id(", the first before ", chain->first_gap, "\n");
    } else {
        (void)puts("chain: whole");
    }
    if (chain->trimmed > 0)
        (void)puts("the stream was trimmed while it was read; what went is not counted");
}

static void print_intents(const struct replay_run *run)
{
    if (run->intents_compared + run->intents_gone == 0)
        return;
    (void)printf("also compared with %s",
                 counted((long long)run->intents_compared, "intent", "intents").text);
    if (run->intents_gone > 0)
        (void)printf("; %" PRIu64 " %s no longer in the stream", run->intents_gone,
                     run->intents_gone == 1 ? "is" : "are");
    (void)puts("");
}

static void print_text(const struct replay_run *run)
{
    (void)printf("%" PRIu64 " records: %" PRIu64 " identical, %" PRIu64 " cut short, %" PRIu64
                 " not comparable, %" PRIu64 " differ\n",
                 run->records, run->of[AGAIN_IDENTICAL], run->of[AGAIN_CUT_SHORT],
                 run->of[AGAIN_NOT_COMPARABLE], run->of[AGAIN_DIFFERS]);
    print_chain(&run->chain);
    print_intents(run);
    print_first(&run->first[AGAIN_DIFFERS], "first that differs: ");
    print_first(&run->first[AGAIN_NOT_COMPARABLE], "first not comparable: ");
    if (run->is_interrupted)
        (void)puts("interrupted; what is told is what it had seen");
}

/* --- for programs */

static json_t *known_id(struct stream_id id, bool is_known)
{
    return is_known ? document_id(id) : json_null();
}

static json_t *first_json(const struct replay_first *first, const char *what)
{
    if (!first->is_there)
        return json_null();
    return json_pack("{s:o, s:s, s:s}", "record", document_id(first->record), "cycle_id",
                     escaped(first->cycle_id).text, what, first->why);
}

static json_t *count_json(uint64_t count)
{
    return json_integer((json_int_t)count);
}

static json_t *json_of(const struct replay_run *run)
{
    const struct record_chain *chain = &run->chain;
    json_t *document = document_new();

    document_put(document, "records", count_json(run->records));
    document_put(document, "identical", count_json(run->of[AGAIN_IDENTICAL]));
    document_put(document, "cut_short", count_json(run->of[AGAIN_CUT_SHORT]));
    document_put(document, "not_comparable", count_json(run->of[AGAIN_NOT_COMPARABLE]));
    document_put(document, "differ", count_json(run->of[AGAIN_DIFFERS]));
    document_put(document, "chain", json_string(record_chain_name(chain)));
    document_put(document, "gaps", count_json(chain->gaps));
    document_put(document, "first_gap", known_id(chain->first_gap, chain->gaps > 0));
    document_put(document, "broken_at", known_id(chain->broken_at, chain->is_broken));
    document_put(document, "trimmed", json_boolean(chain->trimmed > 0));
    document_put(document, "intents_compared", count_json(run->intents_compared));
    document_put(document, "intents_gone", count_json(run->intents_gone));
    document_put(document, "first_difference",
                 first_json(&run->first[AGAIN_DIFFERS], "difference"));
    document_put(document, "first_not_comparable",
                 first_json(&run->first[AGAIN_NOT_COMPARABLE], "why"));
    document_put(document, "interrupted", json_boolean(run->is_interrupted));
    return document;
}

static int tell(const struct replay_run *run, bool json)
{
    bool has_failed = run->of[AGAIN_DIFFERS] > 0 || run->chain.is_broken || run->is_interrupted;

    if (!json)
        print_text(run);
    int status =
        json ? document_print(&replay_command, json_of(run)) : command_done(&replay_command);
    return status == EXIT_DONE && has_failed ? EXIT_FAILED : status;
}

/* --- the command */

/* Where the records begin that were asked for. */
static void begin_range(const struct replay_values *values, int64_t now_ms,
                        struct record_range *range)
{
    int64_t span_ms = 0;

    if (*values->from)
        (void)read_from(values->from, &range->from);
    if (*values->since && span_read(values->since, &span_ms))
        range->from = (struct stream_id){now_ms > span_ms ? (uint64_t)(now_ms - span_ms) : 0, 0};
}

struct whole_page {
    const struct what_if *what_if;
    const struct replay_run *run;
};

static bool write_page(FILE *out, const void *what)
{
    const struct whole_page *page = what;
    char *name = what_if_name(page->what_if);
    char *title = memory_format("What if %s?", escaped(name).text);

    page_begin(out, title);
    what_if_put_page(out, page->what_if, page->run);
    page_end(out);
    free(title);
    free(name);
    return true;
}

static int tell_what_if(const struct replay_values *values, const struct what_if *what_if,
                        const struct replay_run *run)
{
    const struct whole_page page = {what_if, run};
    int status = *values->html ? saved_file_write(&replay_command, values->html, write_page, &page)
                               : EXIT_DONE;

    if (status != EXIT_DONE || (*values->html && !values->json))
        return status;
    if (!values->json) {
        what_if_put_text(what_if, run);
        return command_done(&replay_command);
    }
    json_t *document = document_new();
    what_if_put_json(document, what_if, run);
    return document_print(&replay_command, document);
}

static int run_what_if(const struct invocation *invocation, const struct ask *ask,
                       struct replay_run *run, struct what_if *what_if)
{
    const struct replay_values *values = invocation->values;
    const struct what_if_source source = {
        .folder = *values->what_if.archive ? values->what_if.archive : NULL,
        .ask = ask,
        .results = invocation->executor->keys.results,
        .from = run->range.from,
    };
    int result = what_if_read(what_if, run, &source);

    if (result > 0) {
        (void)command_fail(&replay_command, "%s", what_if->why);
        return EXIT_USAGE;
    }
    int status = result < 0 ? EXIT_FAILED : tell_what_if(values, what_if, run);
    return status == EXIT_DONE && run->is_interrupted ? EXIT_FAILED : status;
}

static int ask_what_if(const struct invocation *invocation, const struct ask *ask,
                       struct replay_run *run)
{
    const struct replay_values *values = invocation->values;
    double cost_bps = cost_bps_of(values->cost_bps, invocation->executor);
    struct what_if *what_if = what_if_new(&replay_command, &values->what_if, cost_bps);
    int status = what_if ? run_what_if(invocation, ask, run, what_if) : EXIT_FAILED;

    what_if_free(what_if);
    return status;
}

/* Without a source there is no record. */
static int run_and_tell(const struct invocation *invocation, const struct ask *ask,
                        struct replay_run *run)
{
    const struct replay_values *values = invocation->values;
    int status = EXIT_FAILED;

    if (variants_are_asked(&values->what_if))
        status = ask_what_if(invocation, ask, run);
    else if (!run->source || replay_run(run) == 0)
        status = tell(run, values->json);
    if (run->source)
        run->source->close(run->source);
    replay_run_release(run);
    return status;
}

static struct replay_run run_of(const struct replay_values *values)
{
    return (struct replay_run){.any_core = values->any_core,
                               .shows_progress = isatty(STDERR_FILENO) == 1};
}

/* Of files there is no telling how many records they have. */
static int replay_archive(const struct invocation *invocation)
{
    const struct replay_values *values = invocation->values;
    struct replay_run run = run_of(values);

    run.range = record_range_all();
    begin_range(values, wall_ms(), &run.range);
    run.source = record_archive_open(&replay_command, values->what_if.archive, &run.range);
    return run.source ? run_and_tell(invocation, NULL, &run) : EXIT_FAILED;
}

/* What is written while it runs is left for the next time. 1: there is no such stream. */
static int look(const struct ask *ask, const char *stream, const struct replay_values *values,
                struct record_range *ret_range)
{
    struct stream_look found;
    int64_t now_ms;
    char *why = NULL;

    int result = stream_look_read(ask, stream, false, &found, &why);
    if (result == 2)
        (void)command_fail(&replay_command, "%s: %s", escaped(stream).text, why);
    free(why);
    if (result != 0)
        return result == 1 ? 1 : -1;
    *ret_range = (struct record_range){found.first, found.last};
    stream_look_release(&found);
    if (ask_time(ask, &now_ms) < 0)
        return -1;
    begin_range(values, now_ms, ret_range);
    return 0;
}

/* What another policy would have published nobody has the intents of. */
static int replay_stream(const struct ask *ask, struct client *pages,
                         const struct invocation *invocation)
{
    const struct keys *keys = &invocation->settings->keys;
    const struct record_keys record_keys = {keys->decisions, keys->settings};
    struct intent_walk intents = {.ask = *ask, .stream = keys->intents};
    const struct replay_values *values = invocation->values;
    struct replay_run run = run_of(values);

    int looked = look(ask, keys->decisions, values, &run.range);
    if (looked < 0)
        return EXIT_FAILED;
    if (looked == 0) {
        run.source = record_stream_open(ask, pages, &record_keys, &run.range);
        if (!run.source)
            return EXIT_FAILED;
    }
    run.intents = variants_are_asked(&values->what_if) ? NULL : &intents;
    int status = run_and_tell(invocation, ask, &run);
    intent_walk_release(&intents);
    return status;
}

static int replay_redis(const struct invocation *invocation)
{
    struct client *client = command_connect(&replay_command, invocation->settings);
    struct client *pages = client ? command_connect(&replay_command, invocation->settings) : NULL;
    const struct ask ask = {&replay_command, client};
    int status = pages ? replay_stream(&ask, pages, invocation) : EXIT_FAILED;

    client_free(pages);
    client_free(client);
    return status;
}

static int run(const struct invocation *invocation)
{
    const struct replay_values *values = invocation->values;

    return *values->what_if.archive ? replay_archive(invocation) : replay_redis(invocation);
}

const struct ctl_command replay_command = {
    .name = "replay",
    .words = "",
    .purpose = "Decides every recorded decision again, and says whether the same comes of it.",
    .details =
        "Each record holds what the router looked at; the same rules must come to the same\n"
        "fates, ranks, sizes and factors. cut short: not all rows fitted into it, and those that\n"
        "did agree. not comparable: another decision core wrote it, or its settings are missing.\n"
        "The chain says whether a record was changed, taken out or put in: each names the one\n"
        "before it. A gap is a commit without a record. It ends with status 1 when one differs or\n"
        "the chain is broken.\n\n"
        "With --set, --with or --sweep it says what another policy would have published in the\n"
        "same windows, beside what was, and what came of it: real by results, estimated by the\n"
        "prices of an archive, or unknown. It follows no change of later open orders. A lower\n"
        "gate, more symbols or another window need an archive with raw signals, and are told as\n"
        "approximate. What nobody knows is refused with status 2.\n\n"
        "Examples:\n"
        "  quantumctl replay\n"
        "  quantumctl replay --since=1h --any-core\n"
        "  quantumctl replay --archive=/var/lib/quantum/archive --since=7d\n"
        "  quantumctl replay --json | jq .differ\n"
        "  quantumctl replay --set=capacity.target_open=5 --since=30d \\\n"
        "    --archive=/var/lib/quantum/archive\n"
        "  quantumctl replay --sweep=capacity.target_open=1..8 --json\n"
        "  quantumctl replay --sweep=capacity.super_confidence=0.85..0.95:0.05 --since=7d\n"
        "  quantumctl replay --with=other.conf --html=what-if.html\n",
    COMMAND_OPTIONS(rows, struct replay_values),
    .check = check,
    .executor_file = executor_file,
    .run = run,
};
