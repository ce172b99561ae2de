/* SPDX-License-Identifier: MIT */
#include "ctl/why/explanation.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/calendar.h"
#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/trade/terms.h"
#include "ctl/past/archive_texts.h"
#include "ctl/past/record_again.h"
#include "ctl/why/explanation_entry.h"
#include "ctl/why/explanation_reach.h"

/* A record stands behind its signals and intents; so far ids may be ahead of it, or their clock may
 * have been set. */
enum { NEAR_MS = 60000 };

struct finder {
    struct record_place place;
    struct archive_texts texts; /* of an archive */
    const struct explanation_keys *keys;
    const struct explanation_question *question;
    bool by_signal, by_intent, by_decision, by_symbol;
    struct stream_id id; /* the word, where it is one */
    bool is_id;
    char symbol[SYMBOL_MAX + 1];

    struct records *source; /* for the settings */
    struct record_rules rules;
    struct recorded recorded;
    struct explanation_next next; /* the record behind a signal that is in none */
    struct explanations *found;
    int result; /* negative: it went wrong on the way */
};

/* --- one candidate */

static void take_row(const struct recorded *recorded, size_t row, struct explained_row *ret_row)
{
    const struct signal *signal = recorded->window.candidates[row].signal;

    *ret_row = (struct explained_row){.signal_id = signal->id,
                                      .side = signal->side,
                                      .confidence = signal->confidence,
                                      .score = recorded->scores[row],
                                      .fate = recorded->verdicts[row].fate,
                                      .rank = recorded->verdicts[row].rank};
    memcpy(ret_row->symbol, signal->symbol, sizeof ret_row->symbol);
}

/* Intents stand in the order of their ranks: the third that is published has the third. */
static void take_intent(const struct recorded *recorded, size_t row, struct explained_row *ret_row)
{
    const struct signal *signal = recorded->window.candidates[row].signal;
    unsigned place = 0;

    for (size_t i = 0; i <= row; i++)
        place += recorded->verdicts[i].fate == FATE_PUBLISHED;
    ret_row->has_intent = ret_row->fate == FATE_PUBLISHED &&
                          recorded_intent(recorded, place, &ret_row->result.intent_id);
    memcpy(ret_row->result.decision_id, signal->decision_id, sizeof signal->decision_id);
}

static size_t count_published(const struct recorded *recorded, size_t rows)
{
    size_t count = 0;

    for (size_t i = 0; i < rows; i++)
        count += recorded->verdicts[i].fate == FATE_PUBLISHED;
    return count;
}

/* Those that took the places, and of the others the nearest. */
static void take_above(const struct recorded *recorded, struct explanation *explanation)
{
    size_t row = explanation->row, published = count_published(recorded, row);
    size_t nearest = published < EXPLAINED_ABOVE_MAX ? EXPLAINED_ABOVE_MAX - published : 0;
    size_t room = row < EXPLAINED_ABOVE_MAX ? row : EXPLAINED_ABOVE_MAX;

    explanation->above = memory_array(room + 1, sizeof *explanation->above);
    for (size_t i = 0; i < row && explanation->above_count < room; i++) {
        if (recorded->verdicts[i].fate != FATE_PUBLISHED && row - i > nearest)
            continue;
        struct explained_row *above = &explanation->above[explanation->above_count++];
        take_row(recorded, i, above);
        take_intent(recorded, i, above);
    }
    explanation->above_left = row - explanation->above_count;
}

static void take_cut(const struct recorded *recorded, struct explanation *explanation)
{
    for (size_t i = 0; i < recorded->window.count; i++)
        if (recorded->verdicts[i].fate == FATE_PUBLISHED) {
            explanation->has_cut = true;
            explanation->cut = recorded->scores[i];
        }
}

static void take_record(const struct recorded *recorded, size_t row,
                        struct explanation *ret_explanation)
{
    const struct signal *signal = recorded->window.candidates[row].signal;
    const struct tally *tally = &recorded->tally;
    struct explanation explanation = {
        .state = EXPLAINED_RECORDED,
        .has_terms = true,
        .has_fate = true,
        .at_ms = recorded->snapshot.now_ms,
        .record = recorded->id,
        .row = row,
        .of = (size_t)(tally->of[FATE_PUBLISHED] + tally->of[FATE_OUTRANKED]),
        .candidates = recorded->window.count + recorded->rows_left,
        .allowed = recorded->allowance.allowed,
        .capacity = recorded->allowance.state,
    };

    memcpy(explanation.cycle_id, recorded->cycle_id, sizeof explanation.cycle_id);
    memcpy(explanation.decision_id, signal->decision_id, sizeof explanation.decision_id);
    (void)snprintf(explanation.world, sizeof explanation.world, "%.*s", (int)recorded->world.length,
                   recorded->world.bytes);
    take_row(recorded, row, &explanation.own);
    take_intent(recorded, row, &explanation.own);
    take_above(recorded, &explanation);
    take_cut(recorded, &explanation);
    *ret_explanation = explanation;
}

/* What would have passed it is found by deciding again; where that comes to something else than
 * what is recorded, it would prove nothing. */
static void judge_again(struct finder *finder, struct explanation *explanation)
{
    struct record_again again;

    finder->result = record_again(&finder->recorded, finder->source, &finder->rules, false, &again);
    if (finder->result < 0)
        return;
    explanation->replayed = again.again;
    if (again.is_decided) {
        const struct router_settings *settings = &again.settings->settings;
        const struct would_subject subject = {
            .recorded = &finder->recorded,
            .row = explanation->row,
            .rules = &again.settings->rules,
            .cooldown_sec = settings->cooldown_sec,
            .in_flight_group = settings->in_flight_group,
            .is_by_id = settings->age_by == AGE_BY_ID,
        };
        explanation->has_settings = true;
        explanation->rules = again.settings->rules.plan;
        if (again.again.outcome != AGAIN_DIFFERS && explanation->own.fate != FATE_PUBLISHED)
            would_pass_find(&subject, &explanation->would);
    }
    record_again_release(&again);
}

static struct explanation *add(struct explanations *found)
{
    found->list = memory_resize(found->list, found->count + 1, sizeof *found->list);
    found->list[found->count] = (struct explanation){0};
    return &found->list[found->count++];
}

/* --- the look through the records */

static bool names_row(const struct finder *finder, size_t row)
{
    const struct recorded *recorded = &finder->recorded;
    const struct signal *signal = recorded->window.candidates[row].signal;
    struct explained_row own;

    if (finder->by_signal && stream_id_compare(signal->id, finder->id) == 0)
        return true;
    if (finder->by_decision && strcmp(signal->decision_id, finder->question->word) == 0)
        return true;
    if (finder->by_symbol && strcmp(signal->symbol, finder->symbol) == 0)
        return true;
    if (!finder->by_intent)
        return false;
    take_row(recorded, row, &own);
    take_intent(recorded, row, &own);
    return own.has_intent && stream_id_compare(own.result.intent_id, finder->id) == 0;
}

static bool is_far(const struct finder *finder, struct stream_id at)
{
    return at.ms > finder->id.ms && at.ms - finder->id.ms > NEAR_MS;
}

static bool take(void *owner, const struct entry *entry)
{
    struct finder *finder = owner;
    const struct recorded *recorded = &finder->recorded;
    struct explanations *found = finder->found;

    if (finder->is_id && found->count > 0 && is_far(finder, entry->id))
        return true;
    recorded_read(&finder->recorded, entry);
    if (recorded->state != RECORDED_READ)
        return false;
    explanation_next_note(&finder->next, recorded, finder->is_id ? &finder->id : NULL);
    for (size_t i = 0; i < recorded->window.count && found->count < finder->question->most; i++) {
        if (!names_row(finder, i))
            continue;
        struct explanation *explanation = add(found);
        take_record(recorded, i, explanation);
        judge_again(finder, explanation);
        if (finder->result < 0)
            return true;
    }
    return found->count >= finder->question->most;
}

static int look_through(struct finder *finder, bool is_backwards, struct record_search *ret_search)
{
    uint64_t ms = finder->id.ms > NEAR_MS ? finder->id.ms - NEAR_MS : 0;
    char *why = NULL;

    *ret_search = (struct record_search){.stream = finder->keys->decisions,
                                         .kind = ARCHIVE_DECISION,
                                         .from = {ms, 0},
                                         .is_backwards = is_backwards,
                                         .take = take,
                                         .owner = finder};
    int result = record_search(&finder->place, ret_search, &why);
    if (result > 0)
        (void)command_fail(finder->place.command, "%s: %s", escaped(finder->keys->decisions).text,
                           why);
    free(why);
    return result != 0 ? -1 : finder->result;
}

/* --- what a duplicate repeats */

struct original {
    const struct explanation *duplicate;
    struct recorded recorded;
    bool is_found;
    struct stream_id intent_id;
};

static bool publishes(const struct recorded *recorded, size_t row, const char *decision_id)
{
    return recorded->verdicts[row].fate == FATE_PUBLISHED &&
           strcmp(recorded->window.candidates[row].signal->decision_id, decision_id) == 0;
}

/* Up to its own record, that included: the one above it may be the one. */
static bool take_original(void *owner, const struct entry *entry)
{
    struct original *original = owner;
    const struct recorded *recorded = &original->recorded;
    struct explained_row row;

    recorded_read(&original->recorded, entry);
    for (size_t i = 0; recorded->state == RECORDED_READ && i < recorded->window.count; i++) {
        if (!publishes(recorded, i, original->duplicate->decision_id))
            continue;
        take_row(recorded, i, &row);
        take_intent(recorded, i, &row);
        original->is_found = row.has_intent;
        original->intent_id = row.result.intent_id;
    }
    return stream_id_compare(entry->id, original->duplicate->record) >= 0;
}

/* Its mark lives no longer than that. */
static int find_original(const struct finder *finder, struct explanation *duplicate)
{
    struct original original = {.duplicate = duplicate};
    int64_t marked_ms = finder->question->settings->dedup_ttl_sec * 1000 + NEAR_MS;
    int64_t from_ms = duplicate->at_ms > marked_ms ? duplicate->at_ms - marked_ms : 0;
    struct record_search search = {.stream = finder->keys->decisions,
                                   .kind = ARCHIVE_DECISION,
                                   .from = {(uint64_t)from_ms, 0},
                                   .take = take_original,
                                   .owner = &original};
    char *why = NULL, id[STREAM_ID_TEXT_MAX];
    int result = record_search(&finder->place, &search, &why);

    free(why);
    recorded_release(&original.recorded);
    if (result >= 0 && original.is_found) {
        stream_id_print(original.intent_id, id);
        (void)snprintf(duplicate->note, sizeof duplicate->note, "It was published as intent %s.",
                       id);
    }
    return result < 0 ? result : 0;
}

static int find_originals(const struct finder *finder)
{
    for (size_t i = 0; i < finder->found->count; i++) {
        struct explanation *explanation = &finder->found->list[i];
        bool repeats =
            explanation->state == EXPLAINED_RECORDED && explanation->own.fate == FATE_DUPLICATE;
        if (repeats && find_original(finder, explanation) < 0)
            return -1;
    }
    return 0;
}

/* --- what became of the intents */

/* All rows that have one, in one walk. */
static void gather(struct explanations *found, struct explained_row **rows, size_t *count)
{
    for (size_t i = 0; i < found->count; i++) {
        struct explanation *explanation = &found->list[i];
        if (explanation->own.has_intent)
            rows[(*count)++] = &explanation->own;
        for (size_t j = 0; j < explanation->above_count; j++)
            if (explanation->above[j].has_intent)
                rows[(*count)++] = &explanation->above[j];
    }
}

static int look_at_results(const struct finder *finder)
{
    struct explanations *found = finder->found;
    size_t count = 0, most = 0;

    for (size_t i = 0; i < found->count; i++)
        most += 1 + found->list[i].above_count;
    struct explained_row **rows = memory_array(most + 1, sizeof(struct explained_row *));
    struct intent_result *results = memory_array(most + 1, sizeof *results);
    gather(found, rows, &count);
    for (size_t i = 0; i < count; i++)
        results[i] = rows[i]->result;
    int result = result_look(&finder->place, finder->keys->results, results, count);
    for (size_t i = 0; i < count; i++)
        rows[i]->result = results[i];
    free(results);
    free(rows);
    return result;
}

/* --- what is in no record */

/* How far the records go back, and how far one looked. */
static int find_reach(const struct finder *finder, const struct record_search *search,
                      char **ret_reach)
{
    struct explanation_reach reach;
    char first[CALENDAR_ISO_MAX];

    if (explanation_reach_find(&finder->place, finder->keys->decisions, &reach) < 0)
        return -1;
    calendar_iso(stream_id_time_ms(reach.first), first);
    if (!reach.has_any)
        *ret_reach = memory_text("there is none");
    else if (search->is_cut)
        *ret_reach =
            memory_format("the records go back to %s, and %" PRIu64 " of them were looked at",
                          first, search->looked);
    else
        *ret_reach = memory_format("the records go back to %s", first);
    return 0;
}

static int not_in_records(struct finder *finder, const struct record_search *search)
{
    char *reach;

    if (find_reach(finder, search, &reach) < 0)
        return -1;
    finder->found->not_found = memory_format("'%s' is in no record of a decision: %s",
                                             escaped(finder->question->word).text, reach);
    free(reach);
    return 1;
}

/* Whether it is an entry that is not decided, or was without a record. */
static int look_at_entry(struct finder *finder)
{
    struct explanation_entry entry = {
        .place = &finder->place,
        .keys = finder->keys,
        .question = finder->question,
        .id = finder->id,
        .source = finder->source,
        .rules = &finder->rules,
        .next = &finder->next,
    };
    struct explanation explanation;
    int result = explanation_entry_find(&entry, &explanation, &finder->found->not_found);

    if (result == 0)
        *add(finder->found) = explanation;
    return result;
}

/* --- the question */

static void read_word(struct finder *finder)
{
    const struct explanation_question *question = finder->question;
    bool is_any = !question->signal && !question->intent && !question->decision;

    finder->is_id = stream_id_read(question->word, strlen(question->word), &finder->id);
    finder->by_signal = finder->is_id && (is_any || question->signal);
    finder->by_intent = finder->is_id && (is_any || question->intent);
    finder->by_decision = is_any || question->decision;
    finder->by_symbol = is_any && !finder->is_id &&
                        terms_take_symbol(question->word, strlen(question->word), finder->symbol);
}

/* Ids tell the time. A decision's id that looks like one may still be of any time. */
static int find(struct finder *finder)
{
    struct record_search search;
    bool tells_time = finder->by_signal || finder->by_intent;

    if (look_through(finder, !tells_time, &search) < 0)
        return -1;
    if (finder->found->count > 0)
        return 0;
    if (finder->by_signal || finder->by_intent) {
        int result = look_at_entry(finder);
        if (result <= 0)
            return result;
        if (finder->found->not_found && !finder->by_decision)
            return 1;
    }
    if (tells_time && finder->by_decision) {
        finder->by_signal = finder->by_intent = finder->is_id = false;
        if (look_through(finder, true, &search) < 0)
            return -1;
    }
    if (finder->found->count > 0)
        return 0;
    return finder->found->not_found ? 1 : not_in_records(finder, &search);
}

static bool open_source(struct finder *finder)
{
    const struct record_keys keys = {finder->keys->decisions, finder->keys->settings};
    const struct record_range all = record_range_all();
    const struct ask *ask = finder->place.ask;

    finder->place.texts = &finder->texts;
    finder->source =
        ask ? record_stream_open(ask, NULL, &keys, &all) : archive_texts_source(&finder->texts);
    return finder->source != NULL;
}

int explanations_find(const struct record_place *place, const struct explanation_keys *keys,
                      const struct explanation_question *question,
                      struct explanations *ret_explanations)
{
    struct finder finder = {
        .place = *place, .keys = keys, .question = question, .found = ret_explanations};

    *ret_explanations = (struct explanations){0};
    read_word(&finder);
    if (!open_source(&finder))
        return -1;
    int result = find(&finder);
    if (result == 0)
        result = find_originals(&finder);
    if (result == 0)
        result = look_at_results(&finder);
    record_rules_release(&finder.rules);
    recorded_release(&finder.recorded);
    finder.source->close(finder.source);
    return result;
}

void explanations_release(struct explanations *explanations)
{
    for (size_t i = 0; i < explanations->count; i++)
        free(explanations->list[i].above);
    free(explanations->list);
    free(explanations->not_found);
    *explanations = (struct explanations){0};
}

struct recorded_text explanation_words(const struct explanation *explanation)
{
    return (struct recorded_text){explanation->world, strlen(explanation->world)};
}

int64_t explanation_world(const struct explanation *explanation, const char *name)
{
    struct recorded_text value;
    int64_t count;

    if (!recorded_word(explanation_words(explanation), name, &value) ||
        !recorded_count(value, INT64_MIN, INT64_MAX, &count))
        return -1;
    return count;
}

bool explanation_held_is_unknown(const struct explanation *explanation)
{
    struct recorded_text value;

    return recorded_word(explanation_words(explanation), "held", &value) &&
           recorded_is(value, "unknown");
}

struct explanation_keys explanation_keys_of(const struct router_settings *router,
                                            const struct executor_settings *executor)
{
    return (struct explanation_keys){
        .signals = router->keys.signals,
        .group = router->keys.group,
        .intents = router->keys.intents,
        .results = executor->keys.results,
        .decisions = router->keys.decisions,
        .settings = router->keys.settings,
    };
}

const char *explanation_fate(const struct explanation *explanation)
{
    static const char *const names[] = {[EXPLAINED_WAITING] = "waiting",
                                        [EXPLAINED_PENDING] = "pending",
                                        [EXPLAINED_UNREAD] = "unread",
                                        [EXPLAINED_UNTOLD] = "unknown"};

    return explanation->has_fate ? fate_name(explanation->own.fate) : names[explanation->state];
}
