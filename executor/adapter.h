/* SPDX-License-Identifier: MIT */
/*
 * What an exchange adapter answers to the orders that were handed over to it: read from the answer
 * stream and made true, one answer after the other, each with one script. The other way, from an
 * order to the adapter, is the stream venue's.
 *
 * An answer names an order (`order_id`, the intent's entry id) and says `filled`, `rejected`,
 * `expired` or `closed`, with `price`, `quantity`, `fee_usd` and `reason` as far as it knows them.
 * A filled order is open; rejected and expired free its place, and so does closed, which comes for
 * an exit, or for a position that closed on the exchange. Polls, because the connection that reads
 * intents is blocked. Embedded in the executor.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <uv.h>

#include "common/redis/clock.h"
#include "common/redis/link.h"
#include "common/redis/script.h"
#include "executor/executor_settings.h"
#include "executor/result.h"

enum answer_status {
    ANSWER_FILLED,
    ANSWER_REJECTED,
    ANSWER_EXPIRED,
    ANSWER_CLOSED,
    ANSWER_UNKNOWN
};

struct answer {
    char id[STREAM_ID_TEXT_MAX]; /* of its entry */
    char order_id[STREAM_ID_TEXT_MAX];
    enum answer_status status;
    char status_text[16];
    char reason[64];
    double price;
    double quantity;
    double fee_usd;
};

struct adapter_events {
    void (*told)(void *owner, const struct result *result, int64_t positions);
    void (*ignored)(void *owner, const struct answer *answer, const char *why);
    void (*refused)(void *owner, const char *complaint);
};

struct adapter {
    const struct executor_settings *settings;
    const struct adapter_events *events;
    void *owner;
    struct link *link;
    const struct redis_clock *clock;
    struct script script;
    uv_timer_t timer;
    bool busy;
    bool reads_news;      /* what was pending is done */
    struct answer answer; /* in hand */
    char *record;         /* the position's or the exit's, as it was */
    bool is_exit;
    struct position position;
    struct result result;
    char texts[2][DECISION_ID_MAX + 1]; /* of an exit: decision and signal */
    char symbol[SYMBOL_MAX + 1];
    json_t *closes; /* of an exit: the positions that go with it */
};

/* The members above `script` are the caller's to set before. */
void adapter_init(struct adapter *adapter, uv_loop_t *loop);
void adapter_start(struct adapter *adapter);
void adapter_stop(struct adapter *adapter);
void adapter_close(struct adapter *adapter);

/* After the loop has run empty. */
void adapter_deinit(struct adapter *adapter);
