/* SPDX-License-Identifier: MIT */
/*
 * What the policy would allow right now: looked at with the router's own script, decided by the
 * router's own rules, as a router sees the world when it starts, and told in the words of its log.
 * A plain value until capacity_look_release().
 */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "common/redis/client.h"
#include "ctl/frame/ask.h"
#include "router/decide/snapshot.h"
#include "router/settings/settings.h"

struct capacity_look {
    const struct router_settings *settings;
    struct snapshot snapshot;
    struct allowance allowance;
};

/* Negative: it could not be read, which was told. */
int capacity_look_read(const struct ask *ask, const struct router_settings *settings,
                       struct capacity_look *ret_look) __attribute__((warn_unused_result));
void capacity_look_release(struct capacity_look *look);

/* "CAPACITY_OK open=1 target=3 allowed=2", one line. */
void capacity_look_print_state(const struct capacity_look *look, FILE *out);

/* Lines for what else holds it back, suspect and the day's limit, and for safe mode; often none. */
void capacity_look_print_limits(const struct capacity_look *look, FILE *out);
void capacity_look_print_safe_mode(const struct capacity_look *look, FILE *out);

/* The key that halts. */
void capacity_look_halt_key(const struct capacity_look *look, char ret_key[static KEY_MAX + 1]);

/* What safe mode or its reason says, escaped, at its whole length. */
#define CAPACITY_LOOK_SAFE_MAX (4 * SAFE_TEXT_MAX)
void capacity_look_safe_text(const char *text, char ret_text[static CAPACITY_LOOK_SAFE_MAX]);

/* Intents that a cycle would publish now. */
int64_t capacity_look_allowed(const struct capacity_look *look);

/*
 * Who set safe mode, when and why, in words: the key beside the safe-mode key. What goes wrong with
 * it never stops what is done to safe mode itself, and is told or left out.
 */

/* Its name; the caller frees it. */
char *safe_reason_key(const struct keys *keys);

/* As it stands there, up to so many bytes, or empty. Negative: the connection broke. */
int safe_reason_read(struct client *client, const struct keys *keys,
                     char ret_reason[static SAFE_TEXT_MAX + 1]) __attribute__((warn_unused_result));

/* " reason='…'", escaped, or empty. */
#define SAFE_REASON_MAX (4 * SAFE_TEXT_MAX + 16)
void safe_reason_print(const char *reason, char ret_text[static SAFE_REASON_MAX]);

/*
 * The capacity in documents, one way for quantumctl status and capacity show. New references.
 */

/* "open_orders", "state", "limits", "allowed_in_a_cycle", "supers_only", "in_flight". */
json_t *capacity_json(const struct capacity_look *look);

/* "set", "value", "ttl_sec". */
json_t *capacity_json_safe_mode(const struct capacity_look *look);
