/* SPDX-License-Identifier: MIT */
#include "router/act/recorder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/monotonic.h"
#include "common/base/number.h"
#include "common/base/version.h"
#include "common/redis/reply.h"
#include "router/act/fact.h"

enum {
    AGAIN_MS = 60000, /* a right may come back, and to ask for it costs a round trip */
    PAGE = 16,        /* records of 64 KiB */
    PAGES_MAX = 64,   /* a thousand commits of others since */
    ENTRY_BYTES = 64, /* of Redis' own, about, for an entry of so many fields */
};

static bool is_on(const struct recorder *recorder)
{
    return recorder->settings->record_max_mib > 0;
}

/* A stream that was forbidden is not named. */
static bool records_now(const struct recorder *recorder)
{
    return is_on(recorder) && monotonic_ms() >= recorder->forbidden_until_ms;
}

static void ask(struct recorder *recorder, struct command *command, link_reply_fn *on_reply)
{
    (void)!link_send(recorder->link, command, link_reply_timeout_ms(recorder->link), on_reply,
                     recorder);
    command_free(command);
}

static void tell(const struct recorder *recorder, enum recorded what)
{
    router_tell(recorder->observer, (struct router_fact){FACT_RECORDED, .recorded = what});
}

/* --- the settings */

static void on_kept(void *data, const redisReply *reply)
{
    struct recorder *recorder = data;
    int64_t is_new;

    if (!reply)
        return;
    recorder->is_kept = reply_read_integer(reply, &is_new);
    router_tell(recorder->observer,
                (struct router_fact){FACT_SETTINGS_KEPT,
                                     .text = recorder->is_kept ? NULL : reply_complaint(reply)});
}

static void keep_settings(struct recorder *recorder)
{
    const struct decisive *decisive = &recorder->decisive;
    struct command command = {0};

    recorder->is_kept = false;
    recorder->keep_again_ms = monotonic_ms() + AGAIN_MS;
    if (!is_on(recorder))
        return;
    command_add_all(&command, "HSETNX", recorder->settings->keys.settings, decisive->digest,
                    decisive->text, NULL);
    ask(recorder, &command, on_kept);
}

static void make_decisive(struct recorder *recorder)
{
    decisive_release(&recorder->decisive);
    decisive_make(recorder->settings, &recorder->decisive);
}

/* --- the stream's end */

static void forget_end(struct recorder *recorder)
{
    recorder->end[0] = recorder->end_digest[0] = '\0';
}

/* An entry of somebody else's may have more fields than we look at. */
static void note_end(struct recorder *recorder, const struct entry *entry)
{
    if (entry->count > ENTRY_FIELDS_MAX)
        return;
    stream_id_print(entry->id, recorder->end);
    record_digest(entry, recorder->end_digest);
}

static void on_end(void *data, const redisReply *reply)
{
    struct recorder *recorder = data;
    struct entry entry;

    if (reply_is_array(reply, 0) && reply->elements == 0)
        (void)snprintf(recorder->end, sizeof recorder->end, "0-0");
    else if (reply_read_entry(reply_element(reply, 0), &entry))
        note_end(recorder, &entry);
}

static void ask_end(struct recorder *recorder)
{
    struct command command = {0};

    forget_end(recorder);
    if (!is_on(recorder))
        return;
    command_add_all(&command, "XREVRANGE", recorder->settings->keys.decisions, "+", "-", "COUNT",
                    "1", NULL);
    ask(recorder, &command, on_end);
}

void recorder_init(struct recorder *recorder, const struct router_settings *settings,
                   struct link *link, const struct router_observer *observer)
{
    *recorder = (struct recorder){.settings = settings, .link = link, .observer = observer};
    make_decisive(recorder);
}

void recorder_deinit(struct recorder *recorder)
{
    record_draft_release(&recorder->draft);
    record_release(&recorder->record);
    decisive_release(&recorder->decisive);
}

void recorder_open(struct recorder *recorder)
{
    recorder->forbidden_until_ms = 0;
    keep_settings(recorder);
    ask_end(recorder);
}

void recorder_adopt(struct recorder *recorder)
{
    recorder->forbidden_until_ms = 0;
    make_decisive(recorder);
    keep_settings(recorder);
    if (!recorder->end[0])
        ask_end(recorder);
}

/* --- a commit's record */

static size_t weight_of(const struct record *record)
{
    size_t bytes = ENTRY_BYTES;

    for (size_t field = 0; field < RECORD_FIELD_COUNT; field++)
        bytes += strlen(record->text[field]);
    return bytes;
}

static int64_t bytes_max(const struct recorder *recorder)
{
    return recorder->settings->record_max_mib << 20;
}

void recorder_expect(struct recorder *recorder, const struct window *window)
{
    record_draft_release(&recorder->draft);
    if (window->count > 0 && records_now(recorder))
        record_draft_make(window, &recorder->draft);
}

void recorder_begin(struct recorder *recorder, struct commit *commit)
{
    const struct record_source source = {
        .snapshot = commit->snapshot,
        .window = commit->window,
        .plan = commit->plan,
        .draft = &recorder->draft,
        .unrecorded = &recorder->unrecorded,
        .cycle_id = commit->cycle_id,
        .instance = recorder->settings->instance,
        .version = quantum_version,
        .settings = recorder->decisive.digest,
        .prev = recorder->end_digest,
    };

    if (!recorder->is_kept && monotonic_ms() >= recorder->keep_again_ms)
        keep_settings(recorder);
    record_release(&recorder->record);
    commit->record = NULL;
    if (!records_now(recorder))
        return;
    record_make(&source, &recorder->record);
    commit->record = &recorder->record;
    commit->records_end = recorder->end;
    commit->records_max =
        record_room_count(&recorder->room, weight_of(&recorder->record), bytes_max(recorder));
}

bool recorder_is_refused(struct recorder *recorder, const redisReply *reply)
{
    bool names_it = recorder->record.text[0];

    if (recorder->settings->record_required || !reply_is_error_code(reply, "NOPERM"))
        return false;
    recorder->forbidden_until_ms = names_it ? monotonic_ms() + AGAIN_MS : 0;
    return names_it;
}

static void note_recorded(struct recorder *recorder, struct stream_id id)
{
    record_room_add(&recorder->room, weight_of(&recorder->record), bytes_max(recorder));
    record_digest_of(&recorder->record, recorder->end_digest);
    stream_id_print(id, recorder->end);
    recorder->unrecorded = (struct unrecorded){0};
}

void recorder_committed(struct recorder *recorder, const struct commit_answer *answer,
                        const char *intent_ids)
{
    enum recorded what = answer->record;

    if (recorder->record.text[0] && what <= RECORDED_ALONE) {
        record_set(&recorder->record, RECORD_INTENTS, intent_ids);
        if (what == RECORDED_ALONE)
            record_set(&recorder->record, RECORD_PREV, "");
        note_recorded(recorder, answer->record_id);
    } else if (what == RECORD_OFF && recorder->forbidden_until_ms > 0) {
        what = RECORD_FORBIDDEN;
    }
    record_release(&recorder->record);
    tell(recorder, what);
}

void recorder_settled(struct recorder *recorder, const char *record_id)
{
    if (record_id[0])
        recorder->unrecorded = (struct unrecorded){0};
    record_release(&recorder->record);
}

void recorder_quiet(struct recorder *recorder, enum quiet quiet)
{
    recorder->unrecorded.quiet[quiet]++;
}

/* --- what became of a commit */

static void ask_page(struct recorder *recorder, const char *before);

/* "epoch-sequence"; 0: it is none. */
static uint64_t sequence_of(const struct entry_field *cycle_id)
{
    const char *dash = memrchr(cycle_id->value, '-', cycle_id->value_length);
    int64_t sequence;

    if (!dash)
        return 0;
    size_t before = (size_t)(dash + 1 - cycle_id->value);
    return number_read_integer(dash + 1, cycle_id->value_length - before, &sequence) && sequence > 0
               ? (uint64_t)sequence
               : 0;
}

/* True: it is found, or will not be. */
static bool look_at(const struct record_search *search, const struct entry *entry)
{
    const struct entry_field *cycle_id = NULL;

    if (entry->count <= ENTRY_FIELDS_MAX)
        cycle_id = entry_find(entry, record_field_name(RECORD_CYCLE_ID));
    if (!cycle_id)
        return false;
    uint64_t sequence = search->sequence > 0 ? sequence_of(cycle_id) : 0;
    if (cycle_id->value_length == strlen(search->cycle_id) &&
        memcmp(cycle_id->value, search->cycle_id, cycle_id->value_length) == 0)
        search->found(search->owner, RECORD_FOUND, entry);
    else if (sequence > 0 && sequence == search->sequence)
        search->found(search->owner, RECORD_OF_ANOTHER, NULL);
    else if (sequence > 0 && sequence < search->sequence)
        search->found(search->owner, RECORD_NOT_THERE, NULL);
    else
        return false;
    return true;
}

static void on_page(void *data, const redisReply *reply)
{
    struct recorder *recorder = data;
    struct record_search *search = &recorder->search;
    char before[STREAM_ID_TEXT_MAX + 1] = "(";
    struct entry entry;

    if (!reply)
        return;
    for (size_t i = 0; reply_is_array(reply, i + 1); i++) {
        if (!reply_read_entry(reply->element[i], &entry))
            continue;
        if (look_at(search, &entry))
            return;
        stream_id_print(entry.id, before + 1);
    }
    if (reply_is_array(reply, PAGE) && before[1] && ++search->pages < PAGES_MAX)
        ask_page(recorder, before);
    else
        search->found(search->owner, RECORD_NOT_THERE, NULL);
}

static void ask_page(struct recorder *recorder, const char *before)
{
    struct command command = {0};

    command_add_all(&command, "XREVRANGE", recorder->settings->keys.decisions, before, "-", "COUNT",
                    NULL);
    command_add_int(&command, PAGE);
    ask(recorder, &command, on_page);
}

bool recorder_search(struct recorder *recorder, const struct record_search *search)
{
    if (!is_on(recorder))
        return false;
    recorder->search = *search;
    ask_page(recorder, "+");
    return true;
}
