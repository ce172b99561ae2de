/* SPDX-License-Identifier: MIT */
#include "router/tell/window_view.h"

#include <assert.h>
#include <inttypes.h>

#include "common/base/monotonic.h"

/* Scores rank at nine decimals; and a tiny one is short. */
#define DECIMALS "%.9g"

static void take(struct window_view *view, const struct candidate *candidate)
{
    size_t at = view->count;

    if (at == WINDOW_VIEW_BEST && ranking_compare(candidate, &view->best[at - 1]) > 0)
        return;
    if (at == WINDOW_VIEW_BEST)
        at--;
    else
        view->count++;
    for (; at > 0 && ranking_compare(candidate, &view->best[at - 1]) < 0; at--)
        view->best[at] = view->best[at - 1];
    view->best[at] = *candidate;
}

/* New ones come at the end, until they are moved: then it begins again. */
static void follow(struct window_view *view, const struct window *window)
{
    if (view->moves != window->moves) {
        view->moves = window->moves;
        view->seen = 0;
        view->count = 0;
    }
    for (; view->seen < window->count; view->seen++)
        take(view, &window->candidates[view->seen]);
}

/* A cycle that began at a tick has taken all of them. */
void window_view_fact(struct window_view *view, const struct window *window,
                      const struct router_fact *fact)
{
    if (fact->kind == FACT_THINNED)
        view->thinned++;
    else if (fact->kind == FACT_TICK && window->count == 0)
        view->thinned = 0;
    follow(view, window);
}

/* --- the document */

static const char *state_name(enum health_state state)
{
    static const char *const names[] = {
        [HEALTH_WAITING] = "waiting",       [HEALTH_STANDBY] = "standby",
        [HEALTH_RECOVERING] = "recovering", [HEALTH_RUNNING] = "running",
        [HEALTH_STOPPING] = "stopping",
    };

    return names[state];
}

static uint64_t left_ms(const struct window_now *now)
{
    uint64_t now_ms = monotonic_ms();

    return now->state == HEALTH_RUNNING && now->ends_ms > now_ms ? now->ends_ms - now_ms : 0;
}

static void print_rules(const struct router_settings *settings, struct page *page)
{
    const struct capacity_rules *capacity = &settings->plan.capacity;

    page_add(page,
             "\"rules\":{\"max_open\":%" PRId64 ",\"target_open\":%" PRId64
             ",\"max_new_per_cycle\":%" PRId64 ",\"super_confidence\":" DECIMALS
             ",\"min_confidence\":" DECIMALS ",\"one_per_symbol\":%s}",
             capacity->max_open, capacity->target_open, capacity->max_new_per_cycle,
             capacity->super_confidence, settings->signal.min_confidence,
             settings->plan.one_per_symbol ? "true" : "false");
}

/* A bar for all is the last one's score; else it is one for each crowded symbol. */
static void print_bar(const struct bar *bar, struct page *page)
{
    if (!bar->is_raised) {
        page_add(page, "\"bar\":null");
        return;
    }
    page_add(page, "\"bar\":{\"score\":" DECIMALS ",\"for_all\":%s}", bar->last.score,
             bar->is_for_all ? "true" : "false");
}

/* A symbol has neither quotes nor anything that JSON minds. */
static void print_candidate(const struct candidate *candidate, size_t rank, struct page *page)
{
    const struct signal *signal = candidate->signal;
    char id[STREAM_ID_TEXT_MAX];

    stream_id_print(signal->id, id);
    page_add(page,
             "%s\n{\"rank\":%zu,\"symbol\":\"%s\",\"side\":\"%s\",\"score\":" DECIMALS
             ",\"confidence\":" DECIMALS ","
             "\"signal_id\":\"%s\",\"hopeless\":%s}",
             rank > 1 ? "," : "", rank, signal->symbol, side_name(signal->side), candidate->score,
             signal->confidence, id, candidate->is_hopeless ? "true" : "false");
}

void window_view_print(struct window_view *view, const struct window_now *now, struct page *page)
{
    follow(view, now->window);
    page_add(page,
             "{\"v\":1,\"state\":\"%s\",\"window_ms\":%" PRIu64 ",\"left_ms\":%" PRIu64
             ",\"candidates\":%zu,\"most\":%zu,\"thinned\":%" PRIu64
             ",\"deciding\":%zu,\"held_back\":%zu,\n",
             state_name(now->state), now->settings->window_ms, left_ms(now), now->window->count,
             now->settings->window.candidates_max, view->thinned, now->deciding, now->held_back);
    print_rules(now->settings, page);
    page_add(page, ",\n");
    print_bar(&now->window->bar, page);
    page_add(page, ",\"best\":[");
    for (size_t i = 0; i < view->count; i++)
        print_candidate(&view->best[i], i + 1, page);
    page_add(page, "]}\n");
    assert(page->length <= WINDOW_VIEW_BYTES_MAX);
}
