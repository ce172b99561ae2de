/* SPDX-License-Identifier: MIT */
/*
 * The id of a decision, by which it is published and executed once at most: the first that says
 * something of correlation_id and trace_id beside the document, the same inside it, and the entry's
 * id. Router and executor ask here, so that both know a decision by one name, however it is
 * written. It becomes part of a key, so what is long or unprintable is replaced by its hash. Pure.
 */
#pragma once

#include "common/trade/fields.h"
#include "common/trade/signal.h"

/* What may hold it, beside a document and inside it, in this order. */
enum { DECISION_ID_NAMES = 2 };
extern const char *const decision_id_names[DECISION_ID_NAMES];

void decision_id_of(const struct fields *fields, char ret_id[static DECISION_ID_MAX + 1]);

/* The same without the entry's id: false when nothing else says something. */
bool decision_id_said(const struct fields *fields, char ret_id[static DECISION_ID_MAX + 1]);

/* The first beside the document; and that of one name inside it. */
bool decision_id_beside(const struct fields *fields, char ret_id[static DECISION_ID_MAX + 1]);
bool decision_id_inside(const struct fields *fields, const char *name,
                        char ret_id[static DECISION_ID_MAX + 1]);

/* The same of one value: false when it says nothing, because it is absent, neither text nor number,
 * empty, or "0", "null" or "none". A number counts as its text. */
bool decision_id_take(struct value id, char ret_id[static DECISION_ID_MAX + 1]);
