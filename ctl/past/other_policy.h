/* SPDX-License-Identifier: MIT */
/*
 * A recorded window as another policy would have had it.
 */
#pragma once

#include "router/decide/record_read.h"
#include "router/settings/settings.h"

/* One below its gate, or of a symbol that is not its, would not have come into its window: it is
 * passed over, as a duplicate is. */
void other_policy_leave_out(struct recorded *recorded, const struct router_settings *settings);

/* Puts the rows, with all that was noted of each, into the order of these scores. */
void other_policy_rank(struct recorded *recorded, const struct score_rules *rules);
