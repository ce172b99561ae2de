/* SPDX-License-Identifier: MIT */
#include "ctl/explain/explain_why.h"

#include <inttypes.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/number.h"
#include "ctl/frame/span.h"

static const char *plural(int64_t count)
{
    return count == 1 ? "" : "s";
}

static char *why_published(const struct explanation *explanation)
{
    return memory_format("It was published: %" PRId64 " signal%s could be in this cycle, and it "
                         "was number %u of %zu.",
                         explanation->allowed, plural(explanation->allowed), explanation->own.rank,
                         explanation->of);
}

static char *why_outranked(const struct explanation *explanation)
{
    return memory_format("It was outranked: %" PRId64 " signal%s could be published in this cycle, "
                         "and others that rank above it took %s. It was number %u of %zu.",
                         explanation->allowed, plural(explanation->allowed),
                         explanation->allowed == 1 ? "the place" : "the places",
                         explanation->own.rank, explanation->of);
}

static char *why_below_super(const struct explanation *explanation)
{
    const struct capacity_rules *rules = &explanation->rules.capacity;
    char least[NUMBER_TEXT_MAX];

    if (!explanation->has_settings)
        return memory_text("As many orders as are aimed at were open: only a super-signal could "
                           "pass.");
    if (explanation->own.confidence >= rules->super_confidence)
        return memory_text("As many orders as are aimed at were open, and as many super-signals as "
                           "may pass that in an hour had passed.");
    share_print(rules->super_confidence, least);
    return memory_format("As many orders as are aimed at (capacity.target_open = %" PRId64
                         ") were open or in flight: only from a confidence of %s on "
                         "(capacity.super_confidence) a signal could still pass.",
                         rules->target_open, least);
}

/* By a limit of the settings; NULL: by none of them. */
static char *why_limited(const struct explanation *explanation)
{
    const struct capacity_rules *rules = &explanation->rules.capacity;
    int64_t today = explanation_world(explanation, "today");
    int64_t minute = explanation_world(explanation, "minute");

    if (rules->max_daily > 0 && today >= rules->max_daily)
        return memory_format("The day's limit was reached: %" PRId64
                             " intents, governor.max_daily_trades = %" PRId64 ".",
                             today, rules->max_daily);
    if (rules->max_per_minute > 0 && minute >= rules->max_per_minute)
        return memory_format("The minute's limit was reached: %" PRId64
                             " intents, governor.max_per_minute = %" PRId64 ".",
                             minute, rules->max_per_minute);
    if (rules->unknown_closes && explanation_held_is_unknown(explanation))
        return memory_text("It was not known what is held, and positions.unknown = close.");
    if (rules->suspect_closes)
        return memory_format("The count of open orders stood still while %" PRId64
                             " intents were published, and capacity.suspect = close.",
                             explanation_world(explanation, "since"));
    return NULL;
}

/* What left nothing, where the counts would have. */
static char *why_nothing_allowed(const struct explanation *explanation)
{
    char *limited = NULL;

    if (explanation_world(explanation, "rolled") == 1)
        return memory_text("Redis had come back with an older state: nothing was published until "
                           "quantumctl resume.");
    if (explanation->has_settings)
        limited = why_limited(explanation);
    return limited ? limited : memory_text("Nothing was allowed in this cycle.");
}

static char *why_no_slots(const struct explanation *explanation)
{
    switch (explanation->capacity) {
    case CAPACITY_UNKNOWN:
        return memory_text("Nobody knew how many orders were open: then nothing is published.");
    case CAPACITY_UNPARSEABLE:
        return memory_text("The count of open orders could not be read: then nothing is "
                           "published.");
    case CAPACITY_FULL:
        return memory_text("No place was free: as many orders as may be open (capacity.max_open) "
                           "were open or in flight.");
    case CAPACITY_TARGET:
    case CAPACITY_OK:
        break;
    }
    return why_nothing_allowed(explanation);
}

static char *why_of_symbol(const struct explanation *explanation)
{
    const char *symbol = explanation->own.symbol;

    switch (explanation->own.fate) {
    case FATE_SAME_SYMBOL:
        return memory_format("Another signal of %s ranks above it, and of a symbol one is "
                             "published in a cycle.",
                             symbol);
    case FATE_COOLDOWN:
        return memory_format("%s was published a short while before, and rests "
                             "(capacity.symbol_cooldown_sec).",
                             symbol);
    case FATE_SYMBOL_HELD:
        return memory_format("%s was held, or in flight, on the same side already.", symbol);
    case FATE_OPPOSITE_HELD:
        return memory_format("%s was held, or in flight, on the other side.", symbol);
    default:
        return NULL;
    }
}

char *explain_why(const struct explanation *explanation)
{
    switch (explanation->own.fate) {
    case FATE_PUBLISHED:
        return why_published(explanation);
    case FATE_OUTRANKED:
        return why_outranked(explanation);
    case FATE_BELOW_SUPER:
        return why_below_super(explanation);
    case FATE_NO_SLOTS:
        return why_no_slots(explanation);
    case FATE_DUPLICATE:
        return memory_format("It is a duplicate: its decision, %s, was published before.",
                             escaped(explanation->decision_id).text);
    case FATE_SAFE_MODE:
        return memory_text("Safe mode was set: nothing was published.");
    case FATE_STALE:
        return memory_text("It was too old when its window was decided "
                           "(window.signal_max_age_sec).");
    case FATE_INVALID:
        return memory_text("Its size would have come to 0.00.");
    default:
        return why_of_symbol(explanation);
    }
}
