/* SPDX-License-Identifier: MIT */
/*
 * What the policy would allow right now: looked at with the router's own script, decided by the
 * router's own rules, as a router sees the world when it starts, and told in the words of its log.
 * A plain value until capacity_look_release().
 */
#pragma once

#include <stdio.h>

#include "ctl/frame/ask.h"
#include "router/decide/snapshot.h"

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
