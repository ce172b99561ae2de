/* SPDX-License-Identifier: MIT */
/*
 * Who set safe mode, when and why, in words: the key beside the safe-mode key. What goes wrong with
 * it never stops what is done to safe mode itself, and is told or left out.
 */
#pragma once

#include "common/redis/client.h"
#include "router/decide/snapshot.h"
#include "router/settings/keys.h"

/* Its name; the caller frees it. */
char *safe_reason_key(const struct keys *keys);

/* As it stands there, up to so many bytes, or empty. Negative: the connection broke. */
int safe_reason_read(struct client *client, const struct keys *keys,
                     char ret_reason[static SAFE_TEXT_MAX + 1]) __attribute__((warn_unused_result));

/* " reason='…'", escaped, or empty. */
#define SAFE_REASON_MAX (4 * SAFE_TEXT_MAX + 16)
void safe_reason_print(const char *reason, char ret_text[static SAFE_REASON_MAX]);
