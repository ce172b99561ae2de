/* SPDX-License-Identifier: MIT */
#include "common/trade/intent.h"

#include <assert.h>
#include <string.h>

#include "common/base/calendar.h"
#include "common/trade/direction.h"

/* Fifteen digits show every decimal number as it was typed and no float noise. */
static const size_t write_flags = JSON_COMPACT | JSON_REAL_PRECISION(15);

static const char *const reserved[] = {
    "v",
    "symbol",
    "action",
    "side",
    "confidence",
    "score",
    "rank",
    "leverage",
    "timestamp",
    "source",
    "signal_id",
    "decision_id",
    "cycle_id",
    "size_boost",
    "position_size_usd",
    "base_size_usd",
    "signal_timestamp",
    "signal_source",
};

bool intent_reserves(const char *name)
{
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (strcmp(reserved[i], name) == 0)
            return true;
    return direction_reserves(name);
}

static void put(json_t *object, const char *name, json_t *value)
{
    int failed = json_object_set_new(object, name, value);

    assert(!failed && "our own texts are UTF-8 and memory never fails");
}

static void put_times_and_ids(json_t *object, const struct intent *intent)
{
    char timestamp[CALENDAR_ISO_MAX];
    char signal_id[STREAM_ID_TEXT_MAX];

    calendar_iso(intent->timestamp_ms, timestamp);
    stream_id_print(intent->signal_id, signal_id);
    put(object, "timestamp", json_string(timestamp));
    put(object, "source", json_string(INTENT_SOURCE));
    put(object, "signal_id", json_string(signal_id));
    put(object, "decision_id", json_string(intent->decision_id));
    if (intent->signal_timestamp[0])
        put(object, "signal_timestamp", json_string(intent->signal_timestamp));
    if (intent->signal_source[0])
        put(object, "signal_source", json_string(intent->signal_source));
    put(object, "cycle_id", json_string(intent->cycle_id));
}

static void put_carried(json_t *object, json_t *carried)
{
    const char *name;
    json_t *value;

    json_object_foreach(carried, name, value)
    {
        assert(!intent_reserves(name));
        put(object, name, json_incref(value));
    }
}

char *intent_write(const struct intent *intent)
{
    json_t *object = json_object();

    put(object, "v", json_integer(INTENT_VERSION));
    put(object, "symbol", json_string(intent->symbol));
    put(object, "action", json_string(side_name(intent->side)));
    put(object, "side", json_string(side_name(intent->side)));
    put(object, "confidence", json_real(intent->confidence));
    put(object, "score", json_real(intent->score));
    put(object, "rank", json_integer(intent->rank));
    put(object, "position_size_usd", json_real(intent->position_size_usd));
    put(object, "base_size_usd", json_real(intent->base_size_usd));
    put(object, "size_boost", json_real(intent->size_boost));
    put(object, "leverage", json_real(intent->leverage));
    put_times_and_ids(object, intent);
    put_carried(object, intent->carried);

    char *text = json_dumps(object, write_flags);
    json_decref(object);
    assert(text);
    return text;
}

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

void intent_release(struct intent *intent)
{
    json_decref(intent->carried);
    intent->carried = NULL;
}
