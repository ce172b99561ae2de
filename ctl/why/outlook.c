/* SPDX-License-Identifier: MIT */
#include "ctl/why/outlook.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/number.h"
#include "common/trade/evidence.h"
#include "common/trade/order.h"
#include "ctl/frame/document.h"
#include "router/decide/fate.h"

/* What a signal without a fate is: where the router goes on, a window decides. */
static const char candidate_name[] = "candidate";

struct outlook_rules outlook_rules(const struct router_settings *settings, bool is_of_form)
{
    struct outlook_rules rules = {
        .signal = settings->signal,
        .score = settings->score,
        .carries_quantity = settings->plan.carries_quantity,
        .is_of_form = is_of_form,
    };

    rules.signal.explain_low = true;
    if (is_of_form) {
        rules.signal.min_confidence = 0;
        rules.signal.by_id_alone = true;
        rules.signal.only = NULL;
    }
    return rules;
}

/* --- what speaks against it */

struct shown {
    char text[4 * EVIDENCE_BYTES_MAX + 8];
};

/* " (side:UP)"; empty where the entry says nothing there. */
static struct shown show(const struct entry *entry, enum rule rule)
{
    char text[4 * EVIDENCE_BYTES_MAX + 4];
    struct evidence evidence;
    struct shown shown = {""};

    evidence_read(entry, rule, &evidence);
    if (escape(evidence.value.bytes, evidence.value.length, EVIDENCE_BYTES_MAX, text, sizeof text) >
        0)
        (void)snprintf(shown.text, sizeof shown.text, " (%s)", text);
    return shown;
}

static char *say_low(const struct outlook_rules *rules, const struct signal_verdict *verdict)
{
    char is[NUMBER_TEXT_MAX], least[NUMBER_TEXT_MAX];

    number_shortest(verdict->confidence, is);
    number_shortest(rules->signal.min_confidence, least);
    return memory_format("confidence %s is below %s", is, least);
}

static char *say_stale(const struct outlook_rules *rules, const struct signal_verdict *verdict,
                       int64_t now_ms)
{
    return memory_format(
        "its %s is %lld s old, over %lld s", verdict->behind_ms > 0 ? "timestamp" : "id",
        (long long)(now_ms - verdict->dated_ms) / 1000, (long long)rules->signal.max_age_ms / 1000);
}

static char *say_drop(const struct outlook_rules *rules, const struct entry *entry,
                      const struct signal_verdict *verdict, int64_t now_ms)
{
    switch (verdict->drop) {
    case DROP_STALE:
        return say_stale(rules, verdict, now_ms);
    case DROP_LOW_CONFIDENCE:
        return say_low(rules, verdict);
    case DROP_HOLD:
        return memory_text("it says HOLD");
    case DROP_CLOSE:
        return memory_text("it means an exit, and exits do not pass through the router");
    case DROP_NOT_LISTED:
        return memory_format("%s is not among window.symbols", verdict->symbol);
    default:
        return memory_format("%s%s", rule_words(verdict->rule), show(entry, verdict->rule).text);
    }
}

static const char *field_of(const struct signal_verdict *verdict)
{
    switch (verdict->drop) {
    case DROP_STALE:
        return "timestamp";
    case DROP_LOW_CONFIDENCE:
        return "confidence";
    case DROP_NOT_LISTED:
        return "symbol";
    case DROP_INVALID:
        return rule_name(verdict->rule);
    default:
        return "side";
    }
}

static struct outlook of_dropped(const struct outlook_rules *rules, const struct entry *entry,
                                 const struct signal_verdict *verdict, int64_t now_ms)
{
    bool is_understood = verdict->drop == DROP_HOLD || verdict->drop == DROP_CLOSE;
    char *why = say_drop(rules, entry, verdict, now_ms);
    struct outlook outlook = {
        .is_good = rules->is_of_form && is_understood,
        .field = field_of(verdict),
        .words = memory_format("the router would drop it: %s", why),
        .notes = json_array(),
        .document = json_pack("{s:s}", "fate", fate_name(fate_of_drop(verdict->drop))),
    };

    if (verdict->drop == DROP_INVALID)
        document_put(outlook.document, "rule", json_string(rule_name(verdict->rule)));
    document_put(outlook.document, "why", document_text(why, strlen(why)));
    free(why);
    return outlook;
}

/* --- what it would be */

__attribute__((format(printf, 2, 3))) static void add_note(json_t *notes, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    char *note = memory_format_list(format, arguments);
    va_end(arguments);
    (void)json_array_append_new(notes, json_string(note));
    free(note);
}

static void note_left_out(json_t *notes, const struct signal_draft *draft)
{
    size_t at = 0;
    const char *field;

    while ((field = signal_left_out(draft, &at)))
        add_note(notes, "its %s is left out: it is of a wrong type, out of range or too long",
                 field);
}

/* What its producer may not expect of it. */
static json_t *notes_of(const struct outlook_rules *rules, const struct signal_draft *draft)
{
    const struct signal *signal = &draft->signal;
    const char *near_size = signal_near_size(&rules->signal, draft);
    json_t *notes = json_array();

    if (signal->asked_usd > signal->position_size_usd)
        add_note(notes, "its size of $%.2f is cut to $%.2f", signal->asked_usd,
                 signal->position_size_usd);
    if (near_size)
        add_note(notes, "it has %s and no position_size_usd: $%.2f is taken", near_size,
                 signal->position_size_usd);
    if (!rules->carries_quantity && fields_get(&draft->fields, "quantity").kind != VALUE_ABSENT)
        add_note(notes, "its quantity is not carried (intent.quantity = drop)");
    note_left_out(notes, draft);
    return notes;
}

/* Null: its entry's id is, which it has not got yet. */
static json_t *decision_of(const struct signal *signal)
{
    char own[STREAM_ID_TEXT_MAX];

    stream_id_print(signal->id, own);
    return strcmp(signal->decision_id, own) == 0 ? json_null() : json_string(signal->decision_id);
}

static json_t *document_of(const struct signal *signal, double score)
{
    return json_pack("{s:s, s:s, s:s, s:f, s:f, s:f, s:f, s:o, s:O}", "fate", candidate_name,
                     "symbol", signal->symbol, "side", side_name(signal->side), "confidence",
                     signal->confidence, "score", number_round(score, 9), "position_size_usd",
                     signal->position_size_usd, "leverage", signal->leverage, "decision_id",
                     decision_of(signal), "carried", signal->carried);
}

static void note_shared_id(void *owner, const struct signal *signal, const char *field)
{
    (void)signal;
    add_note(owner, "its %s names over three symbols, so it is no decision's", field);
}

static struct outlook of_taken(const struct outlook_rules *rules, struct signal_draft *draft,
                               struct inner_ids *ids)
{
    json_t *notes = notes_of(rules, draft);
    if (ids)
        inner_ids_name(ids, draft, note_shared_id, notes);
    struct signal *signal = signal_make(&rules->signal, draft);
    double score = ranking_score(&rules->score, signal).score;
    struct outlook outlook = {
        .is_good = true,
        .field = "-",
        .words = memory_format("the router would take it: %s %s %.2f%% score %.3f", signal->symbol,
                               side_name(signal->side), signal->confidence * 100.0, score),
        .notes = notes,
        .document = document_of(signal, score),
    };

    signal_free(signal);
    return outlook;
}

struct outlook outlook_of(const struct outlook_rules *rules, const struct entry *entry,
                          struct inner_ids *ids, int64_t now_ms)
{
    struct signal_draft draft;

    struct signal_verdict verdict = signal_judge(&rules->signal, entry, now_ms, &draft);
    struct outlook outlook = verdict.drop == DROP_NONE ? of_taken(rules, &draft, ids)
                                                       : of_dropped(rules, entry, &verdict, now_ms);
    document_put(outlook.document, "notes", json_incref(outlook.notes));
    return outlook;
}

void outlook_release(struct outlook *outlook)
{
    free(outlook->words);
    json_decref(outlook->notes);
    json_decref(outlook->document);
}

char *outlook_of_intent(const struct entry *entry, enum rule *ret_rule)
{
    struct order order;

    *ret_rule = order_read(entry, &order);
    if (*ret_rule != RULE_NONE)
        return memory_format("the executor would make a dead letter of it: %s%s",
                             rule_words(*ret_rule), show(entry, *ret_rule).text);
    if (order.closes)
        return memory_format("the executor would read an exit of %s from it", order.symbol);
    return memory_format("the executor would read %s %s $%.2f from it", order.symbol,
                         order_action(&order), order.size_usd);
}
