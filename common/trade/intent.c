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

void intent_release(struct intent *intent)
{
    json_decref(intent->carried);
    intent->carried = NULL;
}
