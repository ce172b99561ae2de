/* SPDX-License-Identifier: MIT */
#include "common/trade/direction.h"

#include <assert.h>
#include <string.h>

static const char *const names[] = {"BUY", "SELL", "HOLD", "CLOSE"};

static const char *const flags[] = {"reduce_only", "reduceOnly"};
static const char *const places[] = {"side", "action", "direction"};

/* What a word says: bits, because a document may say several things. */
enum say {
    SAYS_NOTHING = 0,
    SAYS_BUY = 1,
    SAYS_SELL = 2,
    SAYS_HOLD = 4,
    SAYS_CLOSE = 8,
    SAYS_CLOSE_LONG = 16,
    SAYS_CLOSE_SHORT = 32,
    SAYS_CLOSE_PART = 64,
    SAYS_WHAT = 128, /* no word that is known */
};

enum { SAYS_EXIT = SAYS_CLOSE | SAYS_CLOSE_LONG | SAYS_CLOSE_SHORT | SAYS_CLOSE_PART };

static const struct {
    const char *word;
    enum say says;
} words[] = {
    {"BUY", SAYS_BUY},
    {"SELL", SAYS_SELL},
    {"LONG", SAYS_BUY},
    {"SHORT", SAYS_SELL},
    {"HOLD", SAYS_HOLD},
    {"OPEN", SAYS_NOTHING},
    {"ENTER", SAYS_NOTHING},
    {"ENTRY", SAYS_NOTHING},
    {"", SAYS_NOTHING},
    {"CLOSE", SAYS_CLOSE},
    {"EXIT", SAYS_CLOSE},
    {"FLAT", SAYS_CLOSE},
    {"PARTIAL_CLOSE", SAYS_CLOSE_PART},
    {"CLOSE_LONG", SAYS_CLOSE_LONG},
    {"CLOSE_SHORT", SAYS_CLOSE_SHORT},
};

const char *intention_name(enum intention intention)
{
    assert(intention <= INTENT_CLOSE);
    return names[intention];
}

bool direction_reserves(const char *name)
{
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (strcmp(flags[i], name) == 0)
            return true;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (strcmp(places[i], name) == 0)
            return true;
    return false;
}

static enum say word_says(struct value value)
{
    if (value.kind == VALUE_ABSENT || value.kind == VALUE_NULL)
        return SAYS_NOTHING;
    if (value.kind != VALUE_TEXT)
        return SAYS_WHAT;
    value = value_trim(value);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (value_is_word(&value, words[i].word))
            return words[i].says;
    return SAYS_WHAT;
}

/* Only what surely says no does: a list, an object or a word that nobody knows means an exit. */
static enum say flag_says(struct value value)
{
    double number;
    bool is_off = value.kind == VALUE_ABSENT || value.kind == VALUE_NULL;

    if (value.kind == VALUE_BOOL)
        is_off = !value.truth;
    if (value.kind == VALUE_TEXT) {
        value = value_trim(value);
        is_off = value.length == 0 || value_is_word(&value, "false");
    }
    if (value_number(&value, &number)) /* a numeric text is as good as its number */
        is_off = number == 0;
    return is_off ? SAYS_NOTHING : SAYS_CLOSE;
}

static struct direction exit_of(unsigned said)
{
    unsigned of_one = said & (SAYS_CLOSE_LONG | SAYS_CLOSE_SHORT);

    return (struct direction){
        .intention = INTENT_CLOSE,
        .of_long = !of_one || (said & SAYS_CLOSE_LONG),
        .of_short = !of_one || (said & SAYS_CLOSE_SHORT),
        .is_partial = said & SAYS_CLOSE_PART,
    };
}

bool direction_read(const struct fields *fields, struct direction *ret_direction)
{
    unsigned said = SAYS_NOTHING;

    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        said |= flag_says(fields_get(fields, flags[i]));
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        said |= word_says(fields_get(fields, places[i]));
    if (said & SAYS_EXIT)
        *ret_direction = exit_of(said);
    else if (said & SAYS_HOLD)
        *ret_direction = (struct direction){.intention = INTENT_HOLD};
    else if (said == SAYS_BUY || said == SAYS_SELL)
        *ret_direction =
            (struct direction){.intention = said == SAYS_BUY ? INTENT_BUY : INTENT_SELL};
    else
        return false;
    return true;
}
