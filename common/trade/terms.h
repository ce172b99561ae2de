/* SPDX-License-Identifier: MIT */
/*
 * The terms that signals and intents share: which symbol, when it was said, and how large a number
 * may be. Which way it points is direction.h. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/trade/fields.h"
#include "common/trade/signal.h"

/* No size, price or quantity is larger: a double holds all that is smaller to the cent, and what is
 * worked out of two of them is finite. */
#define TERMS_NUMBER_MAX 1e15

/* The year 2000: what says that it is older has no clock. */
#define TERMS_MOMENT_MIN_MS INT64_C(946684800000)

/* The document's symbol, trimmed and in capitals. */
bool terms_read_symbol(const struct fields *fields, char ret_symbol[static SYMBOL_MAX + 1]);

/* The same of a text that stands alone. */
bool terms_take_symbol(const char *bytes, size_t length, char ret_symbol[static SYMBOL_MAX + 1]);

/* Whether it is a symbol as it stands, neither trimmed nor put into capitals. */
bool terms_is_symbol(const char *bytes, size_t length);

/* JSON true, or the texts "true" and "1" in any case. */
bool terms_read_truth(const struct fields *fields, const char *name);

/* The document's timestamp: ISO 8601, where no zone means UTC, or an epoch in seconds or
 * milliseconds. */
bool terms_read_moment(const struct fields *fields, int64_t *ret_ms);

/* The same of a text that stands alone. */
bool terms_take_moment(const char *bytes, size_t length, int64_t *ret_ms);

/* A last price, as one who writes it down puts it: a number above 0. */
bool terms_take_price(const char *bytes, size_t length, double *ret_price);

/* An amount as a result tells it, of either sign: what is larger is none. */
bool terms_take_amount(const char *bytes, size_t length, double *ret_amount);

/* When the entry was written, by its id. */
int64_t terms_born_ms(const struct entry *entry);
