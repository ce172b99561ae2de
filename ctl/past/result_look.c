/* SPDX-License-Identifier: MIT */
#include "ctl/past/result_look.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/trade/terms.h"

/* So many results are looked at: some days of a busy account. */
enum { RESULTS_MAX = 50000 };

struct walk {
    struct intent_result *list;
    size_t count, left; /* that may still get a result, or an end */
    uint64_t looked;
};

static bool is_text(const struct entry_field *field, const char *text)
{
    return field && field->value_length == strlen(text) &&
           memcmp(field->value, text, field->value_length) == 0;
}

static void copy(const struct entry *entry, const char *name, char ret_text[RESULT_WORD_MAX + 1])
{
    const struct entry_field *field = entry_find(entry, name);

    ret_text[0] = '\0';
    if (field)
        (void)escape(field->value, field->value_length, RESULT_WORD_MAX / 2, ret_text,
                     RESULT_WORD_MAX + 1);
}

static bool number_of(const struct entry *entry, const char *name, double *ret_number)
{
    const struct entry_field *field = entry_find(entry, name);

    return field && terms_take_amount(field->value, field->value_length, ret_number);
}

static void take_own(struct intent_result *result, const struct entry *entry)
{
    copy(entry, "status", result->status);
    copy(entry, "reason", result->reason);
    result->is_there = true;
    (void)number_of(entry, "size_usd", &result->size_usd);
    (void)number_of(entry, "price", &result->price);
}

/* What several positions share is told once, and their profit is a sum: then it is of none. */
static void take_close(struct intent_result *result, const struct entry *entry)
{
    double profit;

    result->is_closed = true;
    copy(entry, "reason", result->closed_by);
    if (!number_of(entry, "profit_usd", &profit))
        return;
    result->has_profit = true;
    result->profit_usd += profit;
}

static bool opened_here(const struct intent_result *result, const char *id,
                        const struct entry *entry)
{
    const struct entry_field *order = entry_find(entry, "order_id");

    return order ? is_text(order, id)
                 : is_text(entry_find(entry, "opened_by"), result->decision_id);
}

static void offer(struct walk *walk, struct intent_result *result, const struct entry *entry)
{
    bool is_close = is_text(entry_find(entry, "status"), "closed");
    bool was_settled = result->is_closed;
    char id[STREAM_ID_TEXT_MAX];

    stream_id_print(result->intent_id, id);
    if (is_text(entry_find(entry, "intent_id"), id))
        take_own(result, entry);
    else if (is_close && opened_here(result, id, entry))
        take_close(result, entry);
    if (!was_settled && result->is_closed)
        walk->left--;
}

static bool take(void *owner, const struct entry *entry)
{
    struct walk *walk = owner;

    for (size_t i = 0; i < walk->count && entry->count <= ENTRY_FIELDS_MAX; i++)
        offer(walk, &walk->list[i], entry);
    return walk->left == 0 || ++walk->looked >= RESULTS_MAX;
}

static struct stream_id oldest_of(const struct intent_result *list, size_t count)
{
    struct stream_id oldest = list[0].intent_id;

    for (size_t i = 1; i < count; i++)
        if (stream_id_compare(list[i].intent_id, oldest) < 0)
            oldest = list[i].intent_id;
    return oldest;
}

int result_look(const struct record_place *place, const char *stream, struct intent_result *list,
                size_t count)
{
    struct walk walk = {.list = list, .count = count, .left = count};
    char *why = NULL;

    if (count == 0)
        return 0;
    struct record_search search = {.stream = stream,
                                   .kind = ARCHIVE_RESULT,
                                   .from = oldest_of(list, count),
                                   .take = take,
                                   .owner = &walk};
    int result = record_search(place, &search, &why);
    free(why);
    return result < 0 ? result : 0;
}

void result_print(const struct intent_result *result, char ret_text[static RESULT_TEXT_MAX])
{
    int length = 0;

    ret_text[0] = '\0';
    if (result->is_there)
        length = snprintf(ret_text, RESULT_TEXT_MAX, "%s%s%s", result->status,
                          result->reason[0] ? ": " : "", result->reason);
    if (result->has_profit)
        (void)snprintf(ret_text + length, RESULT_TEXT_MAX - (size_t)length, "%s%+.2f USD",
                       length > 0 ? ", " : "", result->profit_usd);
    else if (result->is_closed)
        (void)snprintf(ret_text + length, RESULT_TEXT_MAX - (size_t)length, "%sclosed",
                       length > 0 ? ", " : "");
}

static json_t *known(double value, bool is_known)
{
    return is_known ? json_real(value) : json_null();
}

json_t *result_json(const struct intent_result *result)
{
    if (!result->is_there && !result->is_closed)
        return json_null();
    return json_pack("{s:o, s:o, s:o, s:o, s:b, s:o, s:o}", "status",
                     result->is_there ? json_string(result->status) : json_null(), "reason",
                     result->is_there ? json_string(result->reason) : json_null(), "size_usd",
                     known(result->size_usd, result->size_usd > 0), "price",
                     known(result->price, result->price > 0), "closed", result->is_closed,
                     "closed_by", result->is_closed ? json_string(result->closed_by) : json_null(),
                     "profit_usd", known(result->profit_usd, result->has_profit));
}
