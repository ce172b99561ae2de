/* SPDX-License-Identifier: MIT */
/* quantumctl drain: what it takes, and what that means for a run. */
#include "ctl/drain/drain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/escape.h"
#include "common/base/file.h"
#include "common/base/memory.h"
#include "common/base/token.h"
#include "common/options/program.h"
#include "common/redis/key_names.h"
#include "common/redis/reply.h"
#include "ctl/drain/decide/drain_filter.h"
#include "ctl/drain/drain_dead_letters.h"
#include "ctl/drain/drain_group.h"
#include "ctl/frame/command.h"

#define AUDIT_ENDING "stream:trade.intent.drain_audit"
#define GROUP_ENDING "group:drain:"

enum { RUN_ID_MAX = 64, THROTTLE_USUAL_MAX = 10 };

#define AT(member) offsetof(struct drain_values, member)

static const struct option_row rows[] = {
    {.key = "mode",
     TAKES_CHOICE(AT(mode), live_mode_names, "dry-run"),
     .help = "a dry run writes nothing at all"},
    {.key = "throttle",
     TAKES_REAL(AT(throttle), 1, 1e6, "2"),
     .help = "survivors a second in a live run; over 10 only with --over-limit"},
    {.key = "over-limit", TAKES_SWITCH(AT(over_limit)), .help = "allow a throttle over 10"},
    {.key = "throttle-all", TAKES_SWITCH(AT(throttle_all)), .help = "pace what is dropped too"},
    {.key = "max-age-hours",
     TAKES_REAL(AT(age_hours), 0.001, 1e6, "24"),
     .help = "older entries are dropped"},
    {.key = "max-age-min",
     TAKES_REAL(AT(age_min), 0, 6e7, "0"),
     .help = "the same in minutes, and more than 0"},
    {.key = "min-confidence",
     TAKES_REAL(AT(min_confidence), 0, 1, "0.6"),
     .help = "entries of less confidence are dropped"},
    {.key = "min-conf", TAKES_REAL(AT(min_confidence), 0, 1, "0.6"), .help = "the same"},
    {.key = "symbols",
     TAKES_NAMES(AT(symbols), ""),
     .help = "other symbols are dropped; @FILE: those in a file, @redis:KEY: those of a set; "
             "empty: none is dropped"},
    {.key = "allowlist", TAKES_NAMES(AT(symbols), ""), .help = "the same"},
    {.key = "max-events",
     TAKES_INT(AT(max_events), 0, 1e12, "0"),
     .help = "end after so many entries; 0: no limit"},
    {.key = "stream",
     TAKES_TEXT(AT(stream), KEY_MAX, ""),
     .takes = "STREAM",
     .help = "empty: the intent stream"},
    {.key = "consumer-group",
     TAKES_TEXT(AT(group), KEY_MAX, ""),
     .takes = "GROUP",
     .help = "empty: the executor's group"},
    {.key = "consumer-name",
     TAKES_TEXT(AT(consumer), KEY_MAX, "backlog_drain_1"),
     .help = "the drain's name in the group; the same name resumes"},
    {.key = "audit-stream",
     TAKES_TEXT(AT(audit), KEY_MAX, ""),
     .takes = "STREAM",
     .help = "empty: <prefix>" AUDIT_ENDING},
    {.key = "forward",
     TAKES_TEXT(AT(forward), KEY_MAX, ""),
     .takes = "STREAM",
     .help = "survivors are republished to this stream; empty: audited and ACKed only"},
    {.key = "from-start",
     TAKES_SWITCH(AT(from_start)),
     .help = "the stream's whole history, in a group of its own: <prefix>" GROUP_ENDING "<run id>; "
             "no dead letters"},
    {.key = "run-id",
     TAKES_TEXT(AT(run_id), RUN_ID_MAX, ""),
     .help = "go on with this run; empty: a new one"},
    {.key = "executor-config",
     TAKES_TEXT(AT(executor_config), 0, ""),
     .takes = "FILE",
     .help = "the executor's file, which names its intents and the dead letters; empty: "
             "/etc/quantum/executor.conf where it exists"},
    {.key = "despite-live-consumer",
     TAKES_SWITCH(AT(despite_live)),
     .help = "do not refuse while another consumer of the group is live"},
    {.key = "live-sec",
     TAKES_INT(AT(live_sec), 1, 86400, "30"),
     .help = "a consumer silent for so many seconds is dead, and its pending entries are claimed"},
    {.key = "histogram",
     TAKES_SWITCH(AT(histogram)),
     .help = "draw the backlog by age and confidence (dry run)"},
    {.key = "summary",
     TAKES_SWITCH(AT(summary)),
     .help = "count the audit stream by run and action, and end"},
    {.key = "json", TAKES_SWITCH(AT(json)), .help = "the report for programs"},
    {.key = "verbose",
     TAKES_SWITCH(AT(verbose)),
     .help = "a line for each entry instead of a sample; -v"},
};

/* --- what goes together */

static void check_twins(const struct options *options, struct complaints *complaints)
{
    static const char *const twins[][2] = {
        {"max-age-min", "max-age-hours"}, {"min-conf", "min-confidence"}, {"allowlist", "symbols"}};

    for (size_t i = 0; i < sizeof twins / sizeof *twins; i++)
        if (options_is_set(options, twins[i][0]) && options_is_set(options, twins[i][1]))
            options_complain(options, twins[i][0], complaints, "says the same as --%s; give one",
                             twins[i][1]);
}

static void check_run_id(const struct options *options, struct complaints *complaints)
{
    const struct drain_values *values = options->values;
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

    if (values->run_id[strspn(values->run_id, allowed)] != '\0')
        options_complain(options, "run-id", complaints,
                         "has other characters than letters, digits, '.', '_' and '-'");
}

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

/* A summary reads the audit stream and nothing else. */
static void check_summary(const struct options *options, struct complaints *complaints)
{
    static const char *const its_own[] = {"summary", "audit-stream", "json", NULL};
    const struct option_origin *origin;
    const struct option_row *row;

    for (size_t i = 0; (row = options_row(options, i, &origin)) != NULL; i++)
        if (options_is_set(options, row->key) && !is_one_of(row->key, its_own))
            options_complain(options, row->key, complaints, "does not go with --summary");
}

static void check(const struct options *options, const struct names *words,
                  struct complaints *complaints)
{
    const struct drain_values *values = options->values;

    (void)words;
    if (values->throttle > THROTTLE_USUAL_MAX && !values->over_limit)
        options_complain(options, "throttle", complaints,
                         "is over 10 events/s; add --over-limit if that is meant");
    if (values->histogram && (values->mode == MODE_LIVE || values->json))
        options_complain(options, "histogram", complaints, "is for a dry run without --json");
    if (values->from_start && *values->group)
        options_complain(options, "consumer-group", complaints,
                         "does not go with --from-start, which has a group of its own");
    if (!*values->consumer)
        options_complain(options, "consumer-name", complaints, "must not be empty");
    if (values->age_min == 0 && options_is_set(options, "max-age-min"))
        options_complain(options, "max-age-min", complaints,
                         "must be more than 0: the age is "
                         "always looked at");
    if (values->symbols.count == 0 &&
        (options_is_set(options, "symbols") || options_is_set(options, "allowlist")))
        complain(complaints, "--symbols is empty; leave it out to let every symbol pass");
    check_twins(options, complaints);
    check_run_id(options, complaints);
    if (values->summary)
        check_summary(options, complaints);
}

/* --- what --symbols stands for: a symbol, @FILE, or @redis:KEY */

#define SET_MARK "@redis:"

static int take_members(const struct ctl_command *command, const redisReply *members,
                        const char *key, struct drain_symbols *symbols)
{
    struct reply_text name;

    for (size_t i = 0; i < members->elements; i++)
        if (!reply_read_text(members->element[i], &name) ||
            !drain_symbols_add(symbols, name.bytes, name.length))
            return command_fail(command, "the set %s has a member that is no symbol", key);
    if (members->elements == 0)
        return command_fail(command,
                            "the set %s is empty or not there; every entry would be dropped", key);
    return EXIT_DONE;
}

static int take_set(const struct invocation *invocation, const char *key,
                    struct drain_symbols *symbols)
{
    const struct ask ask = {invocation->command,
                            command_connect(invocation->command, invocation->settings)};
    struct command question = {0};
    redisReply *members;
    int status = EXIT_FAILED;

    if (!ask.client)
        return EXIT_FAILED;
    command_add_all(&question, "SMEMBERS", key, NULL);
    if (ask_for(&ask, DRAIN_REFUSED, &question, &members) == 0) {
        status = take_members(ask.command, members, key, symbols);
        freeReplyObject(members);
    }
    client_free(ask.client);
    return status;
}

enum { FILE_BYTES_MAX = 4 * 1024 * 1024 };

static char *take_line(struct drain_symbols *symbols, const char *line, size_t length)
{
    static const char separators[] = " \t\r,";
    char *text = memory_bytes(line, length);
    char *complaint = NULL;

    text[strcspn(text, "#")] = '\0';
    for (char *word = text + strspn(text, separators); *word && !complaint;) {
        size_t bytes = strcspn(word, separators);
        if (!drain_symbols_add(symbols, word, bytes)) {
            char *wrong = memory_bytes(word, bytes);
            complaint = memory_format("'%s' is no symbol", escaped(wrong).text);
            free(wrong);
        }
        word += bytes;
        word += strspn(word, separators);
    }
    free(text);
    return complaint;
}

/* Separated by blanks, commas or newlines, '#' begins a comment. NULL, or what is wrong with it,
 * which the caller frees. */
static char *take_symbols_of(struct drain_symbols *symbols, const char *path)
{
    char *bytes, *complaint = NULL;
    size_t length, number = 1, before = symbols->count;
    int error = file_read(path, FILE_BYTES_MAX, &bytes, &length);

    if (error < 0)
        return memory_format("%s: %s", escaped(path).text, file_problem(error));
    for (size_t at = 0; at < length && !complaint; number++) {
        const char *end = memchr(bytes + at, '\n', length - at);
        size_t line = end ? (size_t)(end - bytes) - at : length - at;
        char *wrong = take_line(symbols, bytes + at, line);
        if (wrong)
            complaint = memory_format("%s:%zu: %s", escaped(path).text, number, wrong);
        free(wrong);
        at += line + 1;
    }
    free(bytes);
    if (!complaint && symbols->count == before)
        complaint = memory_format("%s has no symbols", escaped(path).text);
    return complaint;
}

static int take_file(const struct ctl_command *command, const char *path,
                     struct drain_symbols *symbols)
{
    char *complaint = take_symbols_of(symbols, path);

    if (!complaint)
        return EXIT_DONE;
    (void)command_fail(command, "--symbols cannot be used: %s", complaint);
    free(complaint);
    return EXIT_USAGE;
}

/* "@" and "@redis:" alone. */
static int refuse_nameless(const struct ctl_command *command, const char *word)
{
    (void)command_fail(command, "--symbols has '%s' without the name of a %s behind it", word,
                       word[1] ? "set" : "file");
    return EXIT_USAGE;
}

static int take_word(const struct invocation *invocation, const char *word,
                     struct drain_symbols *symbols)
{
    if (strcmp(word, "@") == 0 || strcmp(word, SET_MARK) == 0)
        return refuse_nameless(invocation->command, word);
    if (strncmp(word, SET_MARK, strlen(SET_MARK)) == 0)
        return take_set(invocation, word + strlen(SET_MARK), symbols);
    if (*word == '@')
        return take_file(invocation->command, word + 1, symbols);
    if (drain_symbols_add(symbols, word, strlen(word)))
        return EXIT_DONE;
    (void)command_fail(invocation->command, "--symbols has '%s', which is no symbol",
                       escaped(word).text);
    return EXIT_USAGE;
}

/* EXIT_DONE, or another status after saying why. */
static int take_symbols(const struct invocation *invocation, const struct names *words,
                        struct drain_symbols *symbols)
{
    int status = EXIT_DONE;

    for (size_t i = 0; i < words->count && status == EXIT_DONE; i++)
        status = take_word(invocation, words->list[i], symbols);
    drain_symbols_seal(symbols);
    return status;
}

/* --- what a run is given */

/* "20260119T120003Z-1f2e3d": the time, and what makes it unique. The caller frees it. */
static char *new_run_id(void)
{
    time_t now = time(NULL);
    char text[32], token[TOKEN_MAX];
    struct tm parts;

    (void)gmtime_r(&now, &parts);
    (void)strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &parts);
    token_draw(token);
    return memory_format("%s-%.6s", text, token);
}

/* A stream or group that nobody named may not exist yet: a dry run finds nothing then. A live run
 * never makes the executor's group: the router would count its entries as in flight from then on.
 */
static struct drain_config config_of(const struct invocation *invocation)
{
    const struct drain_values *values = invocation->values;
    double age_ms = values->age_min > 0 ? values->age_min * 60e3 : values->age_hours * 3600e3;
    bool is_live = values->mode == MODE_LIVE, is_resumed = *values->run_id != '\0';
    bool may_lack = !is_live && !*values->group && !(values->from_start && is_resumed);

    return (struct drain_config){
        .invocation = invocation,
        .values = values,
        .stream = *values->stream ? values->stream : invocation->settings->keys.intents,
        .group = *values->group ? values->group : invocation->settings->keys.executor_group,
        .forward = *values->forward ? values->forward : NULL,
        .filter = {.max_age_ms = llround(age_ms), .min_confidence = values->min_confidence},
        .events_max = values->max_events > 0 ? values->max_events : INT64_MAX,
        .live_ms = values->live_sec * 1000,
        .is_live = is_live,
        .is_resumed = is_resumed,
        .may_lack_stream = may_lack && !*values->stream,
        .may_lack_group = may_lack,
    };
}

static int check_streams(const struct drain_config *config)
{
    const char *const taken[] = {config->stream, config->audit, config->dead_letters->stream, NULL};
    const char *complaint = NULL;

    if (strcmp(config->stream, config->audit) == 0)
        complaint = "--audit-stream is the stream that is drained";
    else if (strcmp(config->stream, config->dead_letters->stream) == 0)
        complaint = "--stream is that of the dead letters; see " CTL_NAME " dlq";
    else if (strcmp(config->audit, config->dead_letters->stream) == 0)
        complaint = "--audit-stream is that of the dead letters";
    else if (config->forward && is_one_of(config->forward, taken))
        complaint = "--forward must name another stream than the one that is drained, the audit's "
                    "and the dead letters'";
    if (complaint)
        (void)command_fail(config->invocation->command, "%s", complaint);
    return complaint ? EXIT_USAGE : EXIT_DONE;
}

/* In a Cluster all of them, for one script writes to them. */
static int check_slots(const struct drain_config *config)
{
    const struct guides *guides = &config->invocation->settings->redis.address.guides;
    const struct {
        const char *flag, *stream;
    } streams[] = {{"--stream", config->stream},
                   {"--audit-stream", config->audit},
                   {"keys.letters", config->dead_letters->stream},
                   {"--forward", config->forward}};

    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
        char *complaint = streams[i].stream ? key_slot_complaint(guides, streams[i].stream) : NULL;
        if (!complaint)
            continue;
        (void)command_fail(config->invocation->command, "%s: %s", streams[i].flag, complaint);
        free(complaint);
        return EXIT_USAGE;
    }
    return EXIT_DONE;
}

static int run_with(const struct invocation *invocation, struct drain_config *config)
{
    const struct drain_values *values = invocation->values;
    struct drain_symbols symbols = {0};
    int status = check_streams(config);

    if (status == EXIT_DONE)
        status = check_slots(config);
    if (status == EXIT_DONE)
        status = take_symbols(invocation, &values->symbols, &symbols);
    if (status == EXIT_DONE) {
        config->filter.symbols = symbols.count > 0 ? &symbols : NULL;
        status = drain_run(config);
    }
    drain_symbols_free(&symbols);
    return status;
}

static int run_with_dead_letters(const struct invocation *invocation, struct drain_config *config)
{
    const struct drain_values *values = invocation->values;
    struct drain_dead_letters dead_letters;
    int status = EXIT_USAGE;

    config->dead_letters = &dead_letters;
    if (drain_dead_letters_read(&dead_letters, invocation->settings, values->executor_config,
                                config->stream, values->from_start) == 0)
        status = run_with(invocation, config);
    drain_dead_letters_release(&dead_letters);
    return status;
}

static int run(const struct invocation *invocation)
{
    const struct drain_values *values = invocation->values;
    const char *prefix = invocation->settings->keys.prefix;
    char *audit =
        *values->audit ? memory_text(values->audit) : memory_format("%s" AUDIT_ENDING, prefix);
    char *run_id = *values->run_id ? memory_text(values->run_id) : new_run_id();
    char *own_group = memory_format("%s" GROUP_ENDING "%s", prefix, run_id);
    struct drain_config config = config_of(invocation);

    config.audit = audit;
    config.run_id = run_id;
    if (values->from_start)
        config.group = own_group;
    int status = values->summary ? drain_audit_summary(invocation, audit, values->json)
                                 : run_with_dead_letters(invocation, &config);
    free(audit);
    free(run_id);
    free(own_group);
    return status;
}

const struct ctl_command drain_command = {
    .name = "drain",
    .words = "",
    .purpose = "Passes a backlog of trade intents through filters; a dry run unless told else.",
    .details =
        "An entry is dropped when it is older than --max-age-hours, then when it has no readable "
        "symbol or\nconfidence, then by symbol, then by confidence. A live run audits and ACKs "
        "each entry in one step.\nIt trades nothing: survivors are audited and ACKed, and with "
        "--forward republished.\nWhat is invalid becomes a dead letter too (" CTL_NAME
        " dlq) where the executor's own intents are\ndrained, and without --from-start.\nEntries "
        "are never deleted: the group's lag falls, the stream's "
        "length does not.\nInterrupted, or killed, it goes on where it stopped when it is run "
        "again; a run --from-start with\n--from-start --run-id=ID. Lines and progress go to "
        "stderr, the report to stdout.\n"
        "\nRecipes, each first without --mode=live:\n"
        "  drop all that is old, hand on the rest:\n"
        "    quantumctl drain --mode=live --max-age-min=10 --min-confidence=0 \\\n"
        "        --forward=STREAM\n"
        "  high confidence only:\n"
        "    quantumctl drain --mode=live --min-confidence=0.9\n"
        "  major pairs only:\n"
        "    quantumctl drain --mode=live --symbols=BTCUSDT,ETHUSDT,SOLUSDT\n"
        "\nExamples:\n"
        "  quantumctl drain\n"
        "  quantumctl drain --histogram\n"
        "  quantumctl drain --from-start --max-age-hours=120 --json\n"
        "  quantumctl drain --summary\n",
    COMMAND_OPTIONS(rows, struct drain_values),
    .check = check,
    .run = run,
};
