/* SPDX-License-Identifier: MIT */
#include "executor/act/adapter.h"

#include "common/base/monotonic.h"
#include "common/redis/reply.h"
#include "executor/act/executor_fact.h"

enum { POLL_MS = 50 };

static void read_next(struct adapter *adapter);

/* The answer stays pending, and nothing new may be read before it. */
static void refuse(struct adapter *adapter, const char *complaint)
{
    adapter->reads_news = false;
    adapter->rest_until_ms = monotonic_ms() + EXECUTOR_RETRY_MS;
    office_refuse(adapter->office, &adapter->is_refused, complaint);
}

static void tell_ignored(const struct adapter *adapter, const struct answer *answer,
                         const char *why)
{
    executor_tell(adapter->office->observer,
                  (struct executor_fact){FACT_ANSWER_IGNORED,
                                         .ignored = {answer->order_id, answer->status_text, why}});
}

static void tell_answered(const struct adapter *adapter, const struct answered *answered)
{
    const struct executor_observer *observer = adapter->office->observer;

    executor_tell(
        observer,
        (struct executor_fact){FACT_ANSWERED, .answered = {answered->result, answered->positions}});
    if (answered->unreadable->count > 0)
        executor_tell(observer,
                      (struct executor_fact){FACT_UNREADABLE, .unreadable = answered->unreadable});
}

/* --- one answer */

static void on_over(void *owner, const struct answered *answered)
{
    struct adapter *adapter = owner;

    adapter->busy = false;
    switch (answered->how) {
    case ANSWERING_TOLD:
        office_accept(adapter->office, &adapter->is_refused);
        tell_answered(adapter, answered);
        read_next(adapter);
        break;
    case ANSWERING_IGNORED:
        office_accept(adapter->office, &adapter->is_refused);
        tell_ignored(adapter, answered->answer, answered->why);
        read_next(adapter);
        break;
    case ANSWERING_MOVED: /* looked at again when the timer comes */
        adapter->reads_news = false;
        break;
    case ANSWERING_REFUSED:
        refuse(adapter, answered->why);
        break;
    case ANSWERING_CUT:
        break;
    }
}

static void on_read(void *data, const redisReply *reply)
{
    struct adapter *adapter = data;
    const redisReply *entries = reply_element(reply_element(reply, 0), 1);
    const redisReply *entry = reply_element(entries, 0);

    adapter->busy = false;
    if (!reply || !uv_is_active((uv_handle_t *)&adapter->timer))
        return;
    if (reply_is_error(reply)) {
        refuse(adapter, reply_complaint(reply));
    } else if (entry) {
        adapter->busy = answering_start(&adapter->answering, entry);
    } else if (!adapter->reads_news) {
        adapter->reads_news = true;
        read_next(adapter);
    }
}

static void read_next(struct adapter *adapter)
{
    const struct executor_keys *keys = &adapter->office->settings->keys;
    struct command command = {0};

    if (adapter->busy || !uv_is_active((uv_handle_t *)&adapter->timer) ||
        monotonic_ms() < adapter->rest_until_ms)
        return;
    command_add_all(&command, "XREADGROUP", "GROUP", keys->answer_group, keys->consumer, "COUNT",
                    "1", "STREAMS", keys->answers, adapter->reads_news ? ">" : "0", NULL);
    adapter->busy = office_ask(adapter->office, &command, on_read, adapter);
}

static void on_timer(uv_timer_t *timer)
{
    read_next(timer->data);
}

/* --- strays */

/* Those that were claimed are pending for us now. */
static void on_claimed(void *owner, const redisReply *entries, const redisReply *deleted)
{
    static const struct answer trimmed = {.is_trimmed = true, .status = ANSWER_UNKNOWN};
    struct adapter *adapter = owner;

    if (reply_is_array(deleted, 1))
        tell_ignored(adapter, &trimmed, answer_judge(&trimmed, KEPT_NOTHING, NULL).why);
    if (entries->elements > 0)
        adapter->reads_news = false;
}

static void on_claim_refused(void *owner, const char *complaint)
{
    struct adapter *adapter = owner;

    executor_tell(adapter->office->observer,
                  (struct executor_fact){FACT_CLAIM_REFUSED, .complaint = complaint});
}

/* --- beginning and end */

void adapter_init(struct adapter *adapter, uv_loop_t *loop, struct office *office)
{
    static const struct strays_events strays_events = {.claimed = on_claimed,
                                                       .refused = on_claim_refused};
    const struct executor_settings *settings = office->settings;
    const struct strays_target target = {
        .stream = settings->keys.answers,
        .group = settings->keys.answer_group,
        .consumer = settings->keys.consumer,
        .idle_ms = &settings->claim_idle_ms,
    };

    *adapter = (struct adapter){.office = office,
                                .answering = {.office = office, .over = on_over, .owner = adapter}};
    strays_init(&adapter->strays, loop, &target, office->link, &strays_events, adapter);
    (void)uv_timer_init(loop, &adapter->timer);
    adapter->timer.data = adapter;
}

void adapter_start(struct adapter *adapter)
{
    adapter->reads_news = false;
    adapter->rest_until_ms = 0;
    (void)uv_timer_start(&adapter->timer, on_timer, POLL_MS, POLL_MS);
    strays_start(&adapter->strays);
}

void adapter_stop(struct adapter *adapter)
{
    (void)uv_timer_stop(&adapter->timer);
    strays_stop(&adapter->strays);
}

void adapter_close(struct adapter *adapter)
{
    strays_close(&adapter->strays);
    uv_close((uv_handle_t *)&adapter->timer, NULL);
}

void adapter_deinit(struct adapter *adapter)
{
    answering_deinit(&adapter->answering);
}
