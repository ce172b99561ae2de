/* SPDX-License-Identifier: MIT */
/* What is shown of an entry that breaks a rule. */
#include "common/trade/evidence.h"

#include <string.h>

#include "tests/unit/support.h"

static void expect_text(const struct evidence_text *text, const char *wanted)
{
    if (text->length != strlen(wanted) || memcmp(text->bytes, wanted, text->length) != 0)
        fail_msg("%.*s, not %s", (int)text->length, text->bytes, wanted);
}

static void expect_evidence(struct entry entry, enum rule rule, const char *symbol,
                            const char *value)
{
    struct evidence evidence;

    evidence_read(&entry, rule, &evidence);
    expect_text(&evidence.symbol, symbol);
    expect_text(&evidence.value, value);
}

static struct entry payload(const char *document)
{
    return entry_of("payload", document, NULL);
}

static void the_value_that_breaks_it(void **state)
{
    (void)state;
    expect_evidence(payload("{\"symbol\":\"BTC/USD\"}"), RULE_SYMBOL, "BTC/USD", "BTC/USD");
    expect_evidence(payload("{\"symbol\":7}"), RULE_SYMBOL, "?", "7");
    expect_evidence(payload("{\"symbol\":\"X\",\"confidence\":NaN}"), RULE_CONFIDENCE, "X", "NaN");
    expect_evidence(payload("{\"symbol\":\"X\",\"leverage\":[1,\"\\n\"]}"), RULE_LEVERAGE, "X",
                    "[1,\"\\n\"]");
    expect_evidence(payload("{\"position_size_usd\":true}"), RULE_SIZE, "?", "true");
    expect_evidence(payload("{\"side\":\"BUY\",\"action\":\"SELL\",\"direction\":null}"), RULE_SIDE,
                    "?", "side:BUY,action:SELL,direction:null");
    expect_evidence(entry_of("symbol", "ab", "side", "", NULL), RULE_SYMBOL, "ab", "ab");
    expect_evidence(payload("{}"), RULE_CONFIDENCE, "?", "");
    expect_evidence(payload("{\"symbol\":\"X\"}"), RULE_FUTURE, "X", "");
}

static void of_a_document_its_beginning(void **state)
{
    (void)state;
    expect_evidence(payload("{\"symbol\""), RULE_NOT_JSON, "?", "{\"symbol\"");
    expect_evidence(payload(text_of('x', 100)), RULE_NOT_JSON, "?", text_of('x', 65));
    expect_evidence(payload("[1]"), RULE_NOT_AN_OBJECT, "?", "[1]");
}

static void of_a_bound_the_field(void **state)
{
    struct entry crowded = entry_of("a", "1", NULL);

    (void)state;
    expect_evidence(entry_of("a", "1", "note", text_of('x', 4097), NULL), RULE_VALUE_TOO_LONG, "?",
                    "note");
    expect_evidence(entry_of(text_of('n', 70), "1", NULL), RULE_NAME_TOO_LONG, "?",
                    text_of('n', 65));
    expect_evidence(entry_of("a", "1", "b", "2", "a", "3", NULL), RULE_DUPLICATE_FIELD, "?", "a");
    for (size_t i = 0; i < 100; i++)
        entry_add(&crowded, text_of('n', i + 1), "v", 1);
    expect_evidence(crowded, RULE_TOO_MANY_FIELDS, "?", "101");
    expect_evidence(crowded, RULE_FUTURE, "?", "101");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_value_that_breaks_it),
        cmocka_unit_test(of_a_document_its_beginning),
        cmocka_unit_test(of_a_bound_the_field),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("evidence", tests, NULL, NULL);
}
