/* SPDX-License-Identifier: MIT */
#include "ctl/past/record_chain.h"

#include <string.h>

#include "common/base/number.h"
#include "router/decide/record.h"

/* "17-42" is the forty-second commit; 0: it does not say. */
static uint64_t sequence_of(const struct recorded *recorded)
{
    const char *dash = strrchr(recorded->cycle_id, '-');
    int64_t sequence;

    if (!dash || !number_read_integer(dash + 1, strlen(dash + 1), &sequence) || sequence < 0)
        return 0;
    return (uint64_t)sequence;
}

static void note_gap(struct record_chain *chain, struct stream_id id)
{
    if (chain->gaps++ == 0)
        chain->first_gap = id;
}

static void note_broken(struct record_chain *chain, struct stream_id id)
{
    if (!chain->is_broken)
        chain->broken_at = id;
    chain->is_broken = true;
}

/* A record that names the one before it may still follow commits that wrote none. */
static void compare(struct record_chain *chain, const struct record_item *item, uint64_t sequence)
{
    enum record_link link = recorded_link(&item->entry, chain->digest);
    bool skips = sequence > 0 && chain->sequence > 0 && sequence != chain->sequence + 1;

    if (link == LINK_BROKEN)
        note_broken(chain, item->entry.id);
    else if (link == LINK_GAP || skips)
        note_gap(chain, item->entry.id);
}

void record_chain_add(struct record_chain *chain, const struct record_item *item,
                      const struct recorded *recorded)
{
    bool has_digest = item->entry.count <= ENTRY_FIELDS_MAX;
    uint64_t sequence = sequence_of(recorded);

    if (chain->digest[0] && item->follows && has_digest)
        compare(chain, item, sequence);
    else if (chain->digest[0] && !item->follows)
        chain->trimmed++;
    else if (!has_digest)
        note_gap(chain, item->entry.id);
    chain->digest[0] = '\0';
    if (has_digest)
        record_digest(&item->entry, chain->digest);
    chain->sequence = sequence;
}

const char *record_chain_name(const struct record_chain *chain)
{
    if (chain->is_broken)
        return "broken";
    return chain->gaps > 0 ? "gaps" : "whole";
}
