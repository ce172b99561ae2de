/* SPDX-License-Identifier: MIT */
/*
 * A figure with its doubt, as documents tell it.
 */
#pragma once

#include <jansson.h>

#include "ctl/past/decide/statistics.h"

/* With four decimals; null where it is not known. */
json_t *answer_number(double value, bool is_known);

json_t *answer_json(const struct answer *answer);
