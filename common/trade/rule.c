/* SPDX-License-Identifier: MIT */
#include "common/trade/rule.h"

#include <assert.h>

static const char *const names[] = {
    [RULE_NONE] = "none",
    [RULE_FUTURE] = "future",
    [RULE_TOO_MANY_FIELDS] = "too_many_fields",
    [RULE_NAME_TOO_LONG] = "field_name_too_long",
    [RULE_VALUE_TOO_LONG] = "value_too_long",
    [RULE_DUPLICATE_FIELD] = "duplicate_field",
    [RULE_TOO_DEEP] = "too_deep",
    [RULE_DUPLICATE_KEY] = "duplicate_key",
    [RULE_NOT_JSON] = "not_json",
    [RULE_NOT_AN_OBJECT] = "not_an_object",
    [RULE_SYMBOL] = "symbol",
    [RULE_SIDE] = "side",
    [RULE_CONFIDENCE] = "confidence",
    [RULE_SIZE] = "position_size_usd",
    [RULE_LEVERAGE] = "leverage",
    [RULE_SIZE_ZERO] = "size_zero",
    [RULE_ACTION] = "action",
    [RULE_TIMESTAMP] = "timestamp",
    [RULE_NUMBER] = "number",
    [RULE_PARTIAL_CLOSE] = "partial_close",
};

static_assert(sizeof names / sizeof *names == RULE_COUNT, "a rule without a name");

const char *rule_name(enum rule rule)
{
    assert(rule < RULE_COUNT);
    return names[rule];
}
