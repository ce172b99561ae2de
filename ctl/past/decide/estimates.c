/* SPDX-License-Identifier: MIT */
#include "ctl/past/decide/estimates.h"

#include <math.h>
#include <stdlib.h>

#include "common/base/memory.h"

#define BPS 1e4

const int64_t estimate_horizons_ms[ESTIMATE_HORIZONS] = {60000, 300000, 900000};

/* --- a queue, in a ring */

static void grow(struct estimate_queue *queue)
{
    size_t room = queue->room ? 2 * queue->room : 64;
    struct estimate *list = memory_array(room, sizeof *list);

    for (size_t i = 0; i < queue->count; i++)
        list[i] = queue->list[(queue->first + i) % queue->room];
    free(queue->list);
    *queue = (struct estimate_queue){list, 0, queue->count, room};
}

static struct estimate *at(const struct estimate_queue *queue, size_t place)
{
    return &queue->list[(queue->first + place) % queue->room];
}

/* Behind those that began before: a clock that was ahead for once keeps nobody waiting. */
static void push(struct estimate_queue *queue, const struct estimate *estimate)
{
    if (queue->count == queue->room)
        grow(queue);
    size_t place = queue->count++;
    for (; place > 0 && at(queue, place - 1)->at_ms > estimate->at_ms; place--)
        *at(queue, place) = *at(queue, place - 1);
    *at(queue, place) = *estimate;
}

static struct estimate pop(struct estimate_queue *queue)
{
    struct estimate estimate = queue->list[queue->first];

    queue->first = (queue->first + 1) % queue->room;
    queue->count--;
    return estimate;
}

/* --- */

static int64_t due_ms(const struct estimate *estimate)
{
    return estimate->at_ms + estimate_horizons_ms[estimate->horizon];
}

static void settle(struct estimates *estimates, const struct estimate *estimate)
{
    double price, sign = estimate->side == SIDE_BUY ? 1 : -1;

    if (!price_book_at(estimates->prices, estimate->symbol, due_ms(estimate), &price)) {
        estimates->settle(estimates->owner, estimate, ESTIMATED_UNKNOWN, 0);
        return;
    }
    double bps = sign * (price / estimate->entry - 1) * BPS - estimates->cost_bps;
    bool is_known = fabs(bps) <= SIZES_MADE_MAX * BPS;
    estimates->settle(estimates->owner, estimate, is_known ? ESTIMATED_KNOWN : ESTIMATED_UNKNOWN,
                      is_known ? bps : 0);
}

void estimates_open(struct estimates *estimates, const struct estimate *estimate)
{
    struct estimate begun = *estimate;

    if (price_book_at(estimates->prices, begun.symbol, begun.at_ms, &begun.entry))
        push(&estimates->queues[begun.horizon], &begun);
    else
        estimates->settle(estimates->owner, estimate, ESTIMATED_UNKNOWN, 0);
}

static void settle_until(struct estimates *estimates, struct estimate_queue *queue, int64_t now_ms)
{
    while (queue->count > 0 && due_ms(&queue->list[queue->first]) < now_ms) {
        const struct estimate estimate = pop(queue);
        settle(estimates, &estimate);
    }
}

void estimates_advance(struct estimates *estimates, int64_t now_ms)
{
    for (size_t i = 0; i < ESTIMATE_HORIZONS; i++)
        settle_until(estimates, &estimates->queues[i], now_ms);
}

static void leave(struct estimates *estimates, struct estimate_queue *queue)
{
    while (queue->count > 0) {
        const struct estimate estimate = pop(queue);
        estimates->settle(estimates->owner, &estimate, ESTIMATED_NOT_OVER, 0);
    }
}

void estimates_end(struct estimates *estimates, int64_t now_ms)
{
    estimates_advance(estimates, now_ms + 1);
    for (size_t i = 0; i < ESTIMATE_HORIZONS; i++)
        leave(estimates, &estimates->queues[i]);
}

void estimates_release(struct estimates *estimates)
{
    for (size_t i = 0; i < ESTIMATE_HORIZONS; i++)
        free(estimates->queues[i].list);
}
