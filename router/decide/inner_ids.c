/* SPDX-License-Identifier: MIT */
#include "router/decide/inner_ids.h"

#include "common/base/text_set.h"
#include "common/trade/decision_id.h"

enum { MINUTE_MS = 60000 };

/* The one that is remembered, or a new one in the place of another. */
static struct inner_id *find(struct inner_ids *ids, uint64_t hash)
{
    struct inner_id *set = ids->slots[hash % INNER_IDS_SETS];
    struct inner_id *oldest = set;

    for (struct inner_id *at = set; at < set + INNER_IDS_WAYS; at++) {
        if (at->hash == hash)
            return at;
        if (at->used_ms < oldest->used_ms)
            oldest = at;
    }
    *oldest = (struct inner_id){.hash = hash};
    return oldest;
}

/* Entries that are taken over from others come later than younger ones. */
static void put_symbol(struct inner_id *id, uint64_t hash, uint64_t at_ms)
{
    struct inner_id_symbol *oldest = id->symbols;

    for (struct inner_id_symbol *at = id->symbols; at < id->symbols + INNER_IDS_SYMBOLS; at++) {
        if (at->at_ms > 0 && at->hash == hash) {
            at->at_ms = at->at_ms < at_ms ? at_ms : at->at_ms;
            return;
        }
        if (at->at_ms < oldest->at_ms)
            oldest = at;
    }
    if (at_ms > oldest->at_ms)
        *oldest = (struct inner_id_symbol){hash, at_ms};
}

static bool has_too_many(const struct inner_id *id)
{
    uint64_t first = UINT64_MAX, last = 0;

    for (const struct inner_id_symbol *at = id->symbols; at < id->symbols + INNER_IDS_SYMBOLS;
         at++) {
        first = at->at_ms < first ? at->at_ms : first;
        last = at->at_ms > last ? at->at_ms : last;
    }
    return first > 0 && last - first <= MINUTE_MS;
}

bool inner_ids_note(struct inner_ids *ids, const char *id, const char *symbol,
                    struct stream_id entry)
{
    struct inner_id *known = find(ids, text_hash(id));

    known->used_ms = entry.ms > known->used_ms ? entry.ms : known->used_ms;
    put_symbol(known, text_hash(symbol), entry.ms);
    if (!known->is_shared && has_too_many(known)) {
        known->is_shared = true;
        known->since = entry;
    }
    return known->is_shared && stream_id_compare(entry, known->since) >= 0;
}

void inner_ids_name(struct inner_ids *ids, struct signal_draft *draft, inner_id_shared_fn *shared,
                    void *owner)
{
    struct signal *signal = &draft->signal;

    if (decision_id_beside(&draft->fields, signal->decision_id))
        return;
    for (size_t i = 0; i < DECISION_ID_NAMES; i++) {
        const char *name = decision_id_names[i];
        if (!decision_id_inside(&draft->fields, name, signal->decision_id))
            continue;
        if (!inner_ids_note(ids, signal->decision_id, signal->symbol, signal->id))
            return;
        shared(owner, signal, name);
    }
    stream_id_print(signal->id, signal->decision_id);
}
