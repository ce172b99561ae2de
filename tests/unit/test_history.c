/* SPDX-License-Identifier: MIT */
#include "router/decide/history.h"

#include <stdio.h>

#include "tests/unit/support.h"

/* What a snapshot of this world turns into. */
struct world {
    const char *open;
    const char *kept_open;
    int64_t kept_published_since;
    uint64_t sequence;
    const char *resumed;
};

static struct snapshot seen(struct history *history, struct world world)
{
    struct snapshot snapshot = {.kept_published_since = world.kept_published_since,
                                .sequence = world.sequence};

    (void)snprintf(snapshot.open_seen, sizeof snapshot.open_seen, "%s", world.open);
    (void)snprintf(snapshot.kept_seen, sizeof snapshot.kept_seen, "%s",
                   world.kept_open ? world.kept_open : "");
    (void)snprintf(snapshot.resumed, sizeof snapshot.resumed, "%s",
                   world.resumed ? world.resumed : "");
    history_see(history, &snapshot);
    return snapshot;
}

static void expect_since(struct history *history, struct world world, int64_t since)
{
    assert_int_equal(seen(history, world).capacity.published_since, since);
}

static void expect_rolled_back(struct history *history, struct world world, bool rolled_back,
                               uint64_t expected)
{
    struct snapshot snapshot = seen(history, world);

    assert_int_equal(snapshot.capacity.rolled_back, rolled_back);
    assert_int_equal(snapshot.sequence_expected, expected);
}

/* --- intents published since the key changed */

static void counts_while_the_key_stands_still(void **state)
{
    struct history history = {0};
    struct world one = {.open = "text:1", .sequence = 1};

    (void)state;
    history_begin(&history, 0, true, "");
    expect_since(&history, one, 0);
    history_committed(&history, 1, 2);
    expect_since(&history, one, 2);
    history_committed(&history, 2, 0);
    expect_since(&history, one, 2);
    history_committed(&history, 3, 1);
    expect_since(&history, one, 3);
}

static void any_change_begins_again(void **state)
{
    static const char *const changes[] = {"text:2", "text:1", "missing", "text:1", "type:list"};
    struct history history = {0};

    (void)state;
    history_begin(&history, 0, true, "");
    expect_since(&history, (struct world){.open = "text:1"}, 0);
    for (size_t i = 0; i < COUNT(changes); i++) {
        history_committed(&history, i + 1, 2);
        bool same = i > 0 && changes[i] == changes[i - 1];
        expect_since(&history, (struct world){.open = changes[i]}, same ? 2 : 0);
    }
}

/* A restart, or another router's time: what the commit hash kept speaks. */
static void a_restart_does_not_forget(void **state)
{
    struct history history = {0};
    struct world kept = {.open = "text:1", .kept_open = "text:1", .kept_published_since = 7};

    (void)state;
    history_begin(&history, 40, false, "");
    expect_since(&history, kept, 7);
    history_committed(&history, 41, 2);
    kept.kept_published_since = 9;
    expect_since(&history, kept, 9);
    kept.kept_published_since = 12;
    expect_since(&history, kept, 9);
    history_begin(&history, 44, false, "");
    expect_since(&history, kept, 12);
}

static void a_key_that_changed_meanwhile_is_not_suspect(void **state)
{
    struct history history = {0};

    (void)state;
    history_begin(&history, 40, false, "");
    expect_since(&history,
                 (struct world){.open = "text:2", .kept_open = "text:1", .kept_published_since = 7},
                 0);
    history_committed(&history, 41, 1);
    expect_since(&history,
                 (struct world){.open = "text:2", .kept_open = "text:2", .kept_published_since = 1},
                 1);
}

static void nothing_kept_is_nothing_published(void **state)
{
    struct history history = {0};

    (void)state;
    history_begin(&history, 0, true, "");
    expect_since(&history, (struct world){.open = "text:2", .kept_open = ""}, 0);
}

/* --- a state that went back */

static void an_older_sequence_is_rolled_back_until_resumed(void **state)
{
    struct history history = {0};
    struct world world = {.open = "text:1", .sequence = 9, .resumed = "r1"};

    (void)state;
    history_begin(&history, 9, false, "r1");
    expect_rolled_back(&history, world, false, 9);
    history_committed(&history, 10, 1);
    history_begin(&history, 7, false, "r1");
    world.sequence = 7;
    expect_rolled_back(&history, world, true, 10);
    history_committed(&history, 8, 0);
    world.sequence = 8;
    expect_rolled_back(&history, world, true, 10);
    world.resumed = "r2";
    expect_rolled_back(&history, world, false, 8);
    history_committed(&history, 9, 1);
    expect_rolled_back(&history, world, false, 9);
}

/* Neither a new connection nor a sequence that grew past it ends it: what was lost stays lost. */
static void only_the_operator_ends_it(void **state)
{
    struct history history = {0};
    struct world world = {.open = "text:1", .sequence = 30};

    (void)state;
    history_begin(&history, 20, false, "");
    history_begin(&history, 5, false, "");
    history_begin(&history, 30, false, "");
    expect_rolled_back(&history, world, true, 20);
    history_begin(&history, 3, true, "");
    expect_rolled_back(&history, world, true, 20);
    world.resumed = "r1";
    expect_rolled_back(&history, world, false, 30);
}

/* Who resumes before we look again is heard too: what counts is the value at the roll-back. */
static void the_value_found_with_the_older_state_is_the_one_to_change(void **state)
{
    struct history history = {0};
    struct world world = {.open = "text:1", .sequence = 5, .resumed = "r0"};

    (void)state;
    history_begin(&history, 20, false, "r1");
    history_begin(&history, 5, false, "r0");
    expect_rolled_back(&history, world, true, 20);
    world.resumed = "r1";
    expect_rolled_back(&history, world, false, 5);
}

static void the_same_or_a_newer_sequence_is_none(void **state)
{
    struct history history = {0};
    struct world world = {.open = "text:1"};

    (void)state;
    history_begin(&history, 9, false, "");
    history_begin(&history, 9, false, "");
    expect_rolled_back(&history, world, false, 9);
    history_begin(&history, 12, false, "");
    expect_rolled_back(&history, world, false, 12);
}

/* An empty Redis is a loss and no older state: the missing capacity key closes it. */
static void a_fresh_hash_is_no_roll_back(void **state)
{
    struct history history = {0};
    struct world world = {.open = "missing"};

    (void)state;
    history_begin(&history, 9, false, "");
    history_begin(&history, 0, true, "");
    expect_rolled_back(&history, world, false, 0);
    history_begin(&history, 3, false, "");
    expect_rolled_back(&history, world, false, 3);
}

static void a_new_process_believes_what_it_finds(void **state)
{
    struct history history = {0};
    struct world world = {.open = "text:1"};

    (void)state;
    history_begin(&history, 0, false, "r");
    expect_rolled_back(&history, world, false, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_while_the_key_stands_still),
        cmocka_unit_test(any_change_begins_again),
        cmocka_unit_test(a_restart_does_not_forget),
        cmocka_unit_test(a_key_that_changed_meanwhile_is_not_suspect),
        cmocka_unit_test(nothing_kept_is_nothing_published),
        cmocka_unit_test(an_older_sequence_is_rolled_back_until_resumed),
        cmocka_unit_test(only_the_operator_ends_it),
        cmocka_unit_test(the_value_found_with_the_older_state_is_the_one_to_change),
        cmocka_unit_test(the_same_or_a_newer_sequence_is_none),
        cmocka_unit_test(a_fresh_hash_is_no_roll_back),
        cmocka_unit_test(a_new_process_believes_what_it_finds),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
