/* SPDX-License-Identifier: MIT */
/*
 * The cheap test at the door: most signals fail the quality gate, and to find that out needs no
 * document.
 *
 * It looks for the top-level confidence in the bare text. It says yes only where the full parser
 * would drop the entry too, for this reason or a worse one; in all other cases it says nothing, and
 * the parser decides. Pure.
 */
#pragma once

#include <stdbool.h>

#include "common/base/entry.h"

/* Whether the entry's document has a confidence that is surely below `min_confidence`. */
bool gate_is_surely_low(const struct entry *entry, double min_confidence, double *ret_confidence);
