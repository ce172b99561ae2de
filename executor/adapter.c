/* SPDX-License-Identifier: MIT */
#include "executor/adapter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/number.h"
#include "common/redis/reply.h"
#include "executor/scripts.h"

enum { POLL_MS = 50 };

static const char *const status_names[] = {"filled", "rejected", "expired", "closed"};

static void read_next(struct adapter *adapter);

static void forget(struct adapter *adapter)
{
    free(adapter->record);
    adapter->record = NULL;
    json_decref(adapter->closes);
    adapter->closes = NULL;
}

/* --- reading an answer */

static double number_of(const redisReply *fields, const char *name)
{
    struct reply_text text;
    double number = 0;

    if (!reply_read_text(reply_named(fields, name), &text) ||
        !number_read(text.bytes, text.length, &number) || !(number > 0))
        return 0;
    return number;
}

static void copy_printable(const redisReply *reply, char *ret_text, size_t room)
{
    if (!reply_copy_text(reply, ret_text, room))
        ret_text[0] = '\0';
    for (char *c = ret_text; *c; c++)
        if (*c < 0x20 || *c > 0x7e)
            *c = '?';
}

static bool read_answer(const redisReply *entry, struct answer *ret_answer)
{
    struct answer answer = {.status = ANSWER_UNKNOWN};
    const redisReply *fields = reply_element(entry, 1);

    if (!reply_copy_text(reply_element(entry, 0), answer.id, sizeof answer.id))
        return false;
    copy_printable(reply_named(fields, "order_id"), answer.order_id, sizeof answer.order_id);
    copy_printable(reply_named(fields, "status"), answer.status_text, sizeof answer.status_text);
    copy_printable(reply_named(fields, "reason"), answer.reason, sizeof answer.reason);
    for (enum answer_status status = 0; status < ANSWER_UNKNOWN; status++)
        if (strcmp(answer.status_text, status_names[status]) == 0)
            answer.status = status;
    answer.price = number_of(fields, "price");
    answer.quantity = number_of(fields, "quantity");
    answer.fee_usd = number_of(fields, "fee_usd");
    *ret_answer = answer;
    return true;
}

/* --- making it true */

static void on_true(void *data, const redisReply *reply)
{
    struct adapter *adapter = data;
    int64_t positions = -1;

    adapter->busy = false;
    if (!reply)
        return;
    if (reply_is_text(reply_element(reply, 0), "done")) {
        (void)reply_read_integer(reply_element(reply, 1), &positions);
        if (adapter->record)
            adapter->events->told(adapter->owner, &adapter->result, positions);
    } else if (!reply_is_array(reply, 1)) {
        adapter->events->refused(adapter->owner, reply_complaint(reply));
        return;
    } else {
        adapter->reads_news = false; /* the record moved: once more from what is pending */
    }
    read_next(adapter);
}

/* `becomes` empty: the record goes. */
static void make_true(struct adapter *adapter, const char *becomes, bool has_result)
{
    const struct executor_keys *keys = &adapter->settings->keys;
    const char *where = adapter->is_exit ? "exits" : "positions";
    struct command command;

    script_command(&adapter->script, 5, &command);
    command_add_all(&command, keys->answers, keys->positions, keys->exits, keys->open_orders,
                    keys->results, keys->answer_group, adapter->answer.id,
                    adapter->record ? where : "", adapter->answer.order_id,
                    adapter->record ? adapter->record : "", becomes, NULL);
    command_add_int(&command, adapter->settings->results_maxlen);
    command_add_int(&command, has_result ? RESULT_ARGUMENTS : 0);
    if (has_result)
        result_add(&adapter->result, &command);
    if (adapter->answer.status == ANSWER_CLOSED)
        for (size_t i = 0; i < json_array_size(adapter->closes); i++)
            command_add(&command, json_string_value(json_array_get(adapter->closes, i)));
    adapter->busy = script_call(&adapter->script, adapter->link, &command,
                                link_reply_timeout_ms(adapter->link), on_true, adapter) == 0;
}

static void ignore(struct adapter *adapter, const char *why)
{
    adapter->events->ignored(adapter->owner, &adapter->answer, why);
    forget(adapter);
    make_true(adapter, "", false);
}

static void take_figures(const struct answer *answer, struct result *result)
{
    result->price = answer->price;
    if (answer->quantity > 0)
        result->quantity = answer->quantity;
    result->fee_usd = answer->fee_usd;
    result->reason = answer->reason;
}

/* Filled: it stays, and is open. Closed: it goes, and no intent asked for it. */
static void answer_position(struct adapter *adapter)
{
    const struct answer *answer = &adapter->answer;
    struct position *position = &adapter->position;
    struct result *result = &adapter->result;
    bool is_filled = answer->status == ANSWER_FILLED;

    if (answer->status != ANSWER_CLOSED && !position->handed_over) {
        ignore(adapter, "this order was answered before");
        return;
    }
    *result = result_of_position(position, redis_clock_now(adapter->clock));
    take_figures(answer, result);
    if (answer->status != ANSWER_CLOSED || position->handed_over)
        memcpy(result->intent_id, position->intent_id, sizeof result->intent_id);
    if (answer->status == ANSWER_CLOSED)
        result->status = "closed";
    else if (!is_filled)
        result->status = "rejected";
    if (answer->status == ANSWER_EXPIRED && !answer->reason[0])
        result->reason = "expired";
    position->handed_over = false;
    position->price = answer->price;
    position->quantity = result->quantity;
    position->fee_usd = answer->fee_usd;
    char *becomes = is_filled ? position_write(position) : memory_text("");
    make_true(adapter, becomes, true);
    free(becomes);
}

static void answer_exit(struct adapter *adapter)
{
    const struct answer *answer = &adapter->answer;

    if (answer->status == ANSWER_FILLED)
        adapter->answer.status = ANSWER_CLOSED; /* an exit that is filled has closed */
    adapter->result = (struct result){
        .decision_id = adapter->texts[0],
        .signal_id = adapter->texts[1],
        .symbol = adapter->symbol,
        .action = "CLOSE",
        .status = answer->status == ANSWER_CLOSED ? "closed" : "rejected",
        .ts_ms = redis_clock_now(adapter->clock),
    };
    memcpy(adapter->result.intent_id, answer->order_id, sizeof answer->order_id);
    take_figures(answer, &adapter->result);
    make_true(adapter, "", true);
}

static bool read_exit(struct adapter *adapter, const struct reply_text *text)
{
    const char *symbol, *decision_id, *signal_id;
    json_t *object = json_loadb(text->bytes, text->length, 0, NULL);
    bool is_sound =
        json_unpack(object, "{s:s, s:s, s:s, s:O}", "symbol", &symbol, "decision_id", &decision_id,
                    "signal_id", &signal_id, "closes", &adapter->closes) == 0;

    if (is_sound) {
        (void)snprintf(adapter->symbol, sizeof adapter->symbol, "%s", symbol);
        (void)snprintf(adapter->texts[0], sizeof adapter->texts[0], "%s", decision_id);
        (void)snprintf(adapter->texts[1], sizeof adapter->texts[1], "%s", signal_id);
    }
    json_decref(object);
    return is_sound;
}

/* HGET of the exits, which comes second. */
static void on_exit_found(void *data, const redisReply *reply)
{
    struct adapter *adapter = data;
    struct reply_text text;

    if (!reply) {
        adapter->busy = false;
        return;
    }
    if (adapter->record) {
        answer_position(adapter);
        return;
    }
    adapter->is_exit = true;
    if (!reply_read_text(reply, &text) || !read_exit(adapter, &text)) {
        ignore(adapter, "no such order is open");
        return;
    }
    adapter->record = memory_bytes(text.bytes, text.length);
    answer_exit(adapter);
}

static void on_position_found(void *data, const redisReply *reply)
{
    struct adapter *adapter = data;
    struct reply_text text;

    adapter->is_exit = false;
    if (reply && reply_read_text(reply, &text) &&
        position_read(adapter->answer.order_id, text.bytes, text.length, &adapter->position))
        adapter->record = memory_bytes(text.bytes, text.length);
}

static bool ask(struct adapter *adapter, const char *hash, link_reply_fn *on_reply)
{
    struct command command = {0};

    command_add_all(&command, "HGET", hash, adapter->answer.order_id, NULL);
    int refused =
        link_send(adapter->link, &command, link_reply_timeout_ms(adapter->link), on_reply, adapter);
    command_free(&command);
    return refused == 0;
}

static void look_up(struct adapter *adapter)
{
    const struct executor_keys *keys = &adapter->settings->keys;

    forget(adapter);
    if (adapter->answer.status == ANSWER_UNKNOWN)
        ignore(adapter, "its status is none of filled, rejected, expired, closed");
    else
        adapter->busy = ask(adapter, keys->positions, on_position_found) &&
                        ask(adapter, keys->exits, on_exit_found);
}

/* --- the way from one answer to the next */

static void on_read(void *data, const redisReply *reply)
{
    struct adapter *adapter = data;
    const redisReply *entries = reply_element(reply_element(reply, 0), 1);

    adapter->busy = false;
    if (!reply || !uv_is_active((uv_handle_t *)&adapter->timer))
        return;
    if (reply_is_error(reply)) {
        adapter->events->refused(adapter->owner, reply_complaint(reply));
        return;
    }
    if (entries && read_answer(reply_element(entries, 0), &adapter->answer)) {
        look_up(adapter);
    } else if (!adapter->reads_news) {
        adapter->reads_news = true;
        read_next(adapter);
    }
}

static void read_next(struct adapter *adapter)
{
    const struct executor_keys *keys = &adapter->settings->keys;
    struct command command = {0};

    if (adapter->busy || !uv_is_active((uv_handle_t *)&adapter->timer))
        return;
    command_add_all(&command, "XREADGROUP", "GROUP", keys->answer_group, keys->consumer, "COUNT",
                    "1", "STREAMS", keys->answers, adapter->reads_news ? ">" : "0", NULL);
    adapter->busy = link_send(adapter->link, &command, link_reply_timeout_ms(adapter->link),
                              on_read, adapter) == 0;
    command_free(&command);
}

static void on_timer(uv_timer_t *timer)
{
    read_next(timer->data);
}

void adapter_init(struct adapter *adapter, uv_loop_t *loop)
{
    adapter->script = (struct script){.source = answer_lua};
    (void)uv_timer_init(loop, &adapter->timer);
    adapter->timer.data = adapter;
}

void adapter_start(struct adapter *adapter)
{
    adapter->reads_news = false;
    (void)uv_timer_start(&adapter->timer, on_timer, POLL_MS, POLL_MS);
}

void adapter_stop(struct adapter *adapter)
{
    (void)uv_timer_stop(&adapter->timer);
}

void adapter_close(struct adapter *adapter)
{
    uv_close((uv_handle_t *)&adapter->timer, NULL);
}

void adapter_deinit(struct adapter *adapter)
{
    forget(adapter);
}
