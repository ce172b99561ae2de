/* SPDX-License-Identifier: MIT */
/*
 * quantumctl archive: the streams are followed, and the last prices looked at, into blocks; a block
 * says where each stream stood behind it, so that what goes on after it begins there: an entry is
 * either in the archive or read again, whenever this ends.
 *
 * While the disk takes nothing, nothing is read either: it stays in Redis, as long as that keeps
 * it.
 */
#include "ctl/archive/archive.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/monotonic.h"
#include "common/options/program.h"
#include "common/redis/reply.h"
#include "ctl/archive/archive_source.h"
#include "ctl/archive/archive_writer.h"
#include "ctl/archive/kept_settings.h"
#include "ctl/archive/last_prices.h"
#include "ctl/archive/recent_symbols.h"
#include "ctl/frame/executor_configuration.h"
#include "ctl/frame/span.h"
#include "ctl/frame/stay.h"
#include "ctl/past/archive_reader.h"
#include "executor/settings/executor_settings.h"

/* Nobody needs it sooner, and so often Redis is asked where nothing happens. */
enum { LOOK_MS = 250 };

/* Pages of a stream, before the others have their turn. */
enum { PAGES_MAX = 8 };

/* Of before the start: what their symbols cost is looked at from its first moment on. */
enum { RECENT_RECORDS = 50 };

/* A disk that took nothing is asked again. */
enum { RETRY_MS = 1000 };

#define MIB_PER_GIB 1024.0

struct archive_values {
    char *executor_config;
    double every_sec;
    double gib_max;
};

#define AT(member) offsetof(struct archive_values, member)

static const struct option_row rows[] = {
    {.key = "max-gib",
     TAKES_REAL(AT(gib_max), 0, 1000000, "0"),
     .help = "the oldest days are removed when the files are larger together; 0: never"},
    {.key = "every",
     TAKES_REAL(AT(every_sec), 0.1, 3600, "10"),
     .help = "seconds between two looks at the prices; so long a block waits for more at most"},
    EXECUTOR_FILE_ROW(AT(executor_config)),
};

enum { DECISIONS, SIGNALS, RESULTS, SOURCES };

struct archive {
    const struct archive_values *values;
    const struct router_settings *settings;
    const struct executor_settings *executor;
    struct stay stay;
    struct archive_writer writer;
    struct archive_source sources[SOURCES];
    char *refusals[SOURCES]; /* why one cannot be read, as it was told; NULL: it can */
    struct recent_symbols symbols;
    bool knows_recent;

    struct kept_settings kept;
    int64_t now_ms; /* Redis' clock */
    uint64_t prices_due_ms;
};

static int fail_open(const struct archive *archive, int error)
{
    const struct escaped path = escaped(archive->writer.store.path);

    if (error == -EWOULDBLOCK)
        return command_fail(&archive_command, "%s: another one writes an archive there", path.text);
    if (error == -ENOENT) /* it makes the last folder of the path, not those above */
        return command_fail(&archive_command,
                            "%s: the folder to make it in is not there; make that first",
                            path.text);
    return command_fail(&archive_command, "%s: %s", path.text, archive_problem(error));
}

/* --- the block */

static struct stream_id moment(const struct archive *archive)
{
    return (struct stream_id){.ms = (uint64_t)archive->now_ms};
}

static void add(struct archive *archive, enum archive_kind kind, struct stream_id id, size_t fields)
{
    archive_writer_add(&archive->writer, archive->now_ms, kind, id, fields);
}

static void add_pair(struct archive *archive, const char *name, const char *value)
{
    archive_writer_pair(&archive->writer, name, value);
}

static void add_position(struct archive *archive)
{
    add(archive, ARCHIVE_POSITION, moment(archive), SOURCES);
    for (size_t i = 0; i < SOURCES; i++) {
        const struct archive_source *source = &archive->sources[i];
        char id[STREAM_ID_TEXT_MAX];
        stream_id_print(source->at.last, id);
        char *value = memory_format("%s %" PRId64, id, source->at.added);
        add_pair(archive, source->stream, value);
        free(value);
    }
}

static void tell_removed(const char *name)
{
    stay_say("%s: removed, for --max-gib", name);
}

static int trim(struct archive *archive)
{
    double bytes = archive->values->gib_max * MIB_PER_GIB * MIB_PER_GIB * MIB_PER_GIB;

    return bytes > 0 ? archive_store_trim(&archive->writer.store, llround(bytes), tell_removed) : 0;
}

static void tell_full(struct archive *archive, int error)
{
    if (stay_note_trouble(&archive->stay, strerror(-error)))
        (void)command_fail(&archive_command, "%s: %s; nothing is read until it can be written",
                           escaped(archive->writer.store.path).text, strerror(-error));
    notify_status(&archive->stay.notify, "%s", strerror(-error));
}

/* Whether nothing is left to be written. */
static bool flush(struct archive *archive)
{
    if (archive_writer_has_block(&archive->writer)) {
        add_position(archive);
        archive_writer_close_block(&archive->writer);
    }
    int result = archive_writer_write(&archive->writer);
    int trimmed = trim(archive); /* of a full disk, too: that is how it may get room */
    if (result == 0)
        result = trimmed;
    if (result < 0)
        tell_full(archive, result);
    return !archive->writer.sealed;
}

/* --- settings */

/* Before the first decision of the file that names it. */
static int add_settings(struct archive *archive, const char *digest)
{
    redisReply *reply;
    struct reply_text text;

    if (kept_settings_ask(archive->stay.client, archive->settings->keys.settings, digest, &reply) <
        0)
        return -1;
    if (reply_read_text(reply_element(reply, 0), &text)) {
        add(archive, ARCHIVE_SETTINGS, moment(archive), 1);
        archive_writer_text(&archive->writer, digest);
        archive_block_text(&archive->writer.block, text.bytes, text.length);
    } else {
        stay_say("the settings %.16s… are not in %s: decisions that name them are archived without",
                 digest, escaped(archive->settings->keys.settings).text);
    }
    freeReplyObject(reply);
    return 0;
}

/* --- what the streams have */

static void note_symbols(struct archive *archive, struct stream_id id, const redisReply *fields)
{
    struct reply_text text;

    if (reply_read_text(reply_named(fields, "rows"), &text))
        recent_symbols_note(&archive->symbols, text.bytes, text.length, stream_id_time_ms(id));
}

static int note_decision(struct archive *archive, struct stream_id id, const redisReply *fields)
{
    char digest[SHA256_TEXT_MAX];

    note_symbols(archive, id, fields);
    if (!reply_copy_text(reply_named(fields, "settings"), digest, sizeof digest) ||
        !kept_settings_lacks(&archive->kept, archive->now_ms, digest))
        return 0;
    if (add_settings(archive, digest) < 0)
        return -1;
    kept_settings_note(&archive->kept, digest);
    return 0;
}

static void miss(void *owner, const struct archive_source *source, const struct archive_gap *gap)
{
    struct archive *archive = owner;
    char after[STREAM_ID_TEXT_MAX], before[STREAM_ID_TEXT_MAX];
    char *lost = gap->lost < 0 ? memory_text("") : memory_format("%" PRId64, gap->lost);

    stream_id_print(gap->after, after);
    stream_id_print(gap->before, before);
    add(archive, ARCHIVE_GAP, moment(archive), 6);
    add_pair(archive, "kind", archive_kind_name(source->kind));
    add_pair(archive, "stream", source->stream);
    add_pair(archive, "after", after);
    add_pair(archive, "before", before);
    add_pair(archive, "lost", lost);
    add_pair(archive, "why", gap->why);
    stay_say("gap: %s: %s behind %s: %s", escaped(source->stream).text,
             gap->lost < 0 ? "what was" : counted(gap->lost, "entry", "entries").text, after,
             gap->why);
    free(lost);
}

static size_t bytes_of(const redisReply *fields)
{
    size_t bytes = 0;

    for (size_t i = 0; i < fields->elements; i++)
        bytes += fields->element[i]->len;
    return bytes;
}

static void add_fields(struct archive *archive, const redisReply *fields)
{
    for (size_t i = 0; i < fields->elements; i++)
        archive_block_text(&archive->writer.block, fields->element[i]->str,
                           fields->element[i]->len);
}

static bool take(void *owner, const struct archive_source *source, struct stream_id id,
                 const redisReply *fields)
{
    struct archive *archive = owner;
    const struct archive_gap gap = {source->at.last, id, 1, "too large"};

    if (archive->writer.sealed || (archive_writer_is_full(&archive->writer) && !flush(archive)))
        return false;
    if (bytes_of(fields) > ARCHIVE_ENTRY_BYTES_MAX) {
        miss(archive, source, &gap);
        return true;
    }
    if (source->kind == ARCHIVE_DECISION && note_decision(archive, id, fields) < 0)
        return false;
    add(archive, source->kind, id, fields->elements / 2);
    add_fields(archive, fields);
    return true;
}

/* Takes over why; NULL: it can be read. Told when it changes. */
static void note_refusal(struct archive *archive, size_t source, char *why)
{
    char **told = &archive->refusals[source];
    const char *stream = archive->sources[source].stream;

    if (why && (!*told || strcmp(*told, why) != 0))
        (void)command_fail(&archive_command, "%s: %s; tried again until it can be read",
                           escaped(stream).text, escaped(why).text);
    else if (!why && *told)
        stay_say("%s can be read again", escaped(stream).text);
    free(*told);
    *told = why;
}

/* 0: there is more; 1: all was read, or nothing can be; negative: the connection broke. */
static int follow(struct archive *archive, size_t source)
{
    const struct archive_sink sink = {take, miss, archive};
    int result = 0;
    char *why = NULL;

    for (int page = 0; result == 0 && page < PAGES_MAX && !archive->writer.sealed; page++)
        result = archive_source_read(&archive->sources[source], archive->stay.client, &sink, &why);
    if (result >= 0)
        note_refusal(archive, source, why);
    return result > 0 || archive->writer.sealed ? 1 : result;
}

static int follow_all(struct archive *archive)
{
    int result = 1;

    for (size_t i = 0; i < SOURCES && result >= 0; i++) {
        int more = follow(archive, i);
        result = more < result ? more : result;
    }
    return result;
}

/* --- prices */

static void add_prices(struct archive *archive, const struct last_prices *prices)
{
    if (prices->count == 0)
        return;
    add(archive, ARCHIVE_PRICES, moment(archive), prices->count);
    for (size_t i = 0; i < prices->count; i++)
        add_pair(archive, prices->list[i].symbol, prices->list[i].value);
}

static int look_at_prices(struct archive *archive)
{
    struct last_prices prices;

    recent_symbols_age(&archive->symbols, archive->now_ms);
    if (last_prices_read(archive->stay.client, archive->executor->keys.price, &archive->symbols,
                         &prices) < 0)
        return -1;
    add_prices(archive, &prices);
    last_prices_release(&prices);
    return 0;
}

/* --- the way on */

/* What stood in the last records before this began, prices are wanted of, too. */
static int seed_symbols(struct archive *archive)
{
    struct command question = {0};
    redisReply *reply;

    command_add_all(&question, "XREVRANGE", archive->settings->keys.decisions, "+", "-", "COUNT",
                    NULL);
    command_add_int(&question, RECENT_RECORDS);
    if (client_ask(archive->stay.client, &question, &reply) < 0)
        return -1;
    for (size_t i = 0; reply_is_array(reply, i + 1); i++) {
        const redisReply *entry = reply_element(reply, i);
        struct stream_id id;
        if (reply_read_stream_id(reply_element(entry, 0), &id))
            note_symbols(archive, id, reply_element(entry, 1));
    }
    archive->knows_recent = true;
    freeReplyObject(reply);
    return 0;
}

static int ask_time(struct archive *archive)
{
    struct command question = {0};
    redisReply *reply;
    int64_t sec, usec;

    command_add(&question, "TIME");
    if (client_ask(archive->stay.client, &question, &reply) < 0)
        return -1;
    if (reply_read_integer(reply_element(reply, 0), &sec) &&
        reply_read_integer(reply_element(reply, 1), &usec))
        archive->now_ms = sec * 1000 + usec / 1000;
    freeReplyObject(reply);
    return 0;
}

static int64_t every_ms(const struct archive *archive)
{
    return llround(archive->values->every_sec * 1000);
}

static void write_what_is_due(struct archive *archive)
{
    bool has_waited = archive->writer.sealed;

    if (!has_waited && !archive_writer_is_due(&archive->writer, archive->now_ms, every_ms(archive)))
        return;
    if (!flush(archive))
        return;
    if (has_waited)
        stay_say("%s: can be written again", escaped(archive->writer.store.path).text);
    stay_forget_trouble(&archive->stay);
    notify_status(&archive->stay.notify, "%s" ARCHIVE_NAME_ENDING ": %" PRId64 " bytes",
                  archive->writer.store.day, archive->writer.store.length);
}

static int look(struct archive *archive)
{
    int result = archive->knows_recent ? 0 : seed_symbols(archive);

    if (result == 0)
        result = ask_time(archive);
    if (result == 0)
        write_what_is_due(archive);
    if (result == 0 && archive->writer.sealed)
        return 1;
    if (result == 0 && monotonic_ms() >= archive->prices_due_ms) {
        archive->prices_due_ms = monotonic_ms() + (uint64_t)every_ms(archive);
        result = look_at_prices(archive);
    }
    return result == 0 ? follow_all(archive) : result;
}

static void go_on(struct archive *archive)
{
    bool is_new = !archive->stay.client;
    int result = is_new ? stay_connect(&archive->stay) : 0;

    if (result == 0 && is_new)
        stay_welcome(&archive->stay);
    if (result == 0)
        result = look(archive);
    if (result < 0) {
        stay_part(&archive->stay);
        return;
    }
    stay_ready(&archive->stay);
    if (result > 0)
        stay_nap(&archive->stay, archive->writer.sealed ? RETRY_MS : LOOK_MS);
    else
        notify_watchdog(&archive->stay.notify);
}

/* --- the start */

static bool read_position(const struct entry_field *field, struct archive_position *ret_position)
{
    const char *blank = field ? memchr(field->value, ' ', field->value_length) : NULL;
    struct archive_position position;

    if (!blank || !stream_id_read(field->value, (size_t)(blank - field->value), &position.last) ||
        !number_read_integer(blank + 1, (size_t)(field->value + field->value_length - blank - 1),
                             &position.added))
        return false;
    *ret_position = position;
    return true;
}

/* How many streams go on behind what is archived. */
static size_t take_positions(struct archive *archive, const struct archive_found *found)
{
    struct archive_entry entry = {0};
    size_t at = 0, count = 0;

    if (archive_entry_read(found->position, found->position_bytes, &at, &entry) == 0)
        for (size_t i = 0; i < SOURCES; i++)
            count += read_position(archive_entry_find(&entry, archive->sources[i].stream),
                                   &archive->sources[i].at);
    archive_entry_release(&entry);
    return count;
}

static int greet(struct archive *archive, const struct archive_found *found)
{
    const struct escaped path = escaped(archive->writer.store.path);

    if (found->cut > 0)
        stay_say("%s: %" PRId64 " bytes behind the last whole block were cut off", path.text,
                 found->cut);
    if (found->damaged > 0)
        stay_say("%s: %" PRId64 " bytes between blocks are damaged, and passed over", path.text,
                 found->damaged);
    if (!found->position) {
        stay_say("%s: begins", path.text);
        return 0;
    }
    if (take_positions(archive, found) == 0)
        return command_fail(&archive_command, "%s: holds an archive of other streams; name another",
                            path.text);
    stay_say("%s: goes on with %s" ARCHIVE_NAME_ENDING, path.text, archive->writer.store.day);
    return 0;
}

static int open_store(struct archive *archive, const char *path)
{
    struct archive_found found;
    int result = archive_store_open(&archive->writer.store, path, &found);

    if (result < 0)
        return fail_open(archive, result);
    result = greet(archive, &found);
    archive_found_release(&found);
    return result;
}

static void name_sources(struct archive *archive)
{
    const struct archive_position at = ARCHIVE_AT_THE_BEGINNING;
    const struct keys *keys = &archive->settings->keys;

    archive->sources[DECISIONS] =
        (struct archive_source){.kind = ARCHIVE_DECISION, .stream = keys->decisions, .at = at};
    archive->sources[SIGNALS] =
        (struct archive_source){.kind = ARCHIVE_SIGNAL, .stream = keys->signals, .at = at};
    archive->sources[RESULTS] = (struct archive_source){
        .kind = ARCHIVE_RESULT, .stream = archive->executor->keys.results, .at = at};
}

static void release(struct archive *archive)
{
    archive_writer_release(&archive->writer);
    recent_symbols_release(&archive->symbols);
    for (size_t i = 0; i < SOURCES; i++)
        free(archive->refusals[i]);
}

static int keep(struct archive *archive, const char *path)
{
    name_sources(archive);
    stay_begin(&archive->stay, &archive_command, &archive->settings->redis, CTL_NAME ":archive");
    (void)signal(SIGXFSZ, SIG_IGN); /* a bound on files is a disk that is full */
    int result = open_store(archive, path);
    if (result == 0) {
        while (stay_goes_on())
            go_on(archive);
        (void)flush(archive);
        result = command_done(&archive_command);
    }
    stay_end(&archive->stay);
    return result;
}

static int run(const struct invocation *invocation)
{
    struct archive archive = {
        .values = invocation->values,
        .settings = invocation->settings,
        .executor = invocation->executor,
        .writer.store = {.folder = -1, .file = -1},
    };
    int status = keep(&archive, invocation->words->list[0]);

    release(&archive);
    return status;
}

static const char *executor_file(const void *values)
{
    return ((const struct archive_values *)values)->executor_config;
}

const struct ctl_command archive_command = {
    .name = "archive",
    .words = "DIR",
    .words_min = 1,
    .words_max = 1,
    .purpose = "Keeps decisions, signals, results and prices in a folder, a file a day.",
    .details =
        "It follows the streams of decisions, signals and results, and looks at the prices of\n"
        "symbols that stood in decisions within the hour, until it is ended; it may be at any\n"
        "moment, and goes on where it was. What Redis trimmed before it was read is told as a "
        "gap.\nA disk that is full is waited for. The day is that of Redis' clock, UTC.\n\n"
        "Examples:\n"
        "  quantumctl archive /var/lib/quantum/archive\n"
        "  quantumctl archive --max-gib=20 /srv/quantum\n",
    COMMAND_OPTIONS(rows, struct archive_values),
    .executor_file = executor_file,
    .run = run,
};
