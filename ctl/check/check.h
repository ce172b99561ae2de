/* SPDX-License-Identifier: MIT */
/*
 * quantumctl check: what its parts share.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ctl/frame/command.h"

extern const struct ctl_command check_command;

struct check_values {
    bool json;
    bool form; /* of check signals */
    int64_t last;
    int program; /* of check config */
};

/* The parts. */
int check_signals(const struct invocation *invocation);
int check_intents(const struct invocation *invocation);
int check_stream(const struct invocation *invocation);
