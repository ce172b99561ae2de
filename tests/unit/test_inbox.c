/* SPDX-License-Identifier: MIT */
/*
 * In which order what is pending in a true Redis comes to the desk, whatever happens while it is
 * read again. The desk leads nobody on: who came to hand stays there.
 */
#include "executor/act/inbox.h"

#include <string.h>

#include "tests/unit/link_witness.h"
#include "tests/unit/shared_server.h"

enum { PAGE = 2, ROOM = 100 };

static struct witness witness;
static struct executor_settings settings;
static struct office office;
static struct state_doubt doubt;
static struct desk desk;
static struct inbox inbox;
static int in_hand, pages;
static void (*when_page)(void); /* a page was taken; NULL: nothing happens */

#define DO(...) freeReplyObject(redis_server_ask(&shared_server, __VA_ARGS__))

/* --- who is told */

static void on_page(void *owner)
{
    (void)owner;
    pages++;
    in_hand = (int)desk.turns.count;
    if (when_page)
        when_page();
}

static void on_again(void *owner, struct stream_id from)
{
    (void)owner;
    inbox_read_again(&inbox, from);
}

static void on_stale(void *owner, const struct order *order)
{
    (void)owner;
    (void)order;
    fail_msg("an intent is stale");
}

static void on_deleted(void *owner, struct stream_id id)
{
    (void)owner;
    (void)id;
    fail_msg("an intent is gone");
}

static void on_recovered(void *owner)
{
    (void)owner;
}

static void on_failed(void *owner, const char *complaint)
{
    (void)owner;
    fail_msg("%s", complaint);
}

/* --- the rig */

static void init_settings(void)
{
    static char intents[] = "intents", group[] = "group", consumer[] = "consumer";

    settings = (struct executor_settings){
        .keys = {.intents = intents, .group = group, .consumer = consumer},
        .read_count = ROOM,
        .guards = {.max_age_ms = INT64_MAX / 2,
                   .exit_max_age_ms = INT64_MAX / 2,
                   .resume_max_age_ms = INT64_MAX / 2},
    };
}

static int begin(void **state)
{
    static const struct desk_events desk_events = {.again = on_again};
    static const struct inbox_events events = {on_stale, on_deleted, on_page, on_recovered,
                                               on_failed};

    (void)state;
    pages = in_hand = 0;
    when_page = NULL;
    EXPECT("OK", "FLUSHALL");
    EXPECT("OK", "XGROUP CREATE intents group 0 MKSTREAM");
    init_settings();
    doubt = (struct state_doubt){.office = &office};
    witness_begin_on(&witness, shared_server.socket);
    office = (struct office){.settings = &settings, .link = witness.link};
    office.scripts[SCRIPT_PENDING].source = pending_lua;
    redis_server_teach(&shared_server, &office.scripts[SCRIPT_PENDING]);
    desk_init(&desk, &witness.loop, &office, &desk_events, NULL);
    inbox = (struct inbox){.office = &office,
                           .events = &events,
                           .desk = &desk,
                           .doubt = &doubt,
                           .reader_link = witness.link};
    inbox_init(&inbox, &witness.loop);
    inbox.news.config.block_ms = 1; /* both readers ask through the one link */
    inbox.again.config.count = inbox.again.count = PAGE;
    return 0;
}

static int end(void **state)
{
    (void)state;
    inbox_stop(&inbox);
    inbox_close(&inbox);
    desk_close(&desk);
    desk_deinit(&desk);
    witness_end(&witness);
    return 0;
}

/* --- what a test does */

static void intend(int number, const char *symbol)
{
    DO("XADD intents %d-1 symbol %s action BUY position_size_usd 100", number, symbol);
}

/* One to six, each of its own symbol. */
static void intend_six(void)
{
    static const char *const symbols[] = {"AAAUSDT", "BBBUSDT", "CCCUSDT",
                                          "DDDUSDT", "EEEUSDT", "FFFUSDT"};

    for (int i = 0; i < 6; i++)
        intend(i + 1, symbols[i]);
}

static void read_news(void)
{
    inbox_start(&inbox);
    witness_wait(&witness, &pages, 1);
}

static void read_again_from(uint64_t number)
{
    inbox_read_again(&inbox, (struct stream_id){number, number > 0});
}

static void expect_in_hand(const char *numbers)
{
    char found[64] = "";

    for (const struct turn *turn = desk.turns.first; turn; turn = turn->next)
        (void)snprintf(found + strlen(found), sizeof found - strlen(found), "%s%d",
                       *found ? " " : "", (int)turn->order->id.ms);
    assert_string_equal(found, numbers);
}

/* --- the tests */

static void release(void)
{
    when_page = NULL;
    desk_release(&desk);
}

/* An exit was handled, and while what waits behind it is read, the hold ends. */
static void a_hold_that_ends_while_it_reads_again(void **state)
{
    (void)state;
    desk_hold(&desk);
    intend_six();
    read_news();
    expect_in_hand("");
    when_page = release;
    read_again_from(0);
    witness_wait(&witness, &in_hand, 6);
    expect_in_hand("1 2 3 4 5 6");
}

/* Something is wrong with its symbol. */
static void rest_the_first(void)
{
    const struct order order = {.id = {1, 1}, .symbol = "AAAUSDT"};

    assert_int_equal(desk_offer(&desk, &order, RULE_NONE), TURNS_TAKES);
    turns_rest(&desk.turns, turns_next(&desk.turns, 0), 0);
}

/* What rested for its symbol has come to its end. */
static void end_the_first(void)
{
    struct turn *first = desk.turns.first;
    struct stream_id left = first->left;

    when_page = NULL;
    assert_true(first->has_left);
    turns_remove(&desk.turns, first);
    task_free(first->task);
    inbox_read_again(&inbox, left);
}

/* Of one symbol, too. */
static void a_symbol_that_is_repaired_while_it_reads_again(void **state)
{
    (void)state;
    rest_the_first();
    for (int number = 1; number <= 4; number++)
        intend(number, "AAAUSDT");
    read_news();
    expect_in_hand("1");
    when_page = end_the_first;
    read_again_from(0);
    witness_wait(&witness, &in_hand, 3);
    expect_in_hand("2 3 4");
}

static void read_all_again(void)
{
    read_again_from(0);
}

/* Nothing is executed, so nothing overtakes: what an exit superseded ends, however many exits come.
 */
static void exits_in_a_hold_keep_nobody_waiting(void **state)
{
    const struct order last = {.id = {7, 1}, .symbol = "FFFUSDT", .closes = true};

    (void)state;
    desk_hold(&desk);
    intend_six();
    read_news();
    assert_true(turns_exit(&desk.turns, &last));
    when_page = read_all_again;
    read_all_again();
    witness_wait(&witness, &in_hand, 1);
    expect_in_hand("6");
}

static void leave_the_last(void)
{
    read_again_from(6);
}

/* It comes to that by itself. */
static void what_was_left_ahead_keeps_nobody_waiting(void **state)
{
    (void)state;
    desk_hold(&desk);
    intend_six();
    read_news();
    pages = 0;
    when_page = leave_the_last;
    desk_release(&desk);
    witness_wait(&witness, &in_hand, 6);
    expect_in_hand("1 2 3 4 5 6");
    assert_int_equal(pages, 6 / PAGE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_hold_that_ends_while_it_reads_again),
        TEST(a_symbol_that_is_repaired_while_it_reads_again),
        TEST(exits_in_a_hold_keep_nobody_waiting),
        TEST(what_was_left_ahead_keeps_nobody_waiting),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("inbox", tests, shared_server_start, shared_server_stop);
}
