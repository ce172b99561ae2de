/* SPDX-License-Identifier: MIT */
/*
 * Whether the records that are read are those that were written, each behind the one before it: by
 * the digests that they name, and by the numbers of their commits. Embedded in who reads them; fed
 * with every entry in turn. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/sha256.h"
#include "ctl/past/records.h"
#include "router/decide/record_read.h"

struct record_chain {
    char digest[SHA256_TEXT_MAX]; /* of the last entry; empty: not known */
    uint64_t sequence;            /* of its commit; 0: not known */

    uint64_t gaps; /* places where commits have no record, or nobody knows */
    struct stream_id first_gap;
    bool is_broken;
    struct stream_id broken_at; /* the first one that names another than the one before it */
    uint64_t trimmed;           /* places where the stream was trimmed while it was read */
};

/* `recorded` is what was read of it. */
void record_chain_add(struct record_chain *chain, const struct record_item *item,
                      const struct recorded *recorded);

/* "whole", "gaps", "broken". */
const char *record_chain_name(const struct record_chain *chain);
