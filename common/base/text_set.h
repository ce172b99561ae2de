/* SPDX-License-Identifier: MIT */
/*
 * A set of texts that others own, sized once for as many as will ever be added. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text_set {
    const char **slots;
    size_t mask;
    size_t count;
};

void text_set_init(struct text_set *set, size_t count_max);
void text_set_deinit(struct text_set *set);

/* False when it was there already. */
bool text_set_add(struct text_set *set, const char *text);
bool text_set_has(const struct text_set *set, const char *text);

/* Where a text is, from 0 to the mask, for as long as the set lives; TEXT_SET_NONE when it is not.
 */
#define TEXT_SET_NONE SIZE_MAX
size_t text_set_slot(const struct text_set *set, const char *text);

/* A quick hash of a text, for tables in memory; what must hold against an adversary takes SHA-256.
 */
uint64_t text_hash(const char *text);
