/* SPDX-License-Identifier: MIT */
/*
 * The dead letters of a drain: how the executor calls their stream, how many it keeps, and whether
 * this drain writes any.
 *
 * It writes them for the executor's own intents only, where they can be redriven. A run from the
 * start writes none: it goes through history, for which the executor has written its own.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ctl/drain/decide/drain_filter.h"
#include "ctl/frame/executor_configuration.h"

struct drain_dead_letters {
    const char *stream;
    int64_t maxlen; /* about so many are kept */
    bool are_written;
    struct executor_configuration executor;
};

/* `config` is the executor's file, as for executor_configuration_read(). Returns negative when its
 * settings matter and are not sound, and has said so; to be released in any case. */
int drain_dead_letters_read(struct drain_dead_letters *dead_letters,
                            const struct router_settings *router, const char *config,
                            const char *drained, bool is_from_start)
    __attribute__((warn_unused_result));

/* Whether this entry becomes one. What is gone from the stream cannot be tried again. */
bool drain_dead_letters_want(const struct drain_dead_letters *dead_letters,
                             enum drain_action action, bool is_gone);
void drain_dead_letters_release(struct drain_dead_letters *dead_letters);
