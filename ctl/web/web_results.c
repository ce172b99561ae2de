/* SPDX-License-Identifier: MIT */
#include "ctl/web/web_results.h"

#include <stdio.h>
#include <string.h>

#include "common/base/calendar.h"
#include "common/base/escape.h"
#include "common/base/number.h"
#include "common/redis/reply.h"
#include "common/trade/terms.h"
#include "ctl/frame/document.h"

enum { PAGE = 1000, PAGES_MAX = 3, TEXT_MAX = 120, WHY_MAX = 200 };

/* --- one result */

static json_t *text_of(const struct entry *entry, const char *name)
{
    const struct entry_field *field = entry_find(entry, name);

    if (!field || field->value_length == 0)
        return json_null();
    return document_text(field->value,
                         field->value_length < TEXT_MAX ? field->value_length : TEXT_MAX);
}

static bool read_number(const struct entry *entry, const char *name, double *ret_value)
{
    const struct entry_field *field = entry_find(entry, name);

    return field && terms_take_amount(field->value, field->value_length, ret_value);
}

static json_t *number_of(const struct entry *entry, const char *name)
{
    double value;

    return read_number(entry, name, &value) ? json_real(value) : json_null();
}

static json_t *result_json(const struct entry *entry)
{
    static const char *const texts[] = {"symbol", "action",    "side",       "status",
                                        "reason", "intent_id", "decision_id"};
    static const char *const numbers[] = {"price", "size_usd", "profit_usd"};
    json_t *result = json_object();

    document_put(result, "id", document_id(entry->id));
    document_put(result, "at_ms", json_integer((json_int_t)entry->id.ms));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        document_put(result, texts[i], text_of(entry, texts[i]));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        document_put(result, numbers[i], number_of(entry, numbers[i]));
    return result;
}

static bool has_status(const struct entry *entry, const char *status)
{
    const struct entry_field *field = entry_find(entry, "status");

    return field && field->value_length == strlen(status) &&
           memcmp(field->value, status, field->value_length) == 0;
}

static void count_closed(struct web_results *results, const struct entry *entry)
{
    double profit_usd;

    results->closed++;
    if (!read_number(entry, "profit_usd", &profit_usd)) {
        results->without_profit++;
        return;
    }
    results->won += profit_usd > 0;
    results->profit_usd = number_round(results->profit_usd + profit_usd, 8);
}

static void count(struct web_results *results, const struct entry *entry)
{
    if (has_status(entry, "closed"))
        count_closed(results, entry);
    results->filled += has_status(entry, "filled");
    results->rejected += has_status(entry, "rejected");
    results->skipped += has_status(entry, "skipped");
}

/* --- the last ones */

static void refuse(struct web_results *results, const redisReply *reply)
{
    (void)escape(reply_complaint(reply), strlen(reply_complaint(reply)), WHY_MAX, results->why,
                 sizeof results->why);
}

static void list(struct web_results *results, const redisReply *reply)
{
    struct entry entry;

    json_decref(results->list);
    results->list = json_array();
    for (size_t i = 0; reply_is_array(reply, i + 1); i++)
        if (reply_read_entry(reply->element[i], &entry))
            (void)json_array_append_new(results->list, result_json(&entry));
}

static int look_at_last(struct web_results *results, const struct ask *ask, const char *stream)
{
    struct command question = {0};
    redisReply *reply;

    command_add_all(&question, "XREVRANGE", stream, "+", "-", "COUNT", NULL);
    command_add_int(&question, WEB_RESULTS_MAX);
    int result = ask_reply(ask, &question, &reply);
    if (result < 0)
        return -1;
    if (result > 0)
        refuse(results, reply);
    list(results, reply);
    freeReplyObject(reply);
    return 0;
}

/* --- today's */

static void begin_day(struct web_results *results, int64_t day)
{
    struct web_results fresh = {.list = results->list, .day = day};

    memcpy(fresh.why, results->why, sizeof fresh.why);
    *results = fresh;
}

static bool has_begun(const struct web_results *results)
{
    return results->last.ms > 0;
}

/* With the last one that was counted in front, so that it shows when it is no longer there. */
static int ask_page(const struct web_results *results, const struct ask *ask, const char *stream,
                    redisReply **ret_reply)
{
    struct stream_id begin = {.ms = (uint64_t)(results->day * CALENDAR_MS_PER_DAY)};
    struct command question = {0};

    command_add_all(&question, "XRANGE", stream, NULL);
    command_add_id(&question, has_begun(results) ? results->last : begin);
    command_add_all(&question, "+", "COUNT", NULL);
    command_add_int(&question, PAGE);
    return ask_reply(ask, &question, ret_reply);
}

/* False: the last one that was counted is gone, so it is another stream. */
static bool count_page(struct web_results *results, const redisReply *reply)
{
    bool goes_on = has_begun(results);
    struct entry entry;

    for (size_t i = 0; reply_is_array(reply, i + 1); i++) {
        if (!reply_read_entry(reply->element[i], &entry))
            continue;
        if (goes_on && i == 0) {
            if (stream_id_compare(entry.id, results->last) != 0)
                return false;
            continue;
        }
        count(results, &entry);
        results->last = entry.id;
    }
    results->is_behind = reply_is_array(reply, PAGE);
    return !goes_on || reply_is_array(reply, 1);
}

static int count_today(struct web_results *results, const struct ask *ask, const char *stream)
{
    redisReply *reply;
    int pages = PAGES_MAX;

    do {
        int result = ask_page(results, ask, stream, &reply);
        if (result < 0)
            return -1;
        bool is_same = count_page(results, reply);
        freeReplyObject(reply);
        if (!is_same)
            begin_day(results, results->day);
    } while (results->is_behind && --pages > 0);
    return 0;
}

int web_results_look(struct web_results *results, const struct ask *ask, const char *stream,
                     int64_t now_ms)
{
    int64_t day = now_ms / CALENDAR_MS_PER_DAY;

    results->why[0] = '\0';
    if (results->day != day)
        begin_day(results, day);
    if (look_at_last(results, ask, stream) < 0)
        return -1;
    return *results->why ? 0 : count_today(results, ask, stream);
}

json_t *web_results_json(const struct web_results *results)
{
    char day[CALENDAR_DAY_MAX];

    calendar_day(results->day * CALENDAR_MS_PER_DAY, day);
    json_t *today =
        json_pack("{s:s, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:f}", "day", day, "is_behind",
                  results->is_behind, "closed", (json_int_t)results->closed, "won",
                  (json_int_t)results->won, "without_profit", (json_int_t)results->without_profit,
                  "filled", (json_int_t)results->filled, "rejected", (json_int_t)results->rejected,
                  "skipped", (json_int_t)results->skipped, "profit_usd", results->profit_usd);
    return json_pack("{s:O, s:o, s:o}", "list", results->list, "today", today, "why",
                     *results->why ? json_string(results->why) : json_null());
}

void web_results_release(struct web_results *results)
{
    json_decref(results->list);
    *results = (struct web_results){0};
}
