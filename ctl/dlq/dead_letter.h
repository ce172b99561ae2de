/* SPDX-License-Identifier: MIT */
/*
 * A dead letter: an intent's entry as it came, and why it could not be processed. Points into the
 * reply that it was read from.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stdbool.h>

#include "common/base/entry.h"
#include "common/redis/reply.h"
#include "common/trade/signal.h"

struct dead_letter {
    struct stream_id id;
    struct stream_id intent_id; /* 0-0: it names none */
    struct reply_text reason;
    struct reply_text count;
    struct reply_text last_error;
    char symbol[SYMBOL_MAX + 1]; /* empty: it cannot be read */
    struct entry intent;         /* its own fields, under its own id */
};

/* False: the reply is no entry. */
bool dead_letter_read(const redisReply *reply, struct dead_letter *ret_letter);
