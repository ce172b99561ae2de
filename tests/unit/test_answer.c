/* SPDX-License-Identifier: MIT */
/* What becomes of an order by its adapter's answer, and the exit that is kept until then. */
#include "executor/decide/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/support.h"

static struct answer answer_of(enum answer_status status)
{
    return (struct answer){.id = "100-1", .order_id = "1-0", .status = status, .reason = "why"};
}

#define IGN ANSWER_IS_IGNORED

static void the_table(void **state)
{
    static const enum answer_act rows[][ANSWER_UNKNOWN + 1] = {
        [KEPT_NOTHING] = {IGN, IGN, IGN, IGN, IGN},
        [KEPT_UNSOUND] = {IGN, IGN, IGN, IGN, IGN},
        [KEPT_ASKED] = {ANSWER_OPENS, ANSWER_REFUSES, ANSWER_REFUSES, ANSWER_ENDS, IGN},
        [KEPT_OPEN] = {IGN, IGN, IGN, ANSWER_ENDS, IGN},
        [KEPT_REFUSED] = {ANSWER_OPENS, IGN, IGN, IGN, IGN},
        [KEPT_EXIT] = {ANSWER_ENDS_EXIT, ANSWER_KEEPS_EXIT, ANSWER_KEEPS_EXIT, ANSWER_ENDS_EXIT,
                       IGN},
    };

    const struct position position = {.handed_over = true};

    (void)state;
    for (enum kept kept = 0; kept < COUNT(rows); kept++) {
        for (enum answer_status status = 0; status <= ANSWER_UNKNOWN; status++) {
            struct answer answer = answer_of(status);
            struct answer_verdict verdict = answer_judge(&answer, kept, &position);
            assert_int_equal(verdict.act, rows[kept][status]);
            assert_int_equal(verdict.why != NULL, verdict.act == ANSWER_IS_IGNORED);
        }
    }
}

static void statuses_have_their_names(void **state)
{
    (void)state;
    assert_int_equal(answer_status_named("filled"), ANSWER_FILLED);
    assert_int_equal(answer_status_named("rejected"), ANSWER_REJECTED);
    assert_int_equal(answer_status_named("expired"), ANSWER_EXPIRED);
    assert_int_equal(answer_status_named("closed"), ANSWER_CLOSED);
    assert_int_equal(answer_status_named("Filled"), ANSWER_UNKNOWN);
    assert_int_equal(answer_status_named(""), ANSWER_UNKNOWN);
}

static double figure(const char *text)
{
    return answer_figure(text, strlen(text));
}

static void figures_are_bounded(void **state)
{
    static const char *const none[] = {"",    "0",     "-1",     "x",    "nan",
                                       "inf", "1e308", "1.1e15", "1e999"};

    (void)state;
    for (size_t i = 0; i < COUNT(none); i++)
        assert_true(figure(none[i]) == 0);
    assert_true(figure("50010.5") == 50010.5 && figure("1e15") == 1e15);
}

/* Nothing that was handed over goes with an exit, nor what was filled behind its answer. */
static void what_an_exit_takes(void **state)
{
    struct answer answer = answer_of(ANSWER_CLOSED);
    struct position position = {.handed_over = true};

    (void)state;
    assert_false(answer_takes(&answer, &position));
    position.handed_over = false;
    assert_true(answer_takes(&answer, &position)); /* of an older version */
    memcpy(position.answered_id, "100-0", 6);
    assert_true(answer_takes(&answer, &position));
    memcpy(position.answered_id, "99-9", 5);
    assert_true(answer_takes(&answer, &position));
    memcpy(position.answered_id, "100-2", 6);
    assert_false(answer_takes(&answer, &position));
}

/* Read in another order, what an exit has closed before its fill is known is closed all the same.
 */
static void a_fill_that_is_read_behind_its_exit(void **state)
{
    struct answer closed = answer_of(ANSWER_CLOSED), filled = answer_of(ANSWER_FILLED);
    struct position position = {.handed_over = true};

    (void)state;
    answer_close(&closed, &position);
    assert_string_equal(position.closed_id, "100-1");
    memcpy(closed.id, "99-0", 5);
    answer_close(&closed, &position);
    assert_string_equal(position.closed_id, "100-1");
    memcpy(filled.id, "100-2", 6);
    assert_int_equal(answer_judge(&filled, KEPT_ASKED, &position).act, ANSWER_OPENS);
    memcpy(filled.id, "100-0", 6);
    assert_int_equal(answer_judge(&filled, KEPT_ASKED, &position).act, ANSWER_OPENED);
    assert_int_equal(answer_judge(&filled, KEPT_REFUSED, &position).act, ANSWER_OPENED);
}

static void what_a_fill_makes_of_a_position(void **state)
{
    struct answer answer = answer_of(ANSWER_FILLED);
    struct position position = {.handed_over = true, .price = 1, .quantity = 7};

    (void)state;
    answer.price = 50;
    answer.fee_usd = 0.5;
    answer_fill(&answer, &position);
    assert_true(position.price == 50 && position.quantity == 7 && position.fee_usd == 0.5);
    assert_false(position.handed_over);
    assert_string_equal(position.answered_id, "100-1");
    answer.quantity = 3;
    answer_fill(&answer, &position);
    assert_true(position.quantity == 3);
}

static void what_was_trimmed_says_nothing(void **state)
{
    struct answer answer = answer_of(ANSWER_UNKNOWN);

    (void)state;
    answer.is_trimmed = true;
    assert_string_equal(answer_judge(&answer, KEPT_NOTHING, NULL).why,
                        "it was trimmed before it was read");
}

/* --- what it is told by */

static void expect_told(enum answer_status status, enum kept kept, const char *words)
{
    struct answer answer = answer_of(status);
    struct position position = {
        .intent_id = "1-0", .symbol = "BTCUSDT", .side = SIDE_SELL, .quantity = 2};
    char told[128];

    answer.reason[0] = '\0';
    struct result result = answer_tell_position(&answer, kept, &position, NOW_MS);
    (void)snprintf(told, sizeof told, "%s %s %s", result.status, result.intent_id, result.reason);
    assert_string_equal(told, words);
    assert_true(result.quantity == 2 && result.ts_ms == NOW_MS);
    assert_string_equal(result.side, "SELL");
    if (status == ANSWER_CLOSED)
        assert_string_equal(result.price_source, "unknown");
    else
        assert_null(result.price_source);
}

static void positions_are_told(void **state)
{
    (void)state;
    expect_told(ANSWER_FILLED, KEPT_ASKED, "filled 1-0 ");
    expect_told(ANSWER_REJECTED, KEPT_ASKED, "rejected 1-0 ");
    expect_told(ANSWER_EXPIRED, KEPT_ASKED, "rejected 1-0 expired");
    expect_told(ANSWER_CLOSED, KEPT_ASKED, "closed 1-0 ");
    expect_told(ANSWER_CLOSED, KEPT_OPEN, "closed  ");
    expect_told(ANSWER_FILLED, KEPT_REFUSED, "filled 1-0 late");
}

static void exits_are_told(void **state)
{
    static const char *const statuses[] = {"closed", "rejected", "rejected", "closed"};
    const struct handed_exit handed = {.symbol = "BTCUSDT", .decision_id = "d"};

    (void)state;
    for (enum answer_status status = 0; status < ANSWER_UNKNOWN; status++) {
        struct answer answer = answer_of(status);
        struct result result = answer_tell_exit(&answer, &handed, NOW_MS);
        assert_string_equal(result.status, statuses[status]);
        assert_string_equal(result.intent_id, "1-0");
        assert_string_equal(result.action, "CLOSE");
        assert_string_equal(result.reason, "why");
        answer_tell_figures(&answer, &result);
        assert_string_equal(result.price_source ? result.price_source : "",
                            strcmp(statuses[status], "closed") == 0 ? "unknown" : "");
    }
}

/* --- the exit that is kept */

static void what_is_kept_of_an_exit(void **state)
{
    const struct order order = {.symbol = "BTCUSDT", .decision_id = "d", .signal_id = "s"};
    const struct position positions[] = {{.intent_id = "1-0"}, {.intent_id = "2-0"}};
    char *text = handed_exit_write(&order, positions, 2);
    struct handed_exit handed;

    (void)state;
    assert_true(handed_exit_read(text, strlen(text), &handed));
    assert_string_equal(handed.symbol, "BTCUSDT");
    assert_string_equal(handed.decision_id, "d");
    assert_string_equal(handed.signal_id, "s");
    assert_int_equal(handed.count, 2);
    assert_string_equal(handed.closes[1], "2-0");
    handed_exit_release(&handed);
    free(text);
}

static void what_is_no_exit(void **state)
{
    static const char head[] = "{\"symbol\":\"BTC\",\"decision_id\":\"d\",\"signal_id\":\"s\"";
    static const char *const tails[] = {"", "}", ",\"closes\":1}", ",\"closes\":[1]}",
                                        ",\"closes\":[\"1-0\",null]}"};
    struct handed_exit handed;

    (void)state;
    for (size_t i = 0; i < COUNT(tails); i++) {
        char text[256];
        int length = snprintf(text, sizeof text, "%s%s", head, tails[i]);
        assert_false(handed_exit_read(text, (size_t)length, &handed));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table),
        cmocka_unit_test(statuses_have_their_names),
        cmocka_unit_test(figures_are_bounded),
        cmocka_unit_test(what_an_exit_takes),
        cmocka_unit_test(a_fill_that_is_read_behind_its_exit),
        cmocka_unit_test(what_was_trimmed_says_nothing),
        cmocka_unit_test(what_a_fill_makes_of_a_position),
        cmocka_unit_test(positions_are_told),
        cmocka_unit_test(exits_are_told),
        cmocka_unit_test(what_is_kept_of_an_exit),
        cmocka_unit_test(what_is_no_exit),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("answer", tests, NULL, NULL);
}
