/* SPDX-License-Identifier: MIT */
/*
 * Router and executor read one document the same way. Documents by chance, in all three forms, with
 * what producers get wrong: other spellings, nulls, wrong types, numbers beyond all bounds, words
 * where a number should be, keys that are there twice.
 *
 * What a document means is known from how it was made, not from reading it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/trade/intent.h"
#include "common/trade/order.h"
#include "executor/decide/position.h"
#include "router/decide/plan.h"
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
    bool is_partial;        /* some word says PARTIAL_CLOSE */
    bool is_broken;         /* its symbol is none, or a key is there twice */
    bool has_unsound;       /* a price or a time that the router leaves out */
    bool has_word, is_flat; /* in flat form a word is unsound, too */
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

static void put_closing(const char *name)
{
    static const char *const words[] = {"CLOSE",      "EXIT",        "FLAT",
                                        "CLOSE_LONG", "CLOSE_SHORT", "PARTIAL_CLOSE"};
    const char *word = one_of(words, COUNT(words));

    put_word(name, word);
    made.is_exit = true;
    made.is_partial = made.is_partial || strcmp(word, "PARTIAL_CLOSE") == 0;
}

static void put_direction(const char *name)
{
    static const char *const opening[] = {"BUY", "LONG", "BUY", "LONG", "SELL", "SHORT"};
    static const char *const silent[] = {"OPEN", "ENTER", "ENTRY", ""};
    static const char *const odd[] = {"7", "[]", "{}", "true", "\"BUYS\"", "\"CLOSED\"", "null"};

    switch (chance_below(9)) {
    case 0:
        put_closing(name);
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
    static const char *const ids[] = {"\"c-1\"", "\" t-2 \"", "12", "\"12\"",    "0",
                                      "null",    "\"None\"",  "[]", "\"a\\tb\"", "NaN"};

    for (size_t i = 0; i < COUNT(names); i++)
        if (chance_one_in(2))
            put(names[i], one_of(ids, COUNT(ids)));
}

/* What the router leaves out, and the executor refuses in an opening. */
static void put_carried(const char *name, const char *sound, const char *const *unsound,
                        size_t count)
{
    static const char *const words[] = {"NaN", "Infinity", "-Infinity"};

    switch (chance_below(12)) {
    case 0:
        put(name, one_of(unsound, count));
        made.has_unsound = true;
        break;
    case 1:
        put(name, one_of(words, COUNT(words)));
        made.has_word = true;
        break;
    case 2:
    case 3:
        put(name, sound);
        break;
    case 4:
        put(name, "null");
        break;
    default:
        break;
    }
}

static void put_prices(void)
{
    static const char *const names[] = {"entry_price", "stop_loss", "take_profit", "quantity"};
    static const char *const rates[] = {"stop_loss_pct", "take_profit_pct", "trail_percent"};
    static const char *const unsound[] = {"-1e16",   "1.1e15",    "1e308", "\"x\"", "\"\"",
                                          "\"nan\"", "\"1e999\"", "true",  "[]"};
    static const char *const no_times[] = {"\"yesterday\"", "true", "-1", "{}", "1e300"};

    for (size_t i = 0; i < COUNT(names); i++) {
        bool is_level = i == 1 || i == 2; /* below 0 it is none, to both */
        put_carried(names[i],
                    is_level && chance_one_in(4) ? "-1.5"
                    : chance_one_in(2)           ? "43000.5"
                                                 : "\"0.25\"",
                    unsound, COUNT(unsound));
    }
    for (size_t i = 0; i < COUNT(rates); i++)
        put_carried(rates[i], chance_one_in(2) ? "-2" : "\"1.5\"", unsound, COUNT(unsound));
    if (chance_one_in(4))
        put_carried("timestamp", "1768824002", no_times, COUNT(no_times));
    if (chance_one_in(20)) {
        put("quote_price", "-1");
        put("stop_gain", "NaN"); /* no name of ours */
    }
}

/* Both refuse the same of these. */
static void put_numbers(void)
{
    static const char *const sizes[] = {"100",   "\"250.5\"", "9999", "0",   "-1",
                                        "12500", "1e15",      "1e16", "NaN", "\"x\""};
    static const char *const leverages[] = {"5",  "\"2.5\"", "null",     "0.5",
                                            "-1", "1e16",    "Infinity", "[]"};
    static const char *const confidences[] = {"\"0.95\"", "1", "1.01", "-0.1", "NaN", "\"x\""};

    put("position_size_usd", chance_one_in(8) ? one_of(sizes, COUNT(sizes)) : "130");
    put("confidence", chance_one_in(12) ? one_of(confidences, COUNT(confidences)) : "0.9");
    if (chance_one_in(8))
        put("leverage", one_of(leverages, COUNT(leverages)));
    put_prices();
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
    made.is_exit = made.is_partial = made.has_unsound = made.has_word = false;
    made.is_broken = chance_one_in(20);
    put("symbol", made.is_broken ? "\"B\"" : one_of(symbols, COUNT(symbols)));
    for (size_t i = 0; i < COUNT(places); i++)
        if (chance_one_in(2))
            put_direction(places[i]);
    for (size_t i = 0; i < COUNT(flags); i++)
        if (chance_one_in(6))
            put_flag(flags[i]);
    put_ids();
    put_numbers();
    if (chance_one_in(20)) {
        put("symbol", "\"BTCUSDT\""); /* there twice */
        made.is_broken = true;
    }
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
    made.is_flat = chance_one_in(3);
    if (made.is_flat)
        return as_fields();
    struct entry entry = as_document();
    if (!has("trace_id") || chance_one_in(2))
        entry_add(&entry, "correlation_id", chance_one_in(2) ? "beside" : "none",
                  chance_one_in(2) ? 4 : 0);
    return entry;
}

static struct intent decide(const struct window *window, bool carries_quantity)
{
    struct plan_rules rules = plan_rules_usual();

    rules.carries_quantity = carries_quantity;
    return lone_intent(rules, window, NOW_MS);
}

static double carried_by(const struct intent *intent, const char *name)
{
    return json_number_value(json_object_get(intent->carried, name));
}

/* The executor takes it as it is, and no level of it closes the position as soon as it is open. */
static void expect_accepted(const struct intent *intent, const struct order *order)
{
    const struct fill_rules fill = {.slippage_bps = 2, .fee_pct = 0.04, .hold_ms = 900000};
    double price = order->entry_price > 0 ? order->entry_price : 100;
    struct position position;

    assert_true(order->size_usd == intent->position_size_usd);
    assert_true(order->leverage == intent->leverage);
    assert_true(order->quantity == carried_by(intent, "quantity"));
    assert_true(order->entry_price == carried_by(intent, "entry_price"));
    assert_true(order->stop_loss == carried_by(intent, "stop_loss"));
    assert_true(order->take_profit == carried_by(intent, "take_profit"));
    position_open(order, &fill, price, NOW_MS, &position);
    assert_int_equal(position_ends(&position, position.price, NOW_MS), POSITION_STAYS);
}

static struct order published(const struct window *window, bool carries_quantity)
{
    struct intent intent = decide(window, carries_quantity);
    struct order order;

    if (!carries_quantity)
        assert_null(json_object_get(intent.carried, "quantity"));
    char *text = intent_write(&intent);
    struct entry entry = entry_of("payload", text, NULL);
    assert_int_equal(order_read(&entry, &order), RULE_NONE);
    expect_accepted(&intent, &order);
    intent_release(&intent);
    free(text);
    return order;
}

static void expect_same(const struct signal *signal, const struct order *order)
{
    assert_false(order->closes);
    assert_string_equal(order->symbol, signal->symbol);
    assert_int_equal(order->side, signal->side);
    assert_string_equal(order->decision_id, signal->decision_id);
}

static size_t opened, closed;

/* The router leaves out of an opening what is unsound and clamps its size; the executor refuses the
 * one, and leaves the other to its guards. An exit is refused for no number. */
static void check_rules(const struct entry *entry, const struct signal *signal, enum rule rule,
                        const struct order *order)
{
    bool is_unsound = made.has_unsound || (made.is_flat && made.has_word);
    bool must_be_read = made.is_exit && !made.is_partial && !made.is_broken;

    if (must_be_read && rule != RULE_NONE)
        fail_msg("an exit is lost: %s (%s)", entry->fields[0].value, rule_name(rule));
    if (!signal)
        return;
    if (is_unsound ? rule != RULE_NUMBER && rule != RULE_TIMESTAMP : rule != RULE_NONE)
        fail_msg("the executor: %s (%s)", entry->fields[0].value, rule_name(rule));
    assert_true(order->size_usd == signal->asked_usd);
}

static void check(struct entry entry)
{
    struct signal_rules rules = rules_usual();
    struct signal *signal = NULL;
    struct order order;
    struct signal_verdict verdict = read_signal(&rules, &entry, &signal);
    enum rule rule = order_read(&entry, &order);
    bool is_order = rule == RULE_NONE;

    if (made.is_exit && (signal || (is_order && !order.closes)))
        fail_msg("an exit opens: %s", entry.fields[0].value);
    if (!made.is_exit && (verdict.drop == DROP_CLOSE || (is_order && order.closes)))
        fail_msg("is no exit: %s", entry.fields[0].value);
    if (!signal && is_order && !order.closes)
        fail_msg("one of both opens: %s (%s)", entry.fields[0].value, rule_name(verdict.rule));
    check_rules(&entry, signal, rule, &order);
    closed += verdict.drop == DROP_CLOSE;
    if (!signal)
        return;
    opened++;
    expect_same(signal, &order);
    struct window window = window_of(signal, NULL);
    order = published(&window, chance_one_in(2));
    expect_same(signal, &order);
    window_clear(&window);
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
