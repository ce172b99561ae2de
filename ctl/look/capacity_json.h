/* SPDX-License-Identifier: MIT */
/*
 * The capacity in documents, one way for quantumctl status and capacity show. New references.
 */
#pragma once

#include <jansson.h>

#include "ctl/look/capacity_look.h"

/* "open_orders", "state", "limits", "allowed_in_a_cycle", "supers_only", "in_flight". */
json_t *capacity_json(const struct capacity_look *look);

/* "set", "value", "ttl_sec". */
json_t *capacity_json_safe_mode(const struct capacity_look *look);
