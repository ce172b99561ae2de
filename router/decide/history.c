/* SPDX-License-Identifier: MIT */
#include "router/decide/history.h"

#include <stdio.h>
#include <string.h>

void history_begin(struct history *history, uint64_t sequence, bool fresh, const char *resumed)
{
    history->known = false; /* another router may have published since */
    if (sequence < history->sequence && !fresh && !history->rolled_back) {
        history->rolled_back = true;
        (void)snprintf(history->resumed, sizeof history->resumed, "%s", resumed);
    }
    if (!history->rolled_back)
        history->sequence = sequence;
}

/* At first what the commit hash kept counts, if the key is still what it was then. */
static void see_open_orders(struct history *history, const struct snapshot *snapshot)
{
    const char *last = history->known ? history->open_seen : snapshot->kept_seen;
    bool same = strcmp(last, snapshot->open_seen) == 0;

    if (!history->known)
        history->published_since = snapshot->kept_published_since;
    if (!same)
        history->published_since = 0;
    history->known = true;
    (void)snprintf(history->open_seen, sizeof history->open_seen, "%s", snapshot->open_seen);
}

void history_see(struct history *history, struct snapshot *snapshot)
{
    see_open_orders(history, snapshot);
    if (history->rolled_back && strcmp(history->resumed, snapshot->resumed) != 0) {
        history->rolled_back = false;
        history->sequence = snapshot->sequence;
    }
    snapshot->capacity.published_since = history->published_since;
    snapshot->capacity.rolled_back = history->rolled_back;
    snapshot->sequence_expected = history->sequence;
}

void history_committed(struct history *history, uint64_t sequence, int64_t published)
{
    if (!history->rolled_back)
        history->sequence = sequence;
    history->published_since += published;
}
