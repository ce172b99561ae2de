/* SPDX-License-Identifier: MIT */
#include "executor/decide/handed_exit.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/memory.h"

char *handed_exit_write(const struct order *order, const struct position *positions, size_t count)
{
    json_t *ids = json_array();

    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(ids, json_string(positions[i].intent_id));
    json_t *kept = json_pack("{s:s, s:s, s:s, s:o}", "symbol", order->symbol, "decision_id",
                             order->decision_id, "signal_id", order->signal_id, "closes", ids);
    char *text = kept ? json_dumps(kept, JSON_COMPACT) : NULL;
    json_decref(kept);
    assert(text && "our own texts are ASCII and memory never fails");
    return text;
}

static bool take_text(const char *text, char *ret_text, size_t room)
{
    int length = snprintf(ret_text, room, "%s", text);

    return length >= 0 && (size_t)length < room;
}

static bool take_ids(const json_t *ids, struct handed_exit *handed)
{
    size_t count = json_array_size(ids);

    handed->closes = memory_array(count + 1, sizeof *handed->closes);
    for (; handed->count < count; handed->count++) {
        const char *id = json_string_value(json_array_get(ids, handed->count));
        if (!id || !take_text(id, handed->closes[handed->count], sizeof *handed->closes))
            return false;
    }
    return true;
}

bool handed_exit_read(const char *text, size_t length, struct handed_exit *ret_handed)
{
    struct handed_exit handed = {.count = 0};
    const char *symbol, *decision_id, *signal_id;
    json_t *ids, *object = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
    bool is_sound = json_unpack(object, "{s:s, s:s, s:s, s:o}", "symbol", &symbol, "decision_id",
                                &decision_id, "signal_id", &signal_id, "closes", &ids) == 0 &&
                    json_is_array(ids) && take_text(symbol, handed.symbol, sizeof handed.symbol) &&
                    take_text(decision_id, handed.decision_id, sizeof handed.decision_id) &&
                    take_text(signal_id, handed.signal_id, sizeof handed.signal_id) &&
                    take_ids(ids, &handed);

    json_decref(object);
    if (is_sound)
        *ret_handed = handed;
    else
        handed_exit_release(&handed);
    return is_sound;
}

void handed_exit_release(struct handed_exit *handed)
{
    free(handed->closes);
    handed->closes = NULL;
    handed->count = 0;
}
