/* SPDX-License-Identifier: MIT */
#include "tests/unit/intent_reader.h"

#include <string.h>

#include "common/base/calendar.h"

static bool take_text(json_t *object, const char *name, char *ret_text, size_t room)
{
    const json_t *value = json_object_get(object, name);

    if (!json_is_string(value) || json_string_length(value) >= room)
        return false;
    memcpy(ret_text, json_string_value(value), json_string_length(value) + 1);
    (void)json_object_del(object, name);
    return true;
}

static bool take_number(json_t *object, const char *name, double *ret_number)
{
    const json_t *value = json_object_get(object, name);

    if (!json_is_number(value))
        return false;
    *ret_number = json_number_value(value);
    (void)json_object_del(object, name);
    return true;
}

static bool take_side(json_t *object, enum side *ret_side)
{
    char action[8];

    if (!take_text(object, "action", action, sizeof action))
        return false;
    (void)json_object_del(object, "side");
    *ret_side = strcmp(action, "BUY") == 0 ? SIDE_BUY : SIDE_SELL;
    return strcmp(action, side_name(*ret_side)) == 0;
}

static bool take_times(json_t *object, struct intent *intent)
{
    char timestamp[CALENDAR_ISO_MAX];
    char signal_id[STREAM_ID_TEXT_MAX];

    (void)take_text(object, "signal_timestamp", intent->signal_timestamp,
                    sizeof intent->signal_timestamp);
    (void)take_text(object, "signal_source", intent->signal_source, sizeof intent->signal_source);
    return take_text(object, "timestamp", timestamp, sizeof timestamp) &&
           calendar_read_iso(timestamp, strlen(timestamp), &intent->timestamp_ms) &&
           take_text(object, "signal_id", signal_id, sizeof signal_id) &&
           stream_id_read(signal_id, strlen(signal_id), &intent->signal_id);
}

static bool take_rank(json_t *object, unsigned *ret_rank)
{
    double rank;

    if (!take_number(object, "rank", &rank) || !(rank >= 1.0 && rank <= 1e6))
        return false;
    *ret_rank = (unsigned)rank;
    return true;
}

static bool take_all(json_t *object, struct intent *intent)
{
    double version;
    char source[sizeof INTENT_SOURCE];

    return take_number(object, "v", &version) && version == (double)INTENT_VERSION &&
           take_text(object, "symbol", intent->symbol, sizeof intent->symbol) &&
           take_side(object, &intent->side) &&
           take_number(object, "confidence", &intent->confidence) &&
           take_number(object, "score", &intent->score) && take_rank(object, &intent->rank) &&
           take_number(object, "position_size_usd", &intent->position_size_usd) &&
           take_number(object, "base_size_usd", &intent->base_size_usd) &&
           take_number(object, "size_boost", &intent->size_boost) &&
           take_number(object, "leverage", &intent->leverage) &&
           take_text(object, "source", source, sizeof source) && take_times(object, intent) &&
           take_text(object, "decision_id", intent->decision_id, sizeof intent->decision_id) &&
           take_text(object, "cycle_id", intent->cycle_id, sizeof intent->cycle_id);
}

bool intent_read(const char *text, size_t length, struct intent *ret_intent)
{
    json_t *object = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
    struct intent intent = {.carried = object};

    if (!json_is_object(object) || !take_all(object, &intent)) {
        json_decref(object);
        return false;
    }
    *ret_intent = intent;
    return true;
}
