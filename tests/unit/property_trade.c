/* SPDX-License-Identifier: MIT */
/*
 * Router and executor read one document the same way. Documents by chance, in all three forms, with
 * what producers get wrong: other spellings, nulls, wrong types, keys that are there twice.
 *
 * What a document means is known from how it was made, not from reading it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/trade/intent.h"
#include "common/trade/order.h"
#include "tests/unit/support.h"

enum { CASES = 60000, MEMBERS_MAX = 24, TEXT_MAX = 96 };

struct member {
    const char *name;
    char json[TEXT_MAX];
};

static struct {
    struct member members[MEMBERS_MAX];
    size_t count;
    bool is_exit;
    char text[4096];
    char flat[MEMBERS_MAX][TEXT_MAX];
} made;

static void put(const char *name, const char *json)
{
    struct member *member = &made.members[made.count++];

    assert_true(made.count <= MEMBERS_MAX);
    member->name = name;
    (void)snprintf(member->json, sizeof member->json, "%s", json);
}

static const char *one_of(const char *const *list, size_t count)
{
    return list[chance_below(count)];
}

/* The word in any case, perhaps with blanks around it. */
static void put_word(const char *name, const char *word)
{
    char json[TEXT_MAX];
    bool has_blanks = chance_one_in(6), is_low = chance_one_in(3);

    (void)snprintf(json, sizeof json, "\"%s%s%s\"", has_blanks ? " " : "", word,
                   has_blanks ? "  " : "");
    for (char *c = json; is_low && *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    put(name, json);
}

static void put_direction(const char *name)
{
    static const char *const opening[] = {"BUY", "LONG", "BUY", "LONG", "SELL", "SHORT"};
    static const char *const closing[] = {"CLOSE",      "EXIT",        "FLAT",
                                          "CLOSE_LONG", "CLOSE_SHORT", "PARTIAL_CLOSE"};
    static const char *const silent[] = {"OPEN", "ENTER", "ENTRY", ""};
    static const char *const odd[] = {"7", "[]", "{}", "true", "\"BUYS\"", "\"CLOSED\"", "null"};

    switch (chance_below(9)) {
    case 0:
        put_word(name, one_of(closing, COUNT(closing)));
        made.is_exit = true;
        break;
    case 1:
        put_word(name, "HOLD");
        break;
    case 2:
        put_word(name, one_of(silent, COUNT(silent)));
        break;
    case 3:
        put(name, one_of(odd, COUNT(odd)));
        break;
    default:
        put_word(name, one_of(opening, COUNT(opening)));
    }
}

static void put_flag(const char *name)
{
    static const char *const off[] = {"false", "0", "0.0", "null", "\"\"", "\"0\"", "\"False\""};
    static const char *const on[] = {"true", "1",  "\"1\"",  "\"true\"", "\"yes\"",
                                     "[]",   "{}", "\"on\"", "-1",       "0.001"};
    bool is_on = chance_one_in(3);

    put(name, is_on ? one_of(on, COUNT(on)) : one_of(off, COUNT(off)));
    made.is_exit = made.is_exit || is_on;
}

static void put_ids(void)
{
    static const char *const names[] = {"correlation_id", "trace_id"};
    static const char *const ids[] = {"\"c-1\"", "\" t-2 \"", "12", "\"12\"",   "0",
                                      "null",    "\"None\"",  "[]", "\"a\\tb\""};

    for (size_t i = 0; i < COUNT(names); i++)
        if (chance_one_in(2))
            put(names[i], one_of(ids, COUNT(ids)));
}

static void put_numbers(void)
{
    static const char *const names[] = {"entry_price", "stop_loss", "take_profit", "quantity"};
    static const char *const sizes[] = {"100", "\"250.5\"", "9999", "0", "-1", "\"x\""};

    put("position_size_usd", chance_one_in(8) ? one_of(sizes, COUNT(sizes)) : "130");
    for (size_t i = 0; i < COUNT(names); i++)
        if (chance_one_in(3))
            put(names[i], chance_one_in(2) ? "43000.5" : "\"0.25\"");
}

static void shuffle(void)
{
    for (size_t i = made.count; i > 1; i--) {
        size_t other = chance_below(i);
        struct member member = made.members[other];
        made.members[other] = made.members[i - 1];
        made.members[i - 1] = member;
    }
}

static void make(void)
{
    static const char *const symbols[] = {"\"BTCUSDT\"", "\" ethusdt \"", "\"1000-PEPE_x\""};
    static const char *const places[] = {"side", "action", "direction"};
    static const char *const flags[] = {"reduce_only", "reduceOnly"};

    made.count = 0;
    made.is_exit = false;
    put("symbol", chance_one_in(20) ? "\"B\"" : one_of(symbols, COUNT(symbols)));
    put("confidence", "0.9");
    for (size_t i = 0; i < COUNT(places); i++)
        if (chance_one_in(2))
            put_direction(places[i]);
    for (size_t i = 0; i < COUNT(flags); i++)
        if (chance_one_in(6))
            put_flag(flags[i]);
    put_ids();
    put_numbers();
    if (chance_one_in(20))
        put("symbol", "\"BTCUSDT\""); /* there twice */
    if (chance_one_in(3))
        put("note", "\"\\u0041\""); /* leaves the plain way */
    shuffle();
}

static struct entry as_document(void)
{
    size_t length = 0;

    for (size_t i = 0; i < made.count; i++)
        length += (size_t)snprintf(made.text + length, sizeof made.text - length, "%c\"%s\":%s",
                                   i ? ',' : '{', made.members[i].name, made.members[i].json);
    (void)snprintf(made.text + length, sizeof made.text - length, "}");
    return entry_of(chance_one_in(2) ? "payload" : "data", made.text, NULL);
}

/* What is text loses its quotes; what is null is not there; all else is written as it is. */
static struct entry as_fields(void)
{
    struct entry entry = entry_of(NULL, NULL);

    for (size_t i = 0; i < made.count; i++) {
        const char *json = made.members[i].json;
        size_t length = strlen(json);
        bool is_text = json[0] == '"';
        if (strcmp(json, "null") == 0)
            continue;
        (void)snprintf(made.flat[i], TEXT_MAX, "%.*s", (int)(length - 2U * is_text),
                       json + is_text);
        entry_add(&entry, made.members[i].name, made.flat[i], strlen(made.flat[i]));
    }
    return entry;
}

static bool has(const char *name)
{
    for (size_t i = 0; i < made.count; i++)
        if (strcmp(made.members[i].name, name) == 0)
            return true;
    return false;
}

static struct entry any_entry(void)
{
    make();
    if (chance_one_in(3))
        return as_fields();
    struct entry entry = as_document();
    if (!has("trace_id") || chance_one_in(2))
        entry_add(&entry, "correlation_id", chance_one_in(2) ? "beside" : "none",
                  chance_one_in(2) ? 4 : 0);
    return entry;
}

/* What the router would publish of it. */
static struct order published(const struct signal *signal)
{
    struct intent intent = {.side = signal->side,
                            .confidence = signal->confidence,
                            .score = signal->confidence,
                            .rank = 1,
                            .position_size_usd = signal->position_size_usd,
                            .base_size_usd = signal->position_size_usd,
                            .size_boost = 1,
                            .leverage = signal->leverage,
                            .timestamp_ms = NOW_MS,
                            .signal_id = signal->id,
                            .cycle_id = "c-1",
                            .carried = signal->carried};
    struct order order;

    memcpy(intent.symbol, signal->symbol, sizeof intent.symbol);
    memcpy(intent.decision_id, signal->decision_id, sizeof intent.decision_id);
    char *text = intent_write(&intent);
    struct entry entry = entry_of("payload", text, NULL);
    assert_int_equal(order_read(&entry, &order), RULE_NONE);
    free(text);
    return order;
}

static void expect_same(const struct signal *signal, const struct order *order)
{
    assert_false(order->closes);
    assert_string_equal(order->symbol, signal->symbol);
    assert_int_equal(order->side, signal->side);
    assert_string_equal(order->decision_id, signal->decision_id);
    assert_true(order->size_usd == signal->position_size_usd);
}

static size_t opened, closed;

static void check(struct entry entry)
{
    struct signal_rules rules = rules_usual();
    struct signal *signal = NULL;
    struct order order;
    struct signal_verdict verdict = read_signal(&rules, &entry, &signal);
    bool is_order = order_read(&entry, &order) == RULE_NONE;

    if (made.is_exit && (signal || (is_order && !order.closes)))
        fail_msg("an exit opens: %s", entry.fields[0].value);
    if (!made.is_exit && (verdict.drop == DROP_CLOSE || (is_order && order.closes)))
        fail_msg("is no exit: %s", entry.fields[0].value);
    if ((signal != NULL) != (is_order && !order.closes))
        fail_msg("one of both opens: %s (%s)", entry.fields[0].value, rule_name(verdict.rule));
    closed += verdict.drop == DROP_CLOSE;
    if (!signal)
        return;
    opened++;
    expect_same(signal, &order);
    order = published(signal);
    expect_same(signal, &order);
    signal_free(signal);
}

static void both_read_the_same(void **state)
{
    (void)state;
    chance_begin();
    for (int i = 0; i < CASES; i++)
        check(any_entry());
    assert_true(opened > CASES / 20 && closed > CASES / 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_read_the_same),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("property_trade", tests, NULL, NULL);
}
