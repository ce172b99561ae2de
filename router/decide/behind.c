/* SPDX-License-Identifier: MIT */
#include "router/decide/behind.h"

enum { MINUTE_MS = 60000 };

void behind_note(struct behind *behind, const struct signal_verdict *verdict, uint64_t now_ms)
{
    bool is_stale = verdict->drop == DROP_STALE && verdict->behind_ms > 0;
    bool is_well = verdict->drop == DROP_NONE || verdict->drop == DROP_HOLD ||
                   verdict->drop == DROP_CLOSE || verdict->drop == DROP_NOT_LISTED;

    if (!is_stale && !is_well)
        return;
    if (behind->begun_ms == 0)
        behind->begun_ms = now_ms;
    if (is_stale && (behind->stale == 0 || verdict->behind_ms < behind->least_ms))
        behind->least_ms = verdict->behind_ms;
    behind->stale += is_stale;
    behind->others += is_well;
}

bool behind_take(struct behind *behind, uint64_t now_ms)
{
    if (behind->begun_ms == 0 || now_ms - behind->begun_ms < MINUTE_MS)
        return false;
    bool is_behind = behind->stale > 0 && behind->others == 0;
    *behind = (struct behind){.told_ms = is_behind ? behind->least_ms : 0};
    return is_behind;
}
