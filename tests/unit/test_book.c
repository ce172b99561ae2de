/* SPDX-License-Identifier: MIT */
/* What a neighbour's hashes say, one by one and together. */
#include <stdarg.h>
#include <string.h>

#include "ctl/capacity/book.h"
#include "tests/unit/support.h"

enum { VALUES = 4 };

static char amount_field[] = "position_amt", quantity_field[] = "quantity";
static char *amount_fields[] = {amount_field, quantity_field};
static const struct holding_rules rules = {
    .amounts = {amount_fields, 2}, .side = "side", .at = "ts", .stale_ms = 120000};

/* NULL: that field is not there. */
static enum holding holding_of(const char *amount, const char *quantity, const char *side,
                               const char *at)
{
    const char *texts[VALUES] = {amount, quantity, side, at};
    struct reply_text values[VALUES] = {{0}};

    for (size_t i = 0; i < VALUES; i++)
        if (texts[i])
            values[i] = (struct reply_text){texts[i], strlen(texts[i])};
    return holding_read(&rules, values, NOW_MS);
}

static void a_hash_is_held_or_flat_or_not_known(void **state)
{
    static const struct {
        const char *amount, *quantity, *side, *at;
        enum holding holding;
    } cases[] = {
        {"0.5", "0.5", "LONG", "1768824003", HOLDING_BUY},
        {"-0.5", "0.5", "SHORT", "1768824003", HOLDING_SELL},
        {"-0.5", "0.5", "LONG", "1768824003", HOLDING_SELL},
        {NULL, "0.5", "SHORT", "1768824003", HOLDING_SELL},
        {NULL, "0.5", NULL, "1768824003", HOLDING_BUY},
        {"0.0", "0.5", "LONG", "1", HOLDING_FLAT},
        {"-0.000e7", "0.5", "LONG", "1", HOLDING_FLAT},
        {"1e-400", "0.5", "LONG", "1768824003", HOLDING_BUY},
        {"-0.0002E-400", "0.5", "LONG", "1768824003", HOLDING_SELL},
        {"1e400", "0.5", "LONG", "1768824003", HOLDING_BAD_AMOUNT},
        {"0", "0", "FLAT", NULL, HOLDING_FLAT},
        {"1", "1", "LONG", "1768823883", HOLDING_BUY},
        {"1", "1", "LONG", "1768823882.999", HOLDING_STALE},
        {"1", "1", "LONG", "1768824123", HOLDING_BUY},
        {"1", "1", "LONG", "1768824124", HOLDING_BAD_TIME},
        {"1", "1", "LONG", NULL, HOLDING_BAD_TIME},
        {"1", "1", "LONG", "0", HOLDING_BAD_TIME},
        {"1", "1", "FLAT", "1768824003", HOLDING_BAD_SIDE},
        {"x", "1", "LONG", "1768824003", HOLDING_BAD_AMOUNT},
        {"inf", "1", "LONG", "1768824003", HOLDING_BAD_AMOUNT},
        {NULL, NULL, "LONG", "1768824003", HOLDING_NO_AMOUNT},
        {"None", " ", "FLAT", "1768824003", HOLDING_NO_AMOUNT},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(holding_of(cases[i].amount, cases[i].quantity, cases[i].side, cases[i].at),
                         cases[i].holding);
}

static void expect_held(const struct book *book, size_t at, const char *symbol, const char *value)
{
    char text[HELD_WRITTEN_MAX];

    assert_true(at < book->held_count);
    held_write(&book->held[at], text);
    assert_string_equal(book->held[at].symbol, symbol);
    assert_string_equal(text, value);
}

static void what_is_held_adds_up(void **state)
{
    struct book book = {0};

    (void)state;
    book_add(&book, "p:eth", " ethusdt", HOLDING_SELL);
    book_add(&book, "p:BTC", "BTCUSDT", HOLDING_BUY);
    book_add(&book, "p:?", "?", HOLDING_FLAT);
    book_add(&book, "p:ETH", "ETHUSDT", HOLDING_SELL);
    book_close(&book, false);
    assert_null(book.why);
    assert_int_equal(book.count, 3);
    assert_int_equal(book.held_count, 2);
    expect_held(&book, 0, "BTCUSDT", "BUY");
    expect_held(&book, 1, "ETHUSDT", "SELL 2");
    book_release(&book);
}

static void expect_unknown(struct book *book, bool none_is_zero, const char *why)
{
    book_close(book, none_is_zero);
    assert_non_null(book->why);
    assert_string_equal(book->why, why);
    book_release(book);
}

static void one_that_cannot_be_believed_spoils_it(void **state)
{
    struct book book = {0};

    (void)state;
    book_add(&book, "p:BTC", "BTCUSDT", HOLDING_BUY);
    book_add(&book, "p:ETH", "ETHUSDT", HOLDING_STALE);
    book_add(&book, "p:?", "?", HOLDING_BUY);
    expect_unknown(&book, true, "p:ETH is held and stale (--stale-sec)");
    book_add(&book, "p:?", "?", HOLDING_BUY);
    expect_unknown(&book, true, "p:? is held, and no symbol: 3 to 32 of A-Z 0-9 _ -");
    book_add(&book, "p:BTC", "BTCUSDT", HOLDING_BUY);
    book_add(&book, "p:btc", "btcusdt", HOLDING_SELL);
    expect_unknown(&book, true, "BTCUSDT is held on both sides");
}

static void nothing_at_all_is_not_known(void **state)
{
    struct book book = {0};

    (void)state;
    expect_unknown(&book, false, "there is no such key (--none-is-zero: then nothing is held)");
    book_close(&book, true);
    assert_null(book.why);
    assert_int_equal(book.count, 0);
    book_release(&book);
    book_add(&book, "p:BTC", "BTCUSDT", HOLDING_FLAT);
    book_close(&book, false);
    assert_null(book.why);
    assert_int_equal(book.count, 0);
    book_release(&book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hash_is_held_or_flat_or_not_known),
        cmocka_unit_test(what_is_held_adds_up),
        cmocka_unit_test(one_that_cannot_be_believed_spoils_it),
        cmocka_unit_test(nothing_at_all_is_not_known),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
