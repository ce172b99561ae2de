/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ctl/frame/document.h"
#include "ctl/past/record_json.h"
#include "ctl/why/explanation.h"

static json_t *known_id(struct stream_id id, bool is_known)
{
    return is_known ? document_id(id) : json_null();
}

static json_t *rank_of(const struct explained_row *row, bool is_known)
{
    return is_known && row->rank > 0 ? json_integer(row->rank) : json_null();
}

static json_t *row_json(const struct explained_row *row)
{
    return json_pack("{s:o, s:s, s:s, s:f, s:f, s:s, s:o, s:o, s:o}", "signal_id",
                     document_id(row->signal_id), "symbol", row->symbol, "side",
                     side_name(row->side), "confidence", row->confidence, "score", row->score,
                     "fate", fate_name(row->fate), "rank", rank_of(row, true), "intent_id",
                     known_id(row->result.intent_id, row->has_intent), "result",
                     row->has_intent ? result_json(&row->result) : json_null());
}

static json_t *above_json(const struct explanation *explanation)
{
    json_t *list = json_array();

    for (size_t i = 0; i < explanation->above_count; i++)
        (void)json_array_append_new(list, row_json(&explanation->above[i]));
    return list;
}

static json_t *value_of(const struct would_change *change, const char *text, double number)
{
    return change->is_number ? json_real(number) : json_string(text);
}

static json_t *passes_json(const struct would_pass *would)
{
    json_t *list = json_array();

    for (size_t i = 0; i < would->count; i++) {
        const struct would_change *change = &would->passes[i];
        (void)json_array_append_new(
            list, json_pack("{s:s, s:o, s:o}", "change", change->what, "from",
                            value_of(change, change->from, change->from_number), "to",
                            value_of(change, change->to, change->to_number)));
    }
    return list;
}

static json_t *not_passes_json(const struct would_pass *would)
{
    json_t *list = json_array();

    for (size_t i = 0; i < would->not_count; i++)
        (void)json_array_append_new(list, json_string(would->not_passes[i]));
    return list;
}

static void put_terms(json_t *document, const struct explanation *explanation)
{
    const struct explained_row *own = &explanation->own;
    bool is_known = explanation->has_terms;

    document_put(document, "signal_id", document_id(own->signal_id));
    document_put(document, "symbol", is_known ? json_string(own->symbol) : json_null());
    document_put(document, "side", is_known ? json_string(side_name(own->side)) : json_null());
    document_put(document, "confidence", is_known ? json_real(own->confidence) : json_null());
    document_put(document, "score", is_known ? json_real(own->score) : json_null());
    document_put(document, "fate", json_string(explanation_fate(explanation)));
    document_put(document, "derived", json_boolean(explanation->state == EXPLAINED_DERIVED));
}

static void put_cycle(json_t *document, const struct explanation *explanation)
{
    bool is_recorded = explanation->state == EXPLAINED_RECORDED;

    document_put(document, "record", known_id(explanation->record, is_recorded));
    document_put(document, "cycle_id",
                 is_recorded ? document_text(explanation->cycle_id, strlen(explanation->cycle_id))
                             : json_null());
    document_put(document, "at_ms",
                 is_recorded ? json_integer((json_int_t)explanation->at_ms) : json_null());
    document_put(document, "rank", rank_of(&explanation->own, is_recorded));
    document_put(document, "of",
                 is_recorded ? json_integer((json_int_t)explanation->of) : json_null());
    document_put(document, "candidates",
                 is_recorded ? json_integer((json_int_t)explanation->candidates) : json_null());
    document_put(document, "allowed",
                 is_recorded ? json_integer((json_int_t)explanation->allowed) : json_null());
    document_put(document, "cut", explanation->has_cut ? json_real(explanation->cut) : json_null());
    document_put(document, "world",
                 is_recorded ? record_words_json(explanation_words(explanation)) : json_null());
    document_put(document, "above", above_json(explanation));
}

static void put_outcome(json_t *document, const struct explanation *explanation)
{
    const struct explained_row *own = &explanation->own;
    bool is_recorded = explanation->state == EXPLAINED_RECORDED;

    document_put(document, "decision_id",
                 is_recorded
                     ? document_text(explanation->decision_id, strlen(explanation->decision_id))
                     : json_null());
    document_put(document, "intent_id", known_id(own->result.intent_id, own->has_intent));
    document_put(document, "result", own->has_intent ? result_json(&own->result) : json_null());
    document_put(document, "would_pass", passes_json(&explanation->would));
    document_put(document, "would_not", not_passes_json(&explanation->would));
    document_put(document, "replayed",
                 is_recorded ? json_string(again_name(explanation->replayed.outcome))
                             : json_null());
    document_put(document, "note",
                 explanation->note[0] ? json_string(explanation->note) : json_null());
}

static void put_all(json_t *document, const struct explanation *explanation)
{
    put_terms(document, explanation);
    put_cycle(document, explanation);
    put_outcome(document, explanation);
}

json_t *explanations_json(const struct explanations *explanations)
{
    json_t *document = document_new();
    json_t *list;

    if (explanations->count == 1) {
        put_all(document, &explanations->list[0]);
        return document;
    }
    list = json_array();
    for (size_t i = 0; i < explanations->count; i++) {
        json_t *one = json_object();
        put_all(one, &explanations->list[i]);
        (void)json_array_append_new(list, one);
    }
    document_put(document, "explanations", list);
    return document;
}
