/* SPDX-License-Identifier: MIT */
#include "common/trade/rule.h"

#include <assert.h>

static const struct {
    const char *name;
    const char *words;
} rules[] = {
    [RULE_NONE] = {"none", "nothing is wrong with it"},
    [RULE_FUTURE] = {"future", "its id is ahead of Redis' clock"},
    [RULE_TOO_MANY_FIELDS] = {"too_many_fields", "it has more than 64 fields"},
    [RULE_NAME_TOO_LONG] = {"field_name_too_long", "the name of a field is longer than 64 bytes"},
    [RULE_VALUE_TOO_LONG] = {"value_too_long",
                             "its document is longer than 64 KiB, or another field than 4 KiB"},
    [RULE_DUPLICATE_FIELD] = {"duplicate_field", "a field is there twice"},
    [RULE_TOO_DEEP] = {"too_deep", "it is nested deeper than 8 levels"},
    [RULE_DUPLICATE_KEY] = {"duplicate_key", "a name is there twice"},
    [RULE_NOT_JSON] = {"not_json", "it is no JSON"},
    [RULE_NOT_AN_OBJECT] = {"not_an_object", "it is no JSON object"},
    [RULE_SYMBOL] = {"symbol", "its symbol is not 3 to 32 letters, digits, _ and -"},
    [RULE_SIDE] = {"side", "side, action and direction do not agree on BUY or SELL"},
    [RULE_CONFIDENCE] = {"confidence", "its confidence is no number from 0 to 1"},
    [RULE_SIZE] = {"position_size_usd",
                   "its position_size_usd is no number above 0 and up to 1e15"},
    [RULE_LEVERAGE] = {"leverage",
                       "its leverage is no number from 1 to the highest that is allowed"},
    [RULE_SIZE_ZERO] = {"size_zero", "its size is 0.00 when it is rounded to the cent"},
    [RULE_ACTION] = {"action", "it does not say BUY, SELL or an exit"},
    [RULE_TIMESTAMP] = {"timestamp", "its timestamp is no time"},
    [RULE_NUMBER] = {"number",
                     "a price, quantity or percentage is no number, negative or above 1e15"},
    [RULE_PARTIAL_CLOSE] =
        {"partial_close",
         "it closes a part of a position, and nobody here reads how large that is"},
};

static_assert(sizeof rules / sizeof *rules == RULE_COUNT, "a rule without a name");

const char *rule_name(enum rule rule)
{
    assert(rule < RULE_COUNT);
    return rules[rule].name;
}

const char *rule_words(enum rule rule)
{
    assert(rule < RULE_COUNT);
    return rules[rule].words;
}
