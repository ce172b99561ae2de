/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "common/base/sha256.h"
#include "tests/unit/support.h"

#define OWN_ID "1768824002000-0"

static void expect_id(struct entry entry, const char *wanted)
{
    entry_add(&entry, "payload", document_with("", NULL), strlen(document_with("", NULL)));
    struct signal *signal = must_read(entry);

    assert_string_equal(signal->decision_id, wanted);
    signal_free(signal);
}

static void expect_hash(const char *bytes, size_t length, const char *hashed, size_t hashed_length)
{
    struct entry entry = entry_of(NULL, NULL);
    char wanted[SHA256_TEXT_MAX];

    sha256_text(hashed, hashed_length, wanted);
    entry_add(&entry, "correlation_id", bytes, length);
    expect_id(entry, wanted);
}

static void the_first_that_says_something(void **state)
{
    (void)state;
    expect_id(entry_of("correlation_id", "c-1", "trace_id", "t-1", NULL), "c-1");
    expect_id(entry_of("trace_id", "t-1", "correlation_id", "c-1", NULL), "c-1");
    expect_id(entry_of("trace_id", "t-1", NULL), "t-1");
    expect_id(entry_of("event_type", "x", NULL), OWN_ID);
    expect_id(entry_of("correlation_id", " ", "trace_id", "none", NULL), OWN_ID);
}

static void words_for_nothing_are_passed_over(void **state)
{
    static const char *const nothing[] = {"",     "0",        " null ", "NULL",    "NONE",
                                          "None", "\tnone\n", "   ",    "\r\n 0 ", "nUlL"};

    (void)state;
    for (size_t i = 0; i < COUNT(nothing); i++) {
        expect_id(entry_of("correlation_id", nothing[i], "trace_id", "t-1", NULL), "t-1");
        expect_id(entry_of("correlation_id", nothing[i], "trace_id", nothing[i], NULL), OWN_ID);
    }
}

static void what_only_begins_like_nothing_is_an_id(void **state)
{
    (void)state;
    expect_id(entry_of("correlation_id", "00", NULL), "00");
    expect_id(entry_of("correlation_id", "nullable", NULL), "nullable");
    expect_id(entry_of("correlation_id", "no", NULL), "no");
    expect_id(entry_of("correlation_id", "0.0", NULL), "0.0");
    expect_id(entry_of("correlation_id", "nil", NULL), "nil");
}

static void blanks_at_both_ends_are_cut(void **state)
{
    (void)state;
    expect_id(entry_of("correlation_id", " \t\n\v\f\r c 1 \r\f\v\n\t ", NULL), "c 1");
}

static void up_to_128_bytes_stay_as_they_are(void **state)
{
    (void)state;
    expect_id(entry_of("correlation_id", text_of('x', 128), NULL), text_of('x', 128));
    expect_hash(text_of('x', 129), 129, text_of('x', 129), 129);
    expect_hash(text_of('x', 4096), 4096, text_of('x', 4096), 4096);
}

static void the_length_counts_without_blanks(void **state)
{
    char padded[131];

    (void)state;
    memset(padded, 'x', sizeof padded);
    padded[0] = padded[129] = ' ';
    padded[130] = '\0';
    expect_id(entry_of("correlation_id", padded, NULL), text_of('x', 128));
}

static void what_is_not_printable_ascii_is_hashed(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
    } strange[] = {
        {"a\nb", 3}, {"a\r\nINFO b", 9}, {"a\0b", 3}, {"\x7f", 1},
        {"\x1f", 1}, {"\xc3\xa9", 2},    {"\xff", 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(strange); i++)
        expect_hash(strange[i].bytes, strange[i].length, strange[i].bytes, strange[i].length);
    expect_hash(" a\nb ", 5, "a\nb", 3);
    expect_id(entry_of("correlation_id", "~!", NULL), "~!");
}

/* Whatever stands beside it counts before what stands in it. */
static void then_those_in_the_document_count(void **state)
{
    struct signal *inside = must_read_payload(document_with("correlation_id", "\"inside\""));
    struct signal *traced = must_read_payload(document_with("trace_id", "12"));
    struct signal *beside = must_read(entry_of(
        "payload", document_with("correlation_id", "\"inside\""), "trace_id", "beside", NULL));
    struct signal *flat = must_read(entry_of("symbol", "BTCUSDT", "side", "BUY", "confidence",
                                             "0.9", "correlation_id", "flat", NULL));

    (void)state;
    assert_string_equal(inside->decision_id, "inside");
    assert_string_equal(traced->decision_id, "12");
    assert_string_equal(beside->decision_id, "beside");
    assert_string_equal(flat->decision_id, "flat");
    signal_free(inside);
    signal_free(traced);
    signal_free(beside);
    signal_free(flat);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_that_says_something),
        cmocka_unit_test(words_for_nothing_are_passed_over),
        cmocka_unit_test(what_only_begins_like_nothing_is_an_id),
        cmocka_unit_test(blanks_at_both_ends_are_cut),
        cmocka_unit_test(up_to_128_bytes_stay_as_they_are),
        cmocka_unit_test(the_length_counts_without_blanks),
        cmocka_unit_test(what_is_not_printable_ascii_is_hashed),
        cmocka_unit_test(then_those_in_the_document_count),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("decision_id", tests, NULL, NULL);
}
