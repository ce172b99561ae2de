/* SPDX-License-Identifier: MIT */
#include "ctl/why/explanation_entry.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/calendar.h"
#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/number.h"
#include "common/redis/reply.h"
#include "ctl/frame/span.h"
#include "ctl/look/stream_look.h"
#include "ctl/why/explanation_reach.h"

void explanation_next_note(struct explanation_next *next, const struct recorded *recorded,
                           const struct stream_id *signal_id)
{
    if (next->is_there || !signal_id || recorded->snapshot.now_ms < stream_id_time_ms(*signal_id))
        return;
    next->is_there = true;
    next->record = recorded->id;
    next->at_ms = recorded->snapshot.now_ms;
    memcpy(next->settings, recorded->settings, sizeof next->settings);
    next->drops = recorded->drops;
    next->rows_left = recorded->rows_left;
}

static void say(struct explanation *explanation, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(struct explanation *explanation, const char *format, ...)
{
    size_t length = strlen(explanation->note);
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(explanation->note + length, sizeof explanation->note - length, format,
                    arguments);
    va_end(arguments);
}

/* --- the entry of an id */

/* Apart from where it was read. */
struct kept_entry {
    struct entry entry;
    char *memory;
    struct stream_id id; /* the one that is wanted */
    bool is_there;
};

static char *copy_text(char *at, const char **text, size_t length)
{
    memcpy(at, *text, length);
    *text = at;
    return at + length;
}

/* The first behind it, too, ends the look. */
static bool keep(void *owner, const struct entry *entry)
{
    struct kept_entry *kept = owner;
    size_t count = entry->count < ENTRY_FIELDS_MAX ? entry->count : ENTRY_FIELDS_MAX, bytes = 0;

    if (stream_id_compare(entry->id, kept->id) != 0)
        return true;
    for (size_t i = 0; i < count; i++)
        bytes += entry->fields[i].name_length + entry->fields[i].value_length;
    kept->entry = *entry;
    kept->is_there = true;
    char *at = kept->memory = memory_raw(bytes + 1);
    for (size_t i = 0; i < count; i++) {
        struct entry_field *field = &kept->entry.fields[i];
        at = copy_text(at, &field->name, field->name_length);
        at = copy_text(at, &field->value, field->value_length);
    }
    return true;
}

/* 1: it is not there, or may not be read. Its memory is the caller's to free, on 0. */
static int read_entry(const struct record_place *place, const char *stream, enum archive_kind kind,
                      struct kept_entry *kept)
{
    struct record_search search = {
        .stream = stream, .kind = kind, .from = kept->id, .page = 1, .take = keep, .owner = kept};
    char *why = NULL;
    int result = record_search(place, &search, &why);

    free(why);
    if (result < 0)
        return result;
    return kept->is_there ? 0 : 1;
}

/* --- where its group stands */

static int read_delivered(const struct explanation_entry *entry, bool *ret_has_group,
                          struct stream_id *ret_delivered)
{
    struct stream_look look;
    char *why = NULL;

    *ret_has_group = false;
    int result = stream_look_read(entry->place->ask, entry->keys->signals, false, &look, &why);
    free(why);
    if (result != 0)
        return result < 0 ? result : 0;
    const struct group_look *group = stream_look_group(&look, entry->keys->group);
    if (group) {
        *ret_has_group = true;
        *ret_delivered = group->last_delivered;
    }
    stream_look_release(&look);
    return 0;
}

static void say_pending(const redisReply *pending, struct explanation *explanation)
{
    char idle[SPAN_TEXT_MAX];
    int64_t idle_ms = 0, times = 0;
    struct reply_text consumer = {"", 0};
    char name[128];

    (void)reply_read_text(reply_element(pending, 1), &consumer);
    (void)reply_read_integer(reply_element(pending, 2), &idle_ms);
    (void)reply_read_integer(reply_element(pending, 3), &times);
    (void)escape(consumer.bytes, consumer.length, 60, name, sizeof name);
    span_print(idle_ms, idle);
    say(explanation,
        "The router was given it %s ago, as %s, and has not settled it: it is in the window, or "
        "waits for a commit.",
        idle, name);
    if (times > 1)
        say(explanation, " It was given out %" PRId64 " times.", times);
}

/* 0: it is pending; 1: it is not. */
static int ask_pending(const struct explanation_entry *entry, struct explanation *explanation)
{
    struct command question = {0};
    redisReply *reply;

    command_add_all(&question, "XPENDING", entry->keys->signals, entry->keys->group, NULL);
    command_add_id(&question, entry->id);
    command_add_id(&question, entry->id);
    command_add(&question, "1");
    int result = ask_reply(entry->place->ask, &question, &reply);
    if (result < 0)
        return result;
    bool is_pending = result == 0 && reply_is_array(reply, 1);
    if (is_pending)
        say_pending(reply_element(reply, 0), explanation);
    freeReplyObject(reply);
    return is_pending ? 0 : 1;
}

/* 0: that is all there is to say; 1: it was settled. */
static int look_at_group(const struct explanation_entry *entry, struct explanation *explanation)
{
    struct stream_id delivered = {0};
    bool has_group;

    if (read_delivered(entry, &has_group, &delivered) < 0)
        return -1;
    if (!has_group) {
        explanation->state = EXPLAINED_UNREAD;
        say(explanation, "No group %s reads %s: no router has been there.",
            escaped(entry->keys->group).text, escaped(entry->keys->signals).text);
        return 0;
    }
    if (stream_id_compare(entry->id, delivered) > 0) {
        explanation->state = EXPLAINED_WAITING;
        say(explanation, "The router has not read it yet: it waits in the stream.");
        return 0;
    }
    explanation->state = EXPLAINED_PENDING;
    return ask_pending(entry, explanation);
}

/* --- judged again */

struct judged {
    struct signal_rules rules;
    struct signal_verdict verdict;
};

static void take_terms(struct explanation *explanation, const char *symbol, enum side side,
                       double confidence, double score)
{
    (void)snprintf(explanation->own.symbol, sizeof explanation->own.symbol, "%s", symbol);
    explanation->own.side = side;
    explanation->own.confidence = confidence;
    explanation->own.score = score;
    explanation->has_terms = symbol[0] != '\0';
}

static void take_verdict_terms(struct explanation *explanation,
                               const struct signal_verdict *verdict)
{
    bool sells = verdict->side && strcmp(verdict->side, side_name(SIDE_SELL)) == 0;

    if (verdict->drop == DROP_LOW_CONFIDENCE || verdict->drop == DROP_NOT_LISTED)
        take_terms(explanation, verdict->symbol, sells ? SIDE_SELL : SIDE_BUY, verdict->confidence,
                   verdict->confidence);
}

static void say_drop(struct explanation *explanation, const struct judged *judged)
{
    const struct signal_verdict *verdict = &judged->verdict;
    char confidence[NUMBER_TEXT_MAX], gate[NUMBER_TEXT_MAX];

    switch (verdict->drop) {
    case DROP_LOW_CONFIDENCE:
        share_print(verdict->confidence, confidence);
        share_print(judged->rules.min_confidence, gate);
        say(explanation,
            "Its confidence, %s, is below the gate, window.min_confidence = %s. With %s it would "
            "have come into the window; whether it had been chosen there nobody can say.",
            confidence, gate, gate);
        break;
    case DROP_INVALID:
        say(explanation, "It breaks a rule: %s.", rule_name(verdict->rule));
        break;
    case DROP_STALE:
        say(explanation,
            "It was older than window.signal_max_age_sec = %" PRId64 " when it was read%s.",
            judged->rules.max_age_ms / 1000,
            verdict->behind_ms > 0 ? ", by its own timestamp" : "");
        break;
    case DROP_HOLD:
        say(explanation, "It says HOLD, which asks for nothing.");
        break;
    case DROP_CLOSE:
        say(explanation, "It is an exit; exits do not pass through this router.");
        break;
    case DROP_NOT_LISTED:
        say(explanation, "Its symbol is not in window.symbols.");
        break;
    case DROP_NONE:
        break;
    }
}

static void derive(struct explanation *explanation, enum fate fate)
{
    explanation->state = EXPLAINED_DERIVED;
    explanation->has_fate = true;
    explanation->own.fate = fate;
}

/* True: it was dropped, at that moment. */
static bool judge_at(const struct entry *fields, int64_t now_ms, const struct score_rules *score,
                     struct judged *judged, struct explanation *explanation)
{
    struct signal_draft draft;

    judged->verdict = signal_judge(&judged->rules, fields, now_ms, &draft);
    if (judged->verdict.drop != DROP_NONE) {
        take_verdict_terms(explanation, &judged->verdict);
        return true;
    }
    struct signal *signal = &draft.signal;
    take_terms(explanation, signal->symbol, signal->side, signal->confidence,
               ranking_score(score, signal).score);
    signal_discard(&draft);
    return false;
}

static void tell_drop(struct explanation *explanation, const struct judged *judged)
{
    derive(explanation, fate_of_drop(judged->verdict.drop));
    say_drop(explanation, judged);
}

/* It was sound and fresh when it came. What the record behind it counts says what may have become
 * of it. */
static void judge_late(const struct explanation_entry *entry, const struct entry *fields,
                       const struct score_rules *score, struct judged *judged,
                       struct explanation *explanation)
{
    const struct explanation_next *next = entry->next;
    bool is_stale = next->is_there && next->drops.of[FATE_STALE] > 0 &&
                    judge_at(fields, next->at_ms, score, judged, explanation);

    if (is_stale) {
        tell_drop(explanation, judged);
        return;
    }
    if (next->is_there && next->drops.of[FATE_OUTRANKED] > 0) {
        derive(explanation, FATE_OUTRANKED);
        say(explanation, "More came than a window holds, and it was among the lowest ranked: it "
                         "fell out before the window was decided.");
        return;
    }
    explanation->state = EXPLAINED_UNTOLD;
    if (next->is_there && next->rows_left > 0)
        say(explanation,
            "It may be one of the %zu lowest ranked that did not fit into the record "
            "of its window.",
            next->rows_left);
    else if (!entry->place->ask)
        say(explanation, "No record in the archive has it: it was not decided yet, or a commit "
                         "without a record settled it.");
    else
        say(explanation, "It was acknowledged, and no record has it: a commit without a record "
                         "settled it, or somebody moved the group past it.");
}

static void judge_by(const struct explanation_entry *entry, const struct entry *fields,
                     const struct router_settings *settings, struct explanation *explanation)
{
    struct judged judged = {.rules = settings->signal};
    int64_t born_ms = stream_id_time_ms(entry->id);

    judged.rules.explain_low = true;
    if (judge_at(fields, born_ms, &settings->score, &judged, explanation))
        tell_drop(explanation, &judged);
    else
        judge_late(entry, fields, &settings->score, &judged, explanation);
}

/* By the settings of the record behind it, or where that says nothing as they are now. */
static int judge(const struct explanation_entry *entry, const struct entry *fields,
                 struct explanation *explanation)
{
    const struct explanation_next *next = entry->next;
    const struct decisive_settings *then = NULL;
    const char *why;

    if (next->is_there &&
        record_rules_find(entry->rules, entry->source, next->settings, &then, &why) < 0)
        return -1;
    if (next->is_there) {
        explanation->record = next->record;
        explanation->at_ms = next->at_ms;
    }
    judge_by(entry, fields, then ? &then->settings : entry->question->settings, explanation);
    if (!then)
        say(explanation, " Judged by the settings as they are now: no record behind it names "
                         "those of that time.");
    return 0;
}

/* --- an id of something else */

/* A stream that has other entries than signals; an archive has no intents. */
struct other {
    const char *stream, *what;
    bool is_archived;
    enum archive_kind kind;
};

/* 1 with a reason, or without: it is none of that stream. */
static int is_entry_of(const struct explanation_entry *entry, const struct other *other,
                       char **ret_why)
{
    struct kept_entry kept = {.id = entry->id};
    char id[STREAM_ID_TEXT_MAX];

    if (!entry->place->ask && !other->is_archived)
        return 1;
    int result = read_entry(entry->place, other->stream, other->kind, &kept);
    if (result != 0)
        return result < 0 ? result : 1;
    free(kept.memory);
    stream_id_print(entry->id, id);
    free(*ret_why);
    *ret_why =
        memory_format("%s is %s, an entry of %s", id, other->what, escaped(other->stream).text);
    return 1;
}

static int look_elsewhere(const struct explanation_entry *entry, char **ret_why)
{
    const struct explanation_keys *keys = entry->keys;
    bool looks_for_intent = entry->question->intent || !entry->question->signal;
    const struct other others[] = {
        {keys->intents,
         looks_for_intent ? "an intent whose decision no record has"
                          : "an intent: --intent explains it",
         false, ARCHIVE_KINDS},
        {keys->results, "a result: its intent_id is what to ask for", true, ARCHIVE_RESULT},
        {keys->decisions, "a record of a decision: quantumctl replay --from looks at it", true,
         ARCHIVE_DECISION},
    };

    for (size_t i = 0; i < sizeof others / sizeof *others && !*ret_why; i++)
        if (is_entry_of(entry, &others[i], ret_why) < 0)
            return -1;
    return 1;
}

/* Records that were trimmed may have had it. 1: it is older than all that are left. */
static int is_older(const struct explanation_entry *entry, char **ret_why)
{
    struct explanation_reach reach;
    char first[CALENDAR_ISO_MAX];

    if (explanation_reach_find(entry->place, entry->keys->decisions, &reach) < 0)
        return -1;
    if (!reach.is_trimmed || !reach.has_any || entry->id.ms >= reach.first.ms)
        return 0;
    calendar_iso(stream_id_time_ms(reach.first), first);
    *ret_why = memory_format("it is older than the records, which go back to %s", first);
    return 1;
}

/* An archive says nothing of a group: what it has was given out, or will be. */
static int explain_signal(const struct explanation_entry *entry, const struct entry *fields,
                          struct explanation *explanation, char **ret_why)
{
    int result = entry->place->ask ? look_at_group(entry, explanation) : 1;

    if (result <= 0)
        return result;
    result = is_older(entry, ret_why);
    return result != 0 ? result : judge(entry, fields, explanation);
}

int explanation_entry_find(const struct explanation_entry *entry,
                           struct explanation *ret_explanation, char **ret_why)
{
    struct explanation explanation = {.own = {.signal_id = entry->id}};
    struct kept_entry kept = {.id = entry->id};
    bool asks_signal = !entry->question->intent || entry->question->signal;
    int result =
        asks_signal ? read_entry(entry->place, entry->keys->signals, ARCHIVE_SIGNAL, &kept) : 1;

    if (result < 0)
        return result;
    if (result > 0)
        return look_elsewhere(entry, ret_why);
    result = explain_signal(entry, &kept.entry, &explanation, ret_why);
    free(kept.memory);
    if (result == 0)
        *ret_explanation = explanation;
    return result;
}
