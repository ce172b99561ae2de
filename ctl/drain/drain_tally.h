/* SPDX-License-Identifier: MIT */
/*
 * What a drain has done so far, in numbers. In a live run an entry counts when Redis has said that
 * it is audited and ACKed. Embedded in the run; the writer counts, the report tells. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ctl/drain/decide/drain_filter.h"

struct drain_tally {
    uint64_t by_action[DRAIN_ACTIONS];
    uint64_t gone;         /* of these: pending, but no longer in the stream */
    uint64_t dead_letters; /* of these: they became dead letters */
    uint64_t taken;        /* no longer ours when their turn came, and left alone */
    uint64_t failed;       /* in a batch that was refused or not answered */
};

/* One entry that was settled; `is_gone`: it was no longer in the stream. */
void drain_tally_add(struct drain_tally *tally, enum drain_action action, bool is_gone,
                     bool is_dead_letter);

uint64_t drain_tally_errors(const struct drain_tally *tally);
uint64_t drain_tally_processed(const struct drain_tally *tally);
uint64_t drain_tally_filtered(const struct drain_tally *tally);
