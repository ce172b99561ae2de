/* SPDX-License-Identifier: MIT */
/*
 * What a key holds right before it is changed, in words for a person: its start, escaped, or its
 * type when it is no string. Read in the transaction that changes it.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl/write/transaction.h"

/* Replies that a look takes up in the transaction's reply. */
enum { KEY_LOOK_REPLIES = 3 };

struct key_look {
    bool is_set;
    char text[512];  /* "'1'", "(list)", "missing" */
    int64_t ttl_sec; /* negative: none */
};

void key_look_add(struct transaction *transaction, const char *key);

/* `at` is the place of its first reply. False: the replies are of another shape. */
bool key_look_read(const redisReply *replies, size_t at, struct key_look *ret_look);
