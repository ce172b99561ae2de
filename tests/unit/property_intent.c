/* SPDX-License-Identifier: MIT */
/* Random intents, written and read back: nothing changes. */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/intent_reader.h"
#include "tests/unit/support.h"

enum { CASES = 20000 };

/* A number of at most fifteen digits, which is what is written. */
static double any_number(void)
{
    static const double scale[] = {1.0, 10.0, 100.0, 1e4, 1e8, 1e12};

    return (double)(chance_next() % 1000000000000000) / scale[chance_below(COUNT(scale))];
}

/* Any character but NUL and surrogates, as UTF-8. Returns how many bytes it took. */
static size_t any_character(char *ret_bytes)
{
    static const uint32_t limits[] = {0x80, 0x100, 0x800, 0x3000, 0x10000, 0x110000};
    uint32_t point = 1 + (uint32_t)chance_below(limits[chance_below(COUNT(limits))] - 1);

    if (point >= 0xd800 && point <= 0xdfff)
        point = 0x1f680;
    if (point < 0x80) {
        ret_bytes[0] = (char)point;
        return 1;
    }
    size_t length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--, point >>= 6)
        ret_bytes[i] = (char)(unsigned char)(0x80 | (point & 0x3f));
    ret_bytes[0] = (char)(unsigned char)((0xf00 >> length & 0xff) | point);
    return length;
}

static void any_text(char *ret_text, size_t most)
{
    size_t length = 0;
    size_t wanted = chance_below(most + 1);

    while (length + 4 <= wanted)
        length += any_character(ret_text + length);
    ret_text[length] = '\0';
}

static void any_word(const char *alphabet, char *ret_text, size_t least, size_t most)
{
    size_t length = least + chance_below(most - least + 1);

    for (size_t i = 0; i < length; i++)
        ret_text[i] = alphabet[chance_below(strlen(alphabet))];
    ret_text[length] = '\0';
}

static json_t *any_value(void)
{
    char text[SIGNAL_TEXT_MAX + 1];

    switch (chance_below(5)) {
    case 0:
        return json_integer((json_int_t)chance_next());
    case 1:
        return json_boolean(chance_one_in(2));
    case 2:
        return json_real(chance_one_in(2) ? any_number() : -any_number());
    default:
        any_text(text, SIGNAL_TEXT_MAX);
        return json_string(text);
    }
}

static json_t *any_carried(void)
{
    static const char *const names[] = {"entry_price", "quantity", "model",  "reason", "regime",
                                        "mood",        "ключ",     "a \" b", "π"};
    json_t *carried = json_object();

    for (size_t i = 0; i < COUNT(names); i++)
        if (chance_one_in(2))
            (void)json_object_set_new(carried, names[i], any_value());
    return carried;
}

static struct intent any_intent(void)
{
    static const char printable[] = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCXYZ[\\]^_`abcxyz{|}~";
    struct intent intent = {
        .side = chance_one_in(2) ? SIDE_BUY : SIDE_SELL,
        .confidence = (double)chance_below(1000000001) / 1e9,
        .score = (double)chance_below(1030000001) / 1e9,
        .rank = 1 + (unsigned)chance_below(1000000),
        .position_size_usd = any_number(),
        .base_size_usd = any_number(),
        .size_boost = any_number(),
        .leverage = any_number(),
        .timestamp_ms = (int64_t)(chance_next() % 253402300800000),
        .signal_id = {chance_next(), chance_next()},
        .carried = any_carried(),
    };

    any_word("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", intent.symbol, 3, SYMBOL_MAX);
    any_word(printable, intent.decision_id, 1, DECISION_ID_MAX);
    any_word(printable, intent.cycle_id, 1, INTENT_CYCLE_ID_MAX);
    any_text(intent.signal_timestamp, SIGNAL_TEXT_MAX);
    any_text(intent.signal_source, SIGNAL_TEXT_MAX);
    return intent;
}

static void expect_same(const struct intent *a, const struct intent *b)
{
    assert_string_equal(a->symbol, b->symbol);
    assert_int_equal(a->side, b->side);
    assert_true(a->confidence == b->confidence);
    assert_true(a->score == b->score);
    assert_int_equal(a->rank, b->rank);
    assert_true(a->position_size_usd == b->position_size_usd);
    assert_true(a->base_size_usd == b->base_size_usd);
    assert_true(a->size_boost == b->size_boost);
    assert_true(a->leverage == b->leverage);
    assert_int_equal(a->timestamp_ms, b->timestamp_ms);
    assert_int_equal(stream_id_compare(a->signal_id, b->signal_id), 0);
    assert_string_equal(a->decision_id, b->decision_id);
    assert_string_equal(a->signal_timestamp, b->signal_timestamp);
    assert_string_equal(a->signal_source, b->signal_source);
    assert_string_equal(a->cycle_id, b->cycle_id);
    assert_true(json_equal(a->carried, b->carried));
}

static void what_is_written_reads_back(void **state)
{
    (void)state;
    chance_begin();
    for (int i = 0; i < CASES; i++) {
        struct intent intent = any_intent();
        struct intent read;
        char *text = intent_write(&intent);
        if (!intent_read(text, strlen(text), &read))
            fail_msg("not read: %s", text);
        expect_same(&intent, &read);
        assert_null(strchr(text, '\n'));
        intent_release(&intent);
        intent_release(&read);
        free(text);
    }
}

/* Whatever one byte becomes, reading ends well. */
static void a_broken_byte_does_no_harm(void **state)
{
    (void)state;
    chance_begin();
    for (int i = 0; i < CASES; i++) {
        struct intent intent = any_intent();
        struct intent read;
        char *text = intent_write(&intent);
        size_t length = strlen(text);
        text[chance_below(length)] = (char)(unsigned char)chance_below(256);
        if (intent_read(text, chance_one_in(4) ? chance_below(length) : length, &read))
            intent_release(&read);
        intent_release(&intent);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(a_broken_byte_does_no_harm),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("property_intent", tests, NULL, NULL);
}
