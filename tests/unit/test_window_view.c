/* SPDX-License-Identifier: MIT */
/* The best of a window as it fills: the same as if all of it were ranked, at any moment. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "router/tell/window_view.h"
#include "tests/unit/support.h"

static const struct window_limits small = {.candidates_max = 40, .weight_max = 1000000000};
static struct router_settings settings = {.window_ms = 3000,
                                          .window = {.candidates_max = 40},
                                          .plan.capacity = {.max_open = 10,
                                                            .target_open = 3,
                                                            .max_new_per_cycle = 2,
                                                            .super_confidence = 0.9},
                                          .plan.one_per_symbol = true};

static void tell(struct window_view *view, const struct window *window, enum router_fact_kind kind)
{
    window_view_fact(view, window, &(struct router_fact){.kind = kind});
}

static void offer(struct window *window, const char *symbol, double confidence, uint64_t id)
{
    struct score_rules rules = bonuses_usual();

    window_add(window, ranking_score(&rules, signal_of(symbol, confidence, id)));
}

/* The document, which is the caller's. */
static json_t *look(struct window_view *view, const struct window *window, enum health_state state)
{
    const struct window_now now = {.settings = &settings, .window = window, .state = state};
    struct page page = {0};

    window_view_print(view, &now, &page);
    assert_true(page.length <= WINDOW_VIEW_BYTES_MAX);
    json_t *document = json_loadb(page.bytes, page.length, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(document);
    page_free(&page);
    return document;
}

static long long figure(json_t *document, const char *name)
{
    json_t *value = json_object_get(document, name);

    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

/* Against all of the window, ranked. */
static void expect_best(const struct window_view *view, const struct window *window)
{
    struct candidate *all = calloc(window->count + 1, sizeof *all);
    size_t most = window->count < WINDOW_VIEW_BEST ? window->count : WINDOW_VIEW_BEST;

    assert_non_null(all);
    if (window->count > 0)
        memcpy(all, window->candidates, window->count * sizeof *all);
    ranking_sort(all, window->count);
    assert_int_equal(view->count, most);
    for (size_t i = 0; i < most; i++)
        assert_ptr_equal(view->best[i].signal, all[i].signal);
    free(all);
}

static void the_best_are_those_of_the_whole_window(void **state)
{
    struct window window = {0}, fallen = {0};
    struct window_view view = {0};
    char symbol[8];

    (void)state;
    for (uint64_t id = 1; id <= 2000; id++) {
        (void)snprintf(symbol, sizeof symbol, "S%zu", chance_below(12));
        offer(&window, symbol, 0.75 + (double)chance_below(26) / 100.0, id);
        tell(&view, &window, FACT_JUDGED);
        if (window_is_over(&window, &small)) {
            window_thin(&window, &small, &fallen);
            tell(&view, &window, FACT_THINNED);
            window_clear(&fallen);
        }
        expect_best(&view, &window);
        if (chance_one_in(100)) {
            window_clear(&window);
            tell(&view, &window, FACT_TICK);
            expect_best(&view, &window);
        }
    }
    window_clear(&window);
}

static void what_came_since_the_last_fact_is_seen_at_the_look(void **state)
{
    struct window window = {0};
    struct window_view view = {0};

    (void)state;
    offer(&window, "BTC", 0.95, 1);
    json_t *document = look(&view, &window, HEALTH_RUNNING);
    assert_int_equal(figure(document, "candidates"), 1);
    json_t *best = json_array_get(json_object_get(document, "best"), 0);
    assert_string_equal(json_string_value(json_object_get(best, "symbol")), "BTC");
    assert_string_equal(json_string_value(json_object_get(best, "side")), "BUY");
    assert_string_equal(json_string_value(json_object_get(best, "signal_id")), "1-0");
    assert_int_equal(figure(best, "rank"), 1);
    json_decref(document);
    window_clear(&window);
    document = look(&view, &window, HEALTH_RUNNING);
    assert_int_equal(json_array_size(json_object_get(document, "best")), 0);
    json_decref(document);
}

static void what_fell_counts_until_a_cycle_takes_the_window(void **state)
{
    struct window window = {0};
    struct window_view view = {0};

    (void)state;
    offer(&window, "BTC", 0.95, 1);
    tell(&view, &window, FACT_THINNED);
    tell(&view, &window, FACT_THINNED);
    tell(&view, &window, FACT_TICK); /* the cycle before is not over: the window goes on */
    json_t *document = look(&view, &window, HEALTH_RUNNING);
    assert_int_equal(figure(document, "thinned"), 2);
    json_decref(document);
    window_clear(&window);
    tell(&view, &window, FACT_TICK);
    document = look(&view, &window, HEALTH_RUNNING);
    assert_int_equal(figure(document, "thinned"), 0);
    json_decref(document);
}

static void the_bar_is_told_once_it_is_raised(void **state)
{
    struct window window = {0}, fallen = {0};
    struct window_view view = {0};
    char symbol[8];

    (void)state;
    json_t *document = look(&view, &window, HEALTH_RUNNING);
    assert_true(json_is_null(json_object_get(document, "bar")));
    json_decref(document);
    for (uint64_t id = 1; id <= 41; id++) {
        (void)snprintf(symbol, sizeof symbol, "S%d", (int)id);
        offer(&window, symbol, 0.99 - 0.005 * (double)id, id);
    }
    window_thin(&window, &small, &fallen);
    window_clear(&fallen);
    document = look(&view, &window, HEALTH_RUNNING);
    json_t *bar = json_object_get(document, "bar");
    assert_true(json_is_true(json_object_get(bar, "for_all")));
    assert_float_equal(json_number_value(json_object_get(bar, "score")), 0.84, 1e-6);
    json_decref(document);
    window_clear(&window);
}

/* The longest that anything can be. */
static void the_document_has_a_bound(void **state)
{
    static const char longest[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    struct window window = {0};
    struct window_view view = {.thinned = INT64_MAX};

    (void)state;
    for (uint64_t id = 0; id < 20; id++)
        offer(&window, longest, 1.23456789e-300, UINT64_MAX - id);
    json_t *document = look(&view, &window, HEALTH_RECOVERING);
    assert_int_equal(json_array_size(json_object_get(document, "best")), WINDOW_VIEW_BEST);
    json_decref(document);
    window_clear(&window);
}

static void no_time_is_left_where_it_does_not_run(void **state)
{
    struct window window = {0};
    struct window_view view = {0};

    (void)state;
    json_t *document = look(&view, &window, HEALTH_STANDBY);
    assert_string_equal(json_string_value(json_object_get(document, "state")), "standby");
    assert_int_equal(figure(document, "left_ms"), 0);
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_are_those_of_the_whole_window),
        cmocka_unit_test(what_came_since_the_last_fact_is_seen_at_the_look),
        cmocka_unit_test(what_fell_counts_until_a_cycle_takes_the_window),
        cmocka_unit_test(the_bar_is_told_once_it_is_raised),
        cmocka_unit_test(the_document_has_a_bound),
        cmocka_unit_test(no_time_is_left_where_it_does_not_run),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
