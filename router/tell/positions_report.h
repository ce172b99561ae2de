/* SPDX-License-Identifier: MIT */
/*
 * POSITIONS_UNKNOWN and POSITIONS_KNOWN: whether it is known what is held, each time that this
 * changes. Embedded in the report of cycles.
 */
#pragma once

#include "router/decide/snapshot.h"
#include "router/settings/settings.h"

struct positions_report {
    struct holdings told; /* why it was not known, when that was told last; else it is known */
};

void positions_report_tell(struct positions_report *report, const struct router_settings *settings,
                           const struct snapshot *snapshot);
