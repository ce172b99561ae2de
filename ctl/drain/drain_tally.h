/* SPDX-License-Identifier: MIT */
/*
 * What a drain has done so far, in numbers. In a live run an entry counts when Redis has said that
 * it is audited and ACKed. A plain value.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ctl/drain/drain_filter.h"

struct drain_tally {
    uint64_t by_action[DRAIN_ACTIONS];
    uint64_t gone;    /* of these: pending, but no longer in the stream */
    uint64_t letters; /* of these: they became dead letters */
    uint64_t taken;   /* not ours any more when their turn came; nothing was done about them */
    uint64_t failed;  /* in a batch that was refused, or that nothing was heard of */
};

/* One entry, settled; `is_gone`: it was no longer in the stream. */
void drain_tally_add(struct drain_tally *tally, enum drain_action action, bool is_gone,
                     bool is_letter);

uint64_t drain_tally_errors(const struct drain_tally *tally);
uint64_t drain_tally_processed(const struct drain_tally *tally);
uint64_t drain_tally_filtered(const struct drain_tally *tally);
