/* SPDX-License-Identifier: MIT */
#include "ctl/demo/demo_trades.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/stream_id.h"
#include "common/redis/reply.h"

enum { PAGE = 1000 };

void demo_trades_follow(struct demo_trades *trades, const struct demo_line *line)
{
    bool is_change = demo_line_matches(line, "FILLED") || demo_line_matches(line, "CLOSED");

    if (!is_change || demo_line_digits(line, "open").length == 0)
        return;
    trades->open_last = demo_line_number(line, "open");
    if (trades->open_last > trades->open_most)
        trades->open_most = trades->open_last;
}

static void count_reason(struct demo_trades *trades, const char *reason)
{
    size_t at = 0;

    while (at < trades->reason_count && strcmp(trades->reasons[at].name, reason) != 0)
        at++;
    if (at == DEMO_REASONS_MAX)
        return;
    if (at == trades->reason_count) {
        (void)snprintf(trades->reasons[at].name, sizeof trades->reasons[at].name, "%s", reason);
        trades->reason_count++;
    }
    trades->reasons[at].count++;
}

static void add_delay(struct demo_trades *trades, const struct demo_result *result)
{
    struct stream_id id;

    if (!stream_id_read(result->intent_id, strlen(result->intent_id), &id))
        return;
    int64_t delay_ms = result->told_ms - (int64_t)id.ms;
    trades->delays_ms =
        memory_resize(trades->delays_ms, trades->delay_count + 1, sizeof *trades->delays_ms);
    trades->delays_ms[trades->delay_count++] = delay_ms > 0 ? (uint32_t)delay_ms : 0;
}

void demo_trades_add(struct demo_trades *trades, const struct demo_result *result)
{
    if (strcmp(result->status, "closed") == 0)
        trades->closed++;
    if (!result->intent_id[0])
        return;
    trades->results++;
    add_delay(trades, result);
    if (strcmp(result->status, "filled") == 0) {
        trades->executed++;
    } else if (strcmp(result->status, "closed") != 0) {
        trades->refused++;
        count_reason(trades, result->reason[0] ? result->reason : result->status);
    }
}

static int compare(const void *a, const void *b)
{
    const uint32_t *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

uint32_t demo_trades_delay_ms(struct demo_trades *trades, double percent)
{
    size_t count = trades->delay_count;

    if (count == 0)
        return 0;
    qsort(trades->delays_ms, count, sizeof *trades->delays_ms, compare);
    size_t at = (size_t)((double)count * percent / 100.0);
    return trades->delays_ms[at < count ? at : count - 1];
}

static void copy_field(const redisReply *fields, const char *name, char *ret_text, size_t room)
{
    if (!reply_copy_text(reply_named(fields, name), ret_text, room))
        ret_text[0] = '\0';
}

static void add_entry(struct demo_trades *trades, const redisReply *entry, struct stream_id id)
{
    char intent_id[STREAM_ID_TEXT_MAX], status[24], reason[24];
    const redisReply *fields = reply_element(entry, 1);

    copy_field(fields, "intent_id", intent_id, sizeof intent_id);
    copy_field(fields, "status", status, sizeof status);
    copy_field(fields, "reason", reason, sizeof reason);
    demo_trades_add(trades, &(struct demo_result){(int64_t)id.ms, intent_id, status, reason});
}

int demo_trades_read(struct demo_trades *trades, const struct ask *ask, const char *results)
{
    char from[STREAM_ID_TEXT_MAX + 1] = "-";
    struct stream_id id = {0};
    size_t count;

    demo_trades_clear(trades);
    do {
        struct command question = {0};
        redisReply *page;
        command_add_all(&question, "XRANGE", results, from, "+", "COUNT", NULL);
        command_add_int(&question, PAGE);
        if (ask_for(ask, results, &question, &page) < 0)
            return -1;
        count = reply_is_array(page, 0) ? page->elements : 0;
        for (size_t i = 0; i < count; i++)
            if (reply_read_stream_id(reply_element(page->element[i], 0), &id))
                add_entry(trades, page->element[i], id);
        from[0] = '(';
        stream_id_print(id, from + 1);
        freeReplyObject(page);
    } while (count == PAGE);
    return 0;
}

void demo_trades_clear(struct demo_trades *trades)
{
    struct demo_trades cleared = {.open_most = trades->open_most, .open_last = trades->open_last};

    free(trades->delays_ms);
    *trades = cleared;
}
