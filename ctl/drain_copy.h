/* SPDX-License-Identifier: MIT */
/*
 * An entry's copy for the stream that survivors are forwarded to: all its fields, `replay_of` with
 * its id, and its original time.
 *
 * The copy has a new id. So one whose time was only told by its id gets a timestamp, and one whose
 * decision was only named by its id a trace_id: no copy looks younger, or like another decision,
 * than the original. Pure but for the command that it writes to.
 */
#pragma once

#include "common/base/entry.h"
#include "common/redis/command.h"
#include "ctl/drain_filter.h"

/* Adds the number of the copy's arguments, then these. */
void drain_copy_add(struct command *command, const struct entry *entry,
                    const struct drain_event *event);
