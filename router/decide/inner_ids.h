/* SPDX-License-Identifier: MIT */
/*
 * Ids inside documents, and for which symbols each stood within a minute: one that stands for more
 * than three is no decision's. A producer that writes its batch's id there would otherwise publish
 * one signal of each batch.
 *
 * From the entry that shows it on, such an id counts as no decision's for as long as it is
 * remembered. What was taken under it before keeps it, even when it is read again. Time is that of
 * the entries' ids, so the same entries in the same order give the same answers, whenever they are
 * read. Not so in a process that has not seen them all: there the first three symbols of an id are
 * taken under it once more, which loses an opening and doubles none, for what was published was
 * ACKed with it. Bounded: what was not used the longest gives way. Two ids whose hashes are one
 * count as one. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/trade/signal.h"

enum {
    INNER_IDS_SYMBOLS = 4, /* so many within a minute are too many */
    INNER_IDS_SETS = 32,
    INNER_IDS_WAYS = 8,
};

struct inner_id {
    uint64_t hash;
    uint64_t used_ms;
    struct inner_id_symbol {
        uint64_t hash;
        uint64_t at_ms; /* last; 0: none */
    } symbols[INNER_IDS_SYMBOLS];
    bool is_shared;
    struct stream_id since; /* where it is: the entry that showed it */
};

struct inner_ids {
    struct inner_id slots[INNER_IDS_SETS][INNER_IDS_WAYS];
};

/* An entry has this id inside its document and is for this symbol. True: the id is no decision's.
 */
bool inner_ids_note(struct inner_ids *ids, const char *id, const char *symbol,
                    struct stream_id entry);

/* Is told of a field whose id is no decision's, while that stands in the signal. */
typedef void inner_id_shared_fn(void *owner, const struct signal *signal, const char *field);

/* Gives a draft the id of its decision, as decision_id.h finds it, but for what is no decision's.
 */
void inner_ids_name(struct inner_ids *ids, struct signal_draft *draft, inner_id_shared_fn *shared,
                    void *owner);
