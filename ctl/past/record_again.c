/* SPDX-License-Identifier: MIT */
#include "ctl/past/record_again.h"

#include <stdio.h>

int record_again(struct recorded *recorded, struct records *source, struct record_rules *rules,
                 bool any_core, struct record_again *ret_again)
{
    struct record_again again = {0};
    const char *why;

    if (again_is_beyond(recorded, any_core, &again.again)) {
        *ret_again = again;
        return 0;
    }
    int found = record_rules_find(rules, source, recorded->settings, &again.settings, &why);
    if (found < 0)
        return found;
    if (found > 0) {
        again.again.outcome = AGAIN_NOT_COMPARABLE;
        (void)snprintf(again.again.why, sizeof again.again.why, "%s", why);
    } else {
        again_decide(recorded, &again.settings->rules, &again.plan);
        again.again = again_compare(recorded, &again.plan);
        again.is_decided = true;
    }
    *ret_again = again;
    return 0;
}

void record_again_release(struct record_again *again)
{
    if (again->is_decided)
        plan_release(&again->plan);
    again->is_decided = false;
}
