/* SPDX-License-Identifier: MIT */
/*
 * The signals of the benchmark: number N is always the same one, and of every thousand a given
 * share passes the gate.
 *
 * Written as they go over the wire, names and values in turn, so that what fills a stream and
 * what makes up a reply work on the same bytes. No heap.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
    DECK_WORDS = 12,      /* names and values of an entry */
    DECK_BYTES_MAX = 900, /* of an entry */
};

struct deck {
    uint64_t passing; /* in a thousand; a round third is written 333 */
    uint64_t symbols;
    double low, high; /* confidences of those that pass lie between */
};

/* Writes signal `number` as DECK_WORDS bulk strings; returns their length. */
size_t deck_write(const struct deck *deck, uint64_t number, char ret_bytes[static DECK_BYTES_MAX]);
