/* SPDX-License-Identifier: MIT */
#include "router/decide/plan.h"

#include <string.h>

#include "tests/unit/support.h"

enum { MAX_AGE_MS = 30000, OFFSET_MS = 1000 };

#define SINCE_MS INT64_C(1768824000000)

/* So long before (negative) or after the moment since when nobody is sure, by id and by its own. */
static struct signal *at(const char *symbol, int64_t id_ms, int64_t own_ms)
{
    struct signal *signal = signal_of(symbol, 0.9, 0);

    signal->id = (struct stream_id){.ms = (uint64_t)(SINCE_MS + id_ms)};
    signal->timestamp_ms = own_ms == INT64_MAX ? own_ms : SINCE_MS + own_ms;
    signal->dated_ms = SINCE_MS + (own_ms < id_ms ? own_ms : id_ms);
    return signal;
}

struct scene {
    struct window window, held_back;
    struct snapshot snapshot;
    char marked[8], cooling[8], held_flags[8];
    struct held_value values[8];
};

static void offer(struct scene *scene, struct signal *signal)
{
    struct score_rules rules = bonuses_usual();

    window_add(&scene->window, ranking_score(&rules, signal));
}

/* So long after it, with as many candidates as there are marks. */
static void take(struct scene *scene, int64_t now_ms, const char *marked, const char *cooling)
{
    (void)snprintf(scene->marked, sizeof scene->marked, "%s", marked);
    (void)snprintf(scene->cooling, sizeof scene->cooling, "%s", cooling);
    scene->snapshot.now_ms = SINCE_MS + now_ms;
    scene->snapshot.marked = scene->marked;
    scene->snapshot.cooling = scene->cooling;
    for (size_t i = 0; i < scene->window.count; i++) {
        scene->held_flags[i] = marked[i] == '1' ? HELD_SAME : HELD_NOT;
        scene->values[i].text[0] = marked[i];
    }
    scene->snapshot.held = scene->held_flags;
    scene->snapshot.held_values = scene->values;
    plan_hold_back(&scene->held_back, &scene->window, &scene->snapshot, MAX_AGE_MS);
}

static void expect_symbols(const struct window *window, const char *wanted)
{
    char text[64] = "";

    for (size_t i = 0; i < window->count; i++) {
        size_t length = strlen(text);
        (void)snprintf(text + length, sizeof text - length, "%s%s", i > 0 ? " " : "",
                       window->candidates[i].signal->symbol);
    }
    assert_string_equal(text, wanted);
}

static void finish(struct scene *scene)
{
    window_clear(&scene->window);
    window_clear(&scene->held_back);
}

static void nothing_is_held_on_a_server_that_is_sure(void **state)
{
    struct scene scene = {0};

    (void)state;
    offer(&scene, at("A", -1, -1));
    take(&scene, 1, "0", "0");
    expect_symbols(&scene.window, "A");
    expect_symbols(&scene.held_back, "");
    finish(&scene);
}

static void what_is_older_by_id_or_by_its_own_word_is_held(void **state)
{
    struct scene scene = {.snapshot = {.unsure_since_ms = SINCE_MS}};

    (void)state;
    offer(&scene, at("A", -1, INT64_MAX));
    offer(&scene, at("B", 0, 0));
    offer(&scene, at("C", 5, -1));        /* sent again, under a new id */
    offer(&scene, at("D", 5, -SINCE_MS)); /* a clock that was never set */
    offer(&scene, at("E", 5, INT64_MAX));
    take(&scene, OFFSET_MS, "01010", "00110");
    expect_symbols(&scene.window, "B D E");
    assert_memory_equal(scene.marked, "110", 3);
    assert_memory_equal(scene.cooling, "010", 3);
    assert_memory_equal(scene.held_flags, "hh-", 3);
    assert_string_equal(scene.values[1].text, "1");
    expect_symbols(&scene.held_back, "A C");
    finish(&scene);
}

static void what_is_stale_goes_on_to_be_dropped(void **state)
{
    struct scene scene = {.snapshot = {.unsure_since_ms = SINCE_MS}};

    (void)state;
    offer(&scene, at("A", -MAX_AGE_MS, INT64_MAX));
    offer(&scene, at("B", -1, INT64_MAX));
    take(&scene, OFFSET_MS, "00", "00");
    expect_symbols(&scene.window, "A");
    expect_symbols(&scene.held_back, "B");
    window_absorb(&scene.window, &scene.held_back);
    take(&scene, MAX_AGE_MS + 1, "00", "00");
    expect_symbols(&scene.window, "A B");
    finish(&scene);
}

/* Else nothing that says when it was made would be published until the clock has come so far. */
static void a_clock_that_was_set_back_leaves_the_ids(void **state)
{
    struct scene scene = {.snapshot = {.unsure_since_ms = SINCE_MS}};

    (void)state;
    offer(&scene, at("A", -1, INT64_MAX));
    offer(&scene, at("B", 5, -OFFSET_MS));
    take(&scene, -OFFSET_MS, "00", "00");
    expect_symbols(&scene.window, "B");
    expect_symbols(&scene.held_back, "A");
    finish(&scene);
}

/* An operator has to resume anyway, and until then nothing is published. */
static void where_loss_is_known_nothing_is_held(void **state)
{
    struct scene scene = {
        .snapshot = {.unsure_since_ms = SINCE_MS, .capacity = {.rolled_back = true}}};

    (void)state;
    offer(&scene, at("A", -1, INT64_MAX));
    take(&scene, OFFSET_MS, "0", "0");
    expect_symbols(&scene.window, "A");
    finish(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_held_on_a_server_that_is_sure),
        cmocka_unit_test(what_is_older_by_id_or_by_its_own_word_is_held),
        cmocka_unit_test(what_is_stale_goes_on_to_be_dropped),
        cmocka_unit_test(a_clock_that_was_set_back_leaves_the_ids),
        cmocka_unit_test(where_loss_is_known_nothing_is_held),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("held", tests, NULL, NULL);
}
