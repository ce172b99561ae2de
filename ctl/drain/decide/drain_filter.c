/* SPDX-License-Identifier: MIT */
#include "ctl/drain/decide/drain_filter.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/trade/direction.h"
#include "common/trade/fields.h"
#include "common/trade/terms.h"

/* By the rule for a signal's symbol. */
bool drain_symbols_add(struct drain_symbols *symbols, const char *bytes, size_t length)
{
    char symbol[SYMBOL_MAX + 1];

    if (symbols->count >= DRAIN_SYMBOLS_MAX || !terms_take_symbol(bytes, length, symbol))
        return false;
    symbols->list = memory_resize(symbols->list, symbols->count + 1, sizeof *symbols->list);
    symbols->list[symbols->count++] = memory_text(symbol);
    return true;
}

void drain_symbols_seal(struct drain_symbols *symbols)
{
    text_set_init(&symbols->set, symbols->count);
    for (size_t i = 0; i < symbols->count; i++)
        (void)text_set_add(&symbols->set, symbols->list[i]);
}

bool drain_symbols_has(const struct drain_symbols *symbols, const char *symbol)
{
    return text_set_has(&symbols->set, symbol);
}

void drain_symbols_free(struct drain_symbols *symbols)
{
    for (size_t i = 0; i < symbols->count; i++)
        free(symbols->list[i]);
    free(symbols->list);
    text_set_deinit(&symbols->set);
    *symbols = (struct drain_symbols){0};
}

const char *drain_action_name(enum drain_action action)
{
    static const char *const names[DRAIN_ACTIONS] = {
        [DRAIN_OK] = "drained_ok",
        [DRAIN_OLD] = "dropped_old",
        [DRAIN_NOT_ALLOWLISTED] = "dropped_not_allowlisted",
        [DRAIN_LOW_CONFIDENCE] = "dropped_low_conf",
        [DRAIN_INVALID] = "dropped_invalid",
    };

    assert(action < DRAIN_ACTIONS);
    return names[action];
}

static void read_terms(const struct fields *fields, struct drain_event *event)
{
    struct value confidence = fields_get(fields, "confidence");

    event->is_dated = terms_read_moment(fields, &event->timestamp_ms);
    if (!terms_read_symbol(fields, event->symbol))
        event->symbol[0] = '\0';
    event->has_confidence = value_number(&confidence, &event->confidence) &&
                            event->confidence >= 0 && event->confidence <= 1;
}

static enum drain_action decide(const struct drain_filter *filter, const struct drain_event *event)
{
    if (event->age_ms > filter->max_age_ms)
        return DRAIN_OLD;
    if (event->rule != RULE_NONE)
        return DRAIN_INVALID;
    if (filter->symbols && !drain_symbols_has(filter->symbols, event->symbol))
        return DRAIN_NOT_ALLOWLISTED;
    return event->confidence < filter->min_confidence ? DRAIN_LOW_CONFIDENCE : DRAIN_OK;
}

void drain_judge(const struct drain_filter *filter, const struct entry *entry, int64_t now_ms,
                 struct drain_event *ret_event)
{
    struct drain_event event = {.id = entry->id};
    struct fields fields;

    event.rule = fields_open(entry, &fields);
    if (event.rule == RULE_NONE) {
        read_terms(&fields, &event);
        fields_close(&fields);
        event.rule = !event.symbol[0]        ? RULE_SYMBOL
                     : !event.has_confidence ? RULE_CONFIDENCE
                                             : RULE_NONE;
    }
    if (!event.is_dated)
        event.timestamp_ms = terms_born_ms(entry);
    event.age_ms = now_ms - event.timestamp_ms;
    event.action = decide(filter, &event);
    if (event.action == DRAIN_OLD)
        event.after_ms = event.timestamp_ms + filter->max_age_ms;
    *ret_event = event;
}

/* CLOSE for an exit, wherever the entry says so; else its first word for the side. */
static void read_side(const struct fields *fields, char ret_side[static DRAIN_SIDE_MAX])
{
    static const char *const places[] = {"action", "side", "direction"};
    struct value side = {.kind = VALUE_ABSENT};
    struct direction direction;

    for (size_t i = 0; i < sizeof places / sizeof *places && side.kind != VALUE_TEXT; i++)
        side = fields_get(fields, places[i]);
    if (direction_read(fields, &direction) && direction.intention == INTENT_CLOSE) {
        memcpy(ret_side, "CLOSE", sizeof "CLOSE");
        return;
    }
    if (side.kind != VALUE_TEXT)
        return;
    side = value_trim(side);
    if (escape(side.bytes, side.length, DRAIN_SIDE_MAX, ret_side, DRAIN_SIDE_MAX) == 0)
        memcpy(ret_side, "?", 2);
    for (char *c = ret_side; *c; c++)
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
}

void drain_words_read(const struct entry *entry, struct drain_words *ret_words)
{
    struct fields fields;

    *ret_words = (struct drain_words){.side = "?", .source = "unknown"};
    if (fields_open(entry, &fields) != RULE_NONE)
        return;
    read_side(&fields, ret_words->side);
    struct value source = fields_get(&fields, "source");
    if (source.kind != VALUE_TEXT)
        source = fields_beside(&fields, "source");
    if (source.kind == VALUE_TEXT && source.length > 0)
        (void)escape(source.bytes, source.length, DRAIN_SOURCE_MAX, ret_words->source,
                     DRAIN_SOURCE_MAX);
    fields_close(&fields);
}
