/* SPDX-License-Identifier: MIT */
#include "executor/decide/answer.h"

#include <string.h>

#include "common/base/number.h"
#include "common/trade/terms.h"

enum answer_status answer_status_named(const char *name)
{
    static const char *const names[] = {"filled", "rejected", "expired", "closed"};

    for (enum answer_status status = 0; status < ANSWER_UNKNOWN; status++)
        if (strcmp(name, names[status]) == 0)
            return status;
    return ANSWER_UNKNOWN;
}

double answer_figure(const char *bytes, size_t length)
{
    double figure;

    if (!number_read(bytes, length, &figure) || !(figure > 0) || figure > TERMS_NUMBER_MAX)
        return 0;
    return figure;
}

static struct answer_verdict does(enum answer_act act)
{
    return (struct answer_verdict){.act = act};
}

static struct answer_verdict ignored(const char *why)
{
    return (struct answer_verdict){.act = ANSWER_IS_IGNORED, .why = why};
}

/* A position on paper, or of an older version, has no such id: that comes before all others. */
static struct stream_id id_of(const char *text)
{
    struct stream_id id = {0, 0};

    (void)stream_id_read(text, strlen(text), &id);
    return id;
}

static bool is_before(const char *id, const char *other)
{
    return stream_id_compare(id_of(id), id_of(other)) < 0;
}

static struct answer_verdict judge_fill(const struct answer *answer,
                                        const struct position *position)
{
    return does(is_before(answer->id, position->closed_id) ? ANSWER_OPENED : ANSWER_OPENS);
}

static struct answer_verdict judge_asked(const struct answer *answer,
                                         const struct position *position)
{
    if (answer->status == ANSWER_FILLED)
        return judge_fill(answer, position);
    return does(answer->status == ANSWER_CLOSED ? ANSWER_ENDS : ANSWER_REFUSES);
}

static struct answer_verdict judge_exit(enum answer_status status)
{
    bool has_closed = status == ANSWER_CLOSED || status == ANSWER_FILLED;

    return does(has_closed ? ANSWER_ENDS_EXIT : ANSWER_KEEPS_EXIT);
}

struct answer_verdict answer_judge(const struct answer *answer, enum kept kept,
                                   const struct position *position)
{
    static const char before[] = "this order was answered before";
    enum answer_status status = answer->status;

    if (answer->is_trimmed)
        return ignored("it was trimmed before it was read");
    if (status == ANSWER_UNKNOWN)
        return ignored("its status is none of filled, rejected, expired, closed");
    switch (kept) {
    case KEPT_ASKED:
        return judge_asked(answer, position);
    case KEPT_OPEN:
        return status == ANSWER_CLOSED ? does(ANSWER_ENDS) : ignored(before);
    case KEPT_REFUSED:
        return status == ANSWER_FILLED ? judge_fill(answer, position) : ignored(before);
    case KEPT_EXIT:
        return judge_exit(status);
    case KEPT_UNSOUND:
        return ignored("what is kept of this order cannot be read");
    case KEPT_NOTHING:
        break;
    }
    return ignored("no such order is open");
}

bool answer_takes(const struct answer *answer, const struct position *position)
{
    return !position->handed_over && is_before(position->answered_id, answer->id);
}

void answer_close(const struct answer *answer, struct position *position)
{
    if (is_before(position->closed_id, answer->id))
        memcpy(position->closed_id, answer->id, sizeof position->closed_id);
}

void answer_fill(const struct answer *answer, struct position *position)
{
    position->handed_over = false;
    position->price = answer->price;
    if (answer->quantity > 0)
        position->quantity = answer->quantity;
    position->fee_usd = answer->fee_usd;
    memcpy(position->answered_id, answer->id, sizeof position->answered_id);
}

/* --- what it is told by */

static const char *status_of(const struct answer *answer)
{
    static const char *const statuses[] = {"filled", "rejected", "rejected", "closed", ""};

    return statuses[answer->status];
}

static const char *reason_of(const struct answer *answer)
{
    return answer->status == ANSWER_EXPIRED && !answer->reason[0] ? "expired" : answer->reason;
}

/* Of a close it is also told that nobody knows its price. */
static const char *price_source_of(const struct answer *answer, const struct result *result)
{
    if (answer->price > 0)
        return "adapter";
    return strcmp(result->status, "closed") == 0 ? "unknown" : NULL;
}

void answer_tell_figures(const struct answer *answer, struct result *result)
{
    result->price = answer->price;
    if (answer->quantity > 0)
        result->quantity = answer->quantity;
    result->fee_usd = answer->fee_usd;
    result->price_source = price_source_of(answer, result);
    result_round(result);
}

static void tell_what_became(const struct answer *answer, const struct position *position,
                             struct result *result)
{
    struct position filled = *position;

    if (answer->status == ANSWER_FILLED) {
        answer_fill(answer, &filled);
        result_open(result, &filled);
    } else if (answer->status == ANSWER_CLOSED) {
        result_close(result, position, answer->price);
    } else {
        result->quantity = position->quantity;
        result->size_usd = position->size_usd;
    }
}

/* When a position was told to be open, no intent asked for its end. */
struct result answer_tell_position(const struct answer *answer, enum kept kept,
                                   const struct position *position, int64_t now_ms)
{
    struct result result = result_of_position(position, now_ms);

    result.status = status_of(answer);
    result.reason = reason_of(answer);
    if (kept != KEPT_OPEN)
        memcpy(result.intent_id, position->intent_id, sizeof result.intent_id);
    if (kept == KEPT_REFUSED && !answer->reason[0])
        result.reason = "late";
    tell_what_became(answer, position, &result);
    answer_tell_figures(answer, &result);
    return result;
}

struct result answer_tell_exit(const struct answer *answer, const struct handed_exit *handed,
                               int64_t now_ms)
{
    struct result result = {
        .decision_id = handed->decision_id,
        .signal_id = handed->signal_id,
        .symbol = handed->symbol,
        .action = "CLOSE",
        .status = answer->status == ANSWER_FILLED ? "closed" : status_of(answer),
        .reason = reason_of(answer),
        .ts_ms = now_ms,
    };

    memcpy(result.intent_id, answer->order_id, sizeof answer->order_id);
    return result;
}
