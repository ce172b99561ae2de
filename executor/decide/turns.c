/* SPDX-License-Identifier: MIT */
#include "executor/decide/turns.h"

#include <assert.h>
#include <string.h>

/* --- counting */

static void count(struct turns *turns, const struct turn *turn, size_t by)
{
    bool is_faulty = turn->pause_ms > 0;

    turns->count += by;
    turns->led += turn->is_led ? by : 0;
    turns->faulty += is_faulty ? by : 0;
    turns->openings += !is_faulty && turn->is_sound && !turn->order->closes ? by : 0;
}

static void count_in(struct turns *turns, const struct turn *turn)
{
    count(turns, turn, 1);
}

static void count_out(struct turns *turns, const struct turn *turn)
{
    count(turns, turn, (size_t)-1);
}

bool turns_have_room(const struct turns *turns, size_t room)
{
    return turns->openings < room && turns->faulty < TURNS_FAULTY_MAX;
}

bool turns_have_room_for_exits(const struct turns *turns, size_t room)
{
    return turns->count - turns->openings - turns->faulty < room &&
           turns->faulty < 2 * (size_t)TURNS_FAULTY_MAX;
}

/* --- who may come */

static bool is_same_symbol(const struct turn *turn, const struct order *order)
{
    return turn->is_sound && strcmp(turn->order->symbol, order->symbol) == 0;
}

static bool is_superseded(const struct turns *turns, const struct order *order)
{
    size_t known = turns->exit_count < TURNS_EXITS_MAX ? turns->exit_count : TURNS_EXITS_MAX;

    for (size_t i = 0; i < known; i++) {
        const struct settled_exit *exit = &turns->exits[i];
        if (stream_id_compare(order->id, exit->id) < 0 &&
            (!exit->closes_one_side || exit->side == order->side) &&
            strcmp(exit->symbol, order->symbol) == 0)
            return true;
    }
    return false;
}

static void note_left(struct turn *turn, struct stream_id id)
{
    if (!turn->has_left || stream_id_compare(id, turn->left) < 0)
        turn->left = id;
    turn->has_left = true;
}

/* One that rested for this symbol, unless the order may come to hand all the same. */
static struct turn *crowded(const struct turns *turns, const struct order *order)
{
    struct turn *faulty = NULL;
    size_t exits = 0;

    if (turns->faulty == 0)
        return NULL;
    for (struct turn *turn = turns->first; turn; turn = turn->next) {
        if (!is_same_symbol(turn, order))
            continue;
        exits += turn->order->closes;
        if (turn->pause_ms > 0 && !faulty)
            faulty = turn;
    }
    return order->closes && exits < TURNS_SYMBOL_EXITS_MAX ? NULL : faulty;
}

enum turns_answer turns_ask(struct turns *turns, const struct order *order, bool is_sound,
                            size_t room)
{
    if (!is_sound)
        return TURNS_TAKES;
    if (turns->held && !order->closes && !is_superseded(turns, order))
        return TURNS_HOLDS;
    struct turn *faulty = crowded(turns, order);
    if (faulty) {
        note_left(faulty, order->id);
        return TURNS_CROWDED;
    }
    return order->closes || turns_have_room(turns, room) ? TURNS_TAKES : TURNS_FULL;
}

/* --- the list */

void turns_add(struct turns *turns, struct turn *turn)
{
    struct turn **at = &turns->first;

    while (*at)
        at = &(*at)->next;
    *at = turn;
    turn->next = NULL;
    turn->is_superseded = turns->held && is_superseded(turns, turn->order);
    count_in(turns, turn);
}

void turns_remove(struct turns *turns, struct turn *turn)
{
    struct turn **at = &turns->first;

    while (*at != turn) {
        assert(*at && "it is in the list");
        at = &(*at)->next;
    }
    *at = turn->next;
    count_out(turns, turn);
}

struct turn *turns_find(const struct turns *turns, struct stream_id id)
{
    struct turn *turn = turns->first;

    while (turn && stream_id_compare(turn->order->id, id) != 0)
        turn = turn->next;
    return turn;
}

/* --- whose turn it is */

bool turns_keep(const struct turns *turns, const struct turn *turn)
{
    return turns->held && turn->is_sound && !turn->order->closes && !turn->is_superseded;
}

/* An exit waits only for what is led; an opening also for the exits, and for those before it. */
static bool waits_for_symbol(const struct turns *turns, const struct turn *turn)
{
    bool is_before = true;

    if (!turn->is_sound)
        return false;
    for (const struct turn *other = turns->first; other; other = other->next) {
        if (other == turn)
            is_before = false;
        else if (is_same_symbol(other, turn->order) &&
                 (other->is_led || (!turn->order->closes && (other->order->closes || is_before))))
            return true;
    }
    return false;
}

static struct turn *first_of(const struct turns *turns, bool exits, uint64_t now_ms)
{
    for (struct turn *turn = turns->first; turn; turn = turn->next)
        if ((turn->is_sound && turn->order->closes) == exits && !turn->is_led &&
            turn->due_ms <= now_ms && !turns_keep(turns, turn) && !waits_for_symbol(turns, turn))
            return turn;
    return NULL;
}

struct turn *turns_next(struct turns *turns, uint64_t now_ms)
{
    struct turn *turn = first_of(turns, true, now_ms);

    if (!turn)
        turn = first_of(turns, false, now_ms);
    if (turn) {
        count_out(turns, turn);
        turn->is_led = true;
        count_in(turns, turn);
    }
    return turn;
}

void turns_put_back(struct turns *turns, struct turn *turn, uint64_t due_ms)
{
    assert(turn->is_led);
    count_out(turns, turn);
    turn->is_led = false;
    turn->due_ms = due_ms;
    count_in(turns, turn);
}

void turns_rest(struct turns *turns, struct turn *turn, uint64_t now_ms)
{
    count_out(turns, turn);
    if (turn->pause_ms == 0)
        turn->pause_ms = TURNS_PAUSE_MS;
    else if (2 * turn->pause_ms < TURNS_PAUSE_MS_MAX)
        turn->pause_ms *= 2;
    else
        turn->pause_ms = TURNS_PAUSE_MS_MAX;
    count_in(turns, turn);
    turns_put_back(turns, turn, now_ms + turn->pause_ms);
}

struct turn *turns_leave_behind(struct turns *turns, struct turn *turn)
{
    for (struct turn *other = turns->first; other; other = other->next)
        if (is_same_symbol(other, turn->order) && !other->order->closes && !other->is_led &&
            other->pause_ms == 0) {
            note_left(turn, other->order->id);
            turns_remove(turns, other);
            return other;
        }
    return NULL;
}

uint64_t turns_due_ms(const struct turns *turns, uint64_t now_ms)
{
    uint64_t due_ms = UINT64_MAX;

    for (const struct turn *turn = turns->first; turn; turn = turn->next)
        if (!turn->is_led && turn->due_ms > now_ms && turn->due_ms < due_ms)
            due_ms = turn->due_ms;
    return due_ms;
}

/* --- holding */

void turns_hold(struct turns *turns)
{
    turns->held = true;
    turns->exit_count = 0;
}

void turns_release(struct turns *turns)
{
    turns->held = false;
}

bool turns_exit(struct turns *turns, const struct order *order)
{
    struct settled_exit *exit = &turns->exits[turns->exit_count % TURNS_EXITS_MAX];

    for (struct turn *turn = turns->first; turn; turn = turn->next)
        if (is_same_symbol(turn, order))
            turn->due_ms = 0;
    if (!turns->held)
        return false;
    memcpy(exit->symbol, order->symbol, sizeof exit->symbol);
    exit->id = order->id;
    exit->closes_one_side = order->closes_one_side;
    exit->side = order->side;
    turns->exit_count++;
    return true;
}
