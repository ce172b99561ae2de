/* SPDX-License-Identifier: MIT */
/*
 * The rules that an entry can break, the words that logs and dead letters name them by, and what
 * they say to people. Pure.
 */
#pragma once

enum rule {
    RULE_NONE,
    RULE_FUTURE,
    RULE_TOO_MANY_FIELDS,
    RULE_NAME_TOO_LONG,
    RULE_VALUE_TOO_LONG,
    RULE_DUPLICATE_FIELD,
    RULE_TOO_DEEP,
    RULE_DUPLICATE_KEY,
    RULE_NOT_JSON,
    RULE_NOT_AN_OBJECT,
    RULE_SYMBOL,
    RULE_SIDE,
    RULE_CONFIDENCE,
    RULE_SIZE,
    RULE_LEVERAGE,
    RULE_SIZE_ZERO,
    RULE_SIGNAL_COUNT, /* those below it can be broken by signals */
    RULE_ACTION = RULE_SIGNAL_COUNT,
    RULE_TIMESTAMP,
    RULE_NUMBER,
    RULE_PARTIAL_CLOSE,
    RULE_COUNT,
};

/* "symbol", "not_json", …; "none" for RULE_NONE. */
const char *rule_name(enum rule rule);

/* What is wrong with an entry that breaks it, as the end of a sentence: "it is no JSON". */
const char *rule_words(enum rule rule);
