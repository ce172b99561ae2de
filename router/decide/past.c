/* SPDX-License-Identifier: MIT */
#include "router/decide/past.h"

#include <stdio.h>
#include <string.h>

void past_begin(struct past *past, const char *cycle_id)
{
    (void)snprintf(past->last, sizeof past->last, "%s", *cycle_id ? cycle_id : "none");
    memcpy(past->sent, past->last, sizeof past->sent);
}

void past_sent(struct past *past, const char *cycle_id)
{
    (void)snprintf(past->sent, sizeof past->sent, "%s", cycle_id);
}

void past_confirmed(struct past *past)
{
    memcpy(past->last, past->sent, sizeof past->last);
}

/* They ask several times a second. */
void past_heard(struct past *past, int64_t asked_ms, int64_t now_ms)
{
    enum { LONG_AGO_MS = 60000 };

    past->has_rival = asked_ms > 0 && now_ms - asked_ms < LONG_AGO_MS;
}

void past_forget(struct past *past)
{
    past->last[0] = past->sent[0] = '\0';
    past->has_rival = true;
}

void past_last(const struct past *past, uint64_t now_ms, char ret_last[static PAST_LAST_MAX])
{
    bool may_have_been_deposed = past->has_rival && now_ms >= past->held_until_ms;

    ret_last[0] = '\0';
    if (past->last[0] && !may_have_been_deposed)
        (void)snprintf(ret_last, PAST_LAST_MAX, " %s %s ", past->last, past->sent);
}
