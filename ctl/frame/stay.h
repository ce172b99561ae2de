/* SPDX-License-Identifier: MIT */
/*
 * A command that stays until a signal ends it, as a unit's or in a terminal: it connects to Redis
 * as often as that goes, tells systemd that it turns, and tells each trouble once.
 *
 * Embedded in the command's own struct; stay_end() when it ends.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/service/notify.h"
#include "ctl/frame/command.h"

struct stay {
    const struct ctl_command *command;
    const char *name; /* for CLIENT LIST */
    struct redis_settings redis;
    struct notify notify;
    struct client *client; /* NULL: not connected */
    int64_t backoff_ms;
    bool is_lost, is_ready;
    char *trouble; /* as it was told last; NULL: all is well */
};

/* From here on a signal is a wish. The settings outlive it. */
void stay_begin(struct stay *stay, const struct ctl_command *command,
                const struct redis_settings *redis, const char *name);
void stay_end(struct stay *stay);

/* Whether nobody wants it to end, and somebody still hears it. */
bool stay_goes_on(void);

/* A line on stdout, at once: it may be read by a journal, and ended at any moment. */
void stay_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Whether this is news; it goes on until it is forgotten. */
bool stay_note_trouble(struct stay *stay, const char *trouble);
void stay_forget_trouble(struct stay *stay);

/* Negative: not connected yet. What greets on the new connection comes between the two, and where
 * it fails, stay_part(). */
int stay_connect(struct stay *stay) __attribute__((warn_unused_result));
void stay_welcome(struct stay *stay);

/* The connection is gone, which is told; waits before the next try. */
void stay_part(struct stay *stay);

/* What it stays for has begun. */
void stay_ready(struct stay *stay);

/* Until a signal at most. */
void stay_nap(const struct stay *stay, int64_t nap_ms);
