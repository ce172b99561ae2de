/* SPDX-License-Identifier: MIT */
/*
 * A record as a commit writes it, and as an entry of the stream: a test changes a field and reads
 * it back. There is one at a time.
 */
#pragma once

#include "common/base/entry.h"
#include "router/decide/again.h"
#include "router/decide/plan.h"
#include "router/decide/record.h"

/* The digest that stands in it. */
#define SAMPLE_SETTINGS "5e77000000000000000000000000000000000000000000000000000000005e77"

/* Of a plan that was made; its intents have the ids 9000-1, 9000-2 and so on. */
void record_sample_make(const struct snapshot *snapshot, const struct window *window,
                        const struct plan *plan);

/* A field's value, NULL: the record does not have it. The text outlives the sample. */
void record_sample_set(enum record_field field, const char *text);

/* As it stands in the stream. */
const struct entry *record_sample_entry(void);
void record_sample_release(void);

/* What is recorded of this plan is decided again by these rules, and is identical. */
void expect_decided_again(const struct again_rules *rules, const struct snapshot *snapshot,
                          const struct window *window, const struct plan *plan);
