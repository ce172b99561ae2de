/* SPDX-License-Identifier: MIT */
/*
 * quantumctl trim: removes old entries from a stream. An entry that a group has not finished stays,
 * however old it is.
 */
#include "ctl/trim/trim.h"

#include <inttypes.h>
#include <stdlib.h>

#include "common/base/escape.h"
#include "common/options/program.h"
#include "common/redis/reply.h"
#include "ctl/frame/command.h"
#include "ctl/frame/document.h"
#include "ctl/frame/span.h"
#include "ctl/look/stream_look.h"

enum { WORD_STREAM };

#define STEP "10000" /* what Redis does in some milliseconds */

struct trim_values {
    int mode; /* enum live_mode */
    char *older_than;
    bool json;
};

#define AT(member) offsetof(struct trim_values, member)

static const struct option_row rows[] = {
    LIVE_MODE_ROW(AT(mode)),
    {.key = "older-than",
     TAKES_TEXT(AT(older_than), 20, ""),
     .help = "entries that are older go: 90s, 15m, 1h or 7d; it must be given"},
    DOCUMENT_ROW(AT(json)),
};

static void check(const struct options *options, const struct names *words,
                  struct complaints *complaints)
{
    const struct trim_values *values = options->values;

    (void)words;
    if (!*values->older_than)
        complain(complaints, "--older-than is missing: say how old, as in --older-than=7d");
    else
        span_check("older-than", values->older_than, complaints);
}

struct trim {
    struct ask ask;
    const struct trim_values *values;
    char *stream;
    int64_t length; /* before */
    struct script script;
    struct stream_id cut;    /* entries before it are old enough */
    struct stream_id before; /* entries before it may go */
    char holder[128];        /* the group that keeps the rest, escaped; or empty */
    int64_t removed;
    bool is_done;
};

static bool read_answer(struct trim *trim, const redisReply *reply)
{
    struct reply_text holder;
    int64_t removed;

    if (!reply_read_stream_id(reply_element(reply, 0), &trim->before) ||
        !reply_read_text(reply_element(reply, 1), &holder) ||
        !reply_read_integer(reply_element(reply, 2), &removed))
        return false;
    (void)escape(holder.bytes, holder.length, 100, trim->holder, sizeof trim->holder);
    trim->removed += removed;
    trim->is_done = reply_is_text(reply_element(reply, 3), "1");
    return true;
}

static int step(struct trim *trim, const char *count)
{
    struct command question;
    redisReply *reply;

    script_command(&trim->script, 1, &question);
    command_add(&question, trim->stream);
    command_add_id(&question, trim->cut);
    command_add(&question, count);
    if (ask_for(&trim->ask, "not trimmed", &question, &reply) < 0)
        return -1;
    bool is_read = read_answer(trim, reply);
    if (!is_read)
        (void)command_fail(&trim_command, "not trimmed: %s", reply_complaint(reply));
    freeReplyObject(reply);
    return is_read ? 0 : -1;
}

static int count_before(struct trim *trim, struct stream_id id, int64_t *ret_count)
{
    const struct stream_id start = {0, 0};

    return stream_look_count(&trim->ask, trim->stream, start, stream_id_before(id), ret_count);
}

static int print_text(const struct trim *trim, int64_t removed, int64_t kept)
{
    const struct trim_values *values = trim->values;

    (void)printf("%s %s older than %s\n", values->mode == MODE_LIVE ? "removed" : "would remove",
                 counted(removed, "entry", "entries").text, values->older_than);
    if (kept > 0)
        (void)printf("kept %" PRId64 " that %s older too: group %s has not finished %s\n", kept,
                     kept == 1 ? "is" : "are", trim->holder, kept == 1 ? "it" : "them");
    live_mode_conclude(values->mode);
    return command_done(&trim_command);
}

/* What a dry run would remove stands under the same name. */
static int print_json(const struct trim *trim, int64_t removed, int64_t kept)
{
    json_t *document = document_new();

    (void)json_object_update_new(
        document,
        json_pack("{s:s, s:s, s:I, s:I, s:I, s:o}", "mode", live_mode_names[trim->values->mode],
                  "stream", escaped(trim->stream).text, "length", (json_int_t)trim->length,
                  "removed", (json_int_t)removed, "kept", (json_int_t)kept, "kept_for",
                  kept > 0 ? json_string(trim->holder) : json_null()));
    return document_print(&trim_command, document);
}

static int tell(struct trim *trim, int64_t removed)
{
    int64_t kept;

    if (count_before(trim, trim->cut, &kept) < 0)
        return EXIT_FAILED;
    if (trim->values->mode == MODE_DRY_RUN)
        kept -= removed;
    return trim->values->json ? print_json(trim, removed, kept) : print_text(trim, removed, kept);
}

static int trim_dry(struct trim *trim)
{
    int64_t count;

    if (step(trim, "0") < 0 || count_before(trim, trim->before, &count) < 0)
        return EXIT_FAILED;
    return tell(trim, count);
}

static int trim_live(struct trim *trim)
{
    while (!trim->is_done)
        if (step(trim, STEP) < 0)
            return EXIT_FAILED;
    return tell(trim, trim->removed);
}

/* Looks at the stream before anything is removed, and prints its size. */
static int look(struct trim *trim)
{
    struct stream_look found;

    if (stream_look_require(&trim->ask, trim->stream, false, &found) < 0)
        return -1;
    trim->length = found.length;
    if (!trim->values->json)
        (void)printf("%s: %s, %s\n", escaped(trim->stream).text,
                     counted(found.length, "entry", "entries").text,
                     counted((long long)found.group_count, "group", "groups").text);
    stream_look_release(&found);
    return 0;
}

static int trim_with(struct trim *trim)
{
    int64_t now_ms, span_ms = 0;

    (void)span_read(trim->values->older_than, &span_ms);
    if (look(trim) < 0 || ask_load(&trim->ask, &trim->script) < 0 ||
        ask_time(&trim->ask, &now_ms) < 0)
        return EXIT_FAILED;
    trim->cut.ms = now_ms > span_ms ? (uint64_t)(now_ms - span_ms) : 0;
    return trim->values->mode == MODE_LIVE ? trim_live(trim) : trim_dry(trim);
}

static int run(const struct invocation *invocation)
{
    struct trim trim = {
        .ask = *invocation->ask, .values = invocation->values, .script = {.source = trim_lua}};

    trim.stream = stream_name_find(&trim.ask, invocation->settings->keys.prefix,
                                   invocation->words->list[WORD_STREAM]);
    int status = trim.stream ? trim_with(&trim) : EXIT_FAILED;
    free(trim.stream);
    return status;
}

const struct ctl_command trim_command = {
    .name = "trim",
    .words = "STREAM",
    .words_min = 1,
    .words_max = 1,
    .purpose = "Removes old entries from a stream, behind what all groups have finished.",
    .details =
        "An entry that a group has pending, or was not given yet, stays, and all behind it.\n"
        "It works in steps, so that Redis answers others meanwhile.\n\n"
        "Examples:\n"
        "  quantumctl trim quantum:stream:ai.decision.made --older-than=7d\n"
        "  quantumctl trim quantum:stream:ai.decision.made --older-than=7d --mode=live\n",
    COMMAND_OPTIONS(rows, struct trim_values),
    .check = check,
    .asks = true,
    .run = run,
};
