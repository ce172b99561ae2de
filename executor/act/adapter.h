/* SPDX-License-Identifier: MIT */
/*
 * What an exchange adapter answers to the orders that were handed over to it: read from the answer
 * stream, and made true one after the other. The other way, from an order to the adapter, is the
 * stream venue's.
 *
 * An answer names an order (`order_id`, the intent's entry id) and says `filled`, `rejected`,
 * `expired` or `closed`, with `price`, `quantity`, `fee_usd` and `reason` as far as it knows them;
 * answer.h says what becomes of it. What is pending is read first, then what is new. After a
 * refusal, and when strays were claimed, what is pending is read first once more, so that none is
 * passed over. Polls, because the connection that reads intents is blocked. Embedded in the
 * executor.
 */
#pragma once

#include <stdbool.h>
#include <uv.h>

#include "common/redis/strays.h"
#include "executor/act/answering.h"

struct adapter {
    struct office *office;
    struct answering answering;
    struct strays strays;
    uv_timer_t timer;
    bool busy;
    bool reads_news; /* what was pending is done */
    bool is_refused;
    uint64_t rest_until_ms; /* Redis refused: nothing is read before */
};

void adapter_init(struct adapter *adapter, uv_loop_t *loop, struct office *office);
void adapter_start(struct adapter *adapter);
void adapter_stop(struct adapter *adapter);
void adapter_close(struct adapter *adapter);

/* After the loop has run empty. */
void adapter_deinit(struct adapter *adapter);
