/* SPDX-License-Identifier: MIT */
/*
 * The id of a decision, by which it is published once at most: the first of correlation_id,
 * trace_id and entry id that says something. It becomes part of a key, so what is long or
 * unprintable is replaced by its hash. Pure.
 */
#pragma once

#include "common/trade/fields.h"
#include "common/trade/signal.h"

void decision_id_of(const struct fields *fields, char ret_id[static DECISION_ID_MAX + 1]);

/* The same of one value: false when it says nothing, because it is absent, neither text nor number,
 * empty, or "0", "null" or "none". A number counts as its text. */
bool decision_id_take(struct value id, char ret_id[static DECISION_ID_MAX + 1]);
