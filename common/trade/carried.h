/* SPDX-License-Identifier: MIT */
/*
 * What a signal hands on to its intent unread: prices, stops, the names of model and strategy, and
 * whatever the operator lists in intent.carry; of its quantity the plan decides. A field of a wrong
 * type is left out, and so is a price or quantity that is none, which the executor would refuse; it
 * never spoils the signal. Pure.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "common/options/options.h"
#include "common/trade/fields.h"

/* A new object of the fields that are there and of the right type. */
json_t *carried_read(const struct fields *fields, const struct names *further);

/* Whether a text may stand in an intent: bounded, UTF-8. */
bool carried_text_fits(const struct value *text);
