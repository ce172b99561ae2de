/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/trade/gate.h"
#include "common/trade/signal.h"
#include "tests/unit/support.h"

static bool is_low(const char *payload)
{
    struct entry entry = entry_of("payload", payload, NULL);
    double confidence;

    return gate_is_surely_low(&entry, 0.75, &confidence);
}

static void a_low_confidence_is_found(void **state)
{
    (void)state;
    assert_true(is_low("{\"confidence\":0.5}"));
    assert_true(is_low(" { \"confidence\" : 0.7499999 } "));
    assert_true(is_low("{\"confidence\":\"0.5\"}"));
    assert_true(is_low("{\"confidence\":0}"));
    assert_true(
        is_low("{\"a\":\"}{\\\"\",\"b\":[{\"confidence\":0.9},\"]\"],\"confidence\":5e-1}"));
    assert_true(is_low("{\"a\":null,\"b\":-1.5e3,\"c\":true,\"confidence\":0.1,\"d\":1}"));
}

static void all_else_is_left_to_the_parser(void **state)
{
    (void)state;
    assert_false(is_low("{\"confidence\":0.75}"));
    assert_false(is_low("{\"confidence\":1}"));
    assert_false(is_low("{\"confidence\":-0.1}"));
    assert_false(is_low("{\"confidence\":true}"));
    assert_false(is_low("{\"confidence\":null}"));
    assert_false(is_low("{\"confidence\":\"low\"}"));
    assert_false(is_low("{\"confidence\":[0.1]}"));
    assert_false(is_low("{\"conf\\u0069dence\":0.1}"));
    assert_false(is_low("{\"inner\":{\"confidence\":0.1},\"confidence\":0.9}"));
    assert_false(is_low("[{\"confidence\":0.1}]"));
    assert_false(is_low("{\"a\":1}"));
    assert_false(is_low("{\"a\" 1,\"confidence\":0.1}"));
    assert_false(is_low("{\"a\":[1,\"confidence\":0.1}"));
    assert_false(is_low("{\"a\":\"no end"));
    assert_false(is_low("{\"a\":"));
    assert_false(is_low("{"));
    assert_false(is_low(""));
}

static void a_flat_entry_is_left_to_the_parser(void **state)
{
    (void)state;
    struct entry entry = entry_of("confidence", "0.1", NULL);
    double confidence;

    assert_false(gate_is_surely_low(&entry, 0.75, &confidence));
}

static const char *const members[] = {
    "\"confidence\":0.1",       "\"confidence\":0.9",  "\"confidence\":\"0.2\"",
    "\"confidence\":null",      "\"a\":[1,{\"b\":2}]", "\"symbol\":\"BTCUSDT\"",
    "\"side\":\"BUY\"",         "\"c\":\"}\\\",\"",    "\"d\":{\"confidence\":0.3}",
    "\"\\u0063onfidence\":0.1", "\"e\":-1.5e3",        "\"side\":\"SELL\",\"symbol\":\"ETHUSDT\"",
};

static const char *const noise[] = {
    "{", "}", "[", "]", ",", ":", "\"", "\\", " ", "0.1", "\"confidence\""};

/* Mostly JSON; now and then with something in it that does not belong there. */
static void write_text(char *ret_text, size_t room)
{
    size_t length = (size_t)snprintf(ret_text, room, "{");

    for (size_t i = 0, count = 1 + chance_below(6); i < count; i++) {
        length += (size_t)snprintf(ret_text + length, room - length, "%s%s", i ? "," : "",
                                   members[chance_below(COUNT(members))]);
        if (chance_one_in(10))
            length += (size_t)snprintf(ret_text + length, room - length, "%s",
                                       noise[chance_below(COUNT(noise))]);
    }
    (void)snprintf(ret_text + length, room - length, "}");
}

/* The parser by itself, as it is asked where every drop has to be explained. */
static bool parser_drops(const struct entry *entry)
{
    struct signal_rules rules = rules_usual();
    struct signal *signal = NULL;

    rules.explain_low = true;
    bool drops = read_signal(&rules, entry, &signal).drop != DROP_NONE;
    signal_free(signal);
    return drops;
}

static void what_it_drops_the_parser_drops_too(void **state)
{
    enum { ROUNDS = 200000 };
    char text[1024];
    size_t low = 0, kept = 0;

    (void)state;
    chance_begin();
    for (unsigned i = 0; i < ROUNDS; i++) {
        double confidence;
        write_text(text, sizeof text);
        struct entry entry = entry_of("payload", text, NULL);
        bool is_surely_low = gate_is_surely_low(&entry, 0.75, &confidence);
        if (is_surely_low && !parser_drops(&entry))
            fail_msg("the gate drops what the parser keeps: %s", text);
        low += is_surely_low;
        kept += !is_surely_low;
    }
    assert_true(low > ROUNDS / 100 && kept > ROUNDS / 100);
}

/* Sound documents, with the confidence at any place among the keys. */
static void a_sound_document_gets_the_same_answer(void **state)
{
    (void)state;
    chance_begin();
    for (unsigned i = 0; i < 20000; i++) {
        char text[512];
        double read;
        double wanted = (double)chance_below(1001) / 1000.0;
        bool first = chance_one_in(2);
        (void)snprintf(
            text, sizeof text,
            "{%s%.3f,\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"inner\":{\"confidence\":%d}%s%.3f}",
            first ? "\"confidence\":" : "\"z\":", wanted, (int)chance_below(2),
            first ? ",\"z\":" : ",\"confidence\":", wanted);
        struct entry entry = entry_of("payload", text, NULL);
        assert_int_equal(gate_is_surely_low(&entry, 0.75, &read), wanted < 0.75);
        assert_int_equal(parser_drops(&entry), wanted < 0.75);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_low_confidence_is_found),
        cmocka_unit_test(all_else_is_left_to_the_parser),
        cmocka_unit_test(a_flat_entry_is_left_to_the_parser),
        cmocka_unit_test(a_sound_document_gets_the_same_answer),
        cmocka_unit_test(what_it_drops_the_parser_drops_too),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
