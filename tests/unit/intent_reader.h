/* SPDX-License-Identifier: MIT */
/*
 * The inverse of intent_write(), for what the router makes: so that tests can say that nothing is
 * lost on the way. Programs read intents as the one who wrote them may have (order.h).
 */
#pragma once

#include "common/trade/intent.h"

/* False when a field is missing or malformed. On true the caller owes intent_release(). */
bool intent_read(const char *text, size_t length, struct intent *ret_intent);
