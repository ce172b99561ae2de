/* SPDX-License-Identifier: MIT */
/*
 * Whose turn it is among the intents in hand, and which may come to hand.
 *
 * Of one symbol one is led at a time. Exits come before openings. Of one symbol the openings wait
 * for its exits, and each for those before it. One that rests for a fault of its symbol holds no
 * place: all others pass it but the openings of its symbol, and its next try comes later each time.
 * What breaks a rule waits for nobody.
 *
 * What may not come stays pending in Redis and takes no memory: openings during a hold, openings
 * when enough are in hand, and openings behind one whose symbol is at fault. Exits always come, but
 * of a symbol at fault only a few. An exit that was settled during a hold lets through what it
 * superseded, so that this ends. Pure: the time is an argument, from a clock that nobody sets.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/trade/order.h"

enum {
    TURNS_SYMBOL_EXITS_MAX = 4, /* of a symbol at fault */
    TURNS_FAULTY_MAX = 1024,    /* so many of all symbols wait for a fault */
    TURNS_EXITS_MAX = 64,       /* so many exits of a hold are remembered, the last ones */
    TURNS_PAUSE_MS = 1000,      /* the first rest of one whose symbol is at fault */
    TURNS_PAUSE_MS_MAX = 30000, /* and the longest: each is twice the one before */
};

struct turn {
    void *task; /* whose it is */
    struct turn *next;
    const struct order *order;
    bool is_sound;         /* it breaks no rule */
    bool is_led;           /* it has its turn */
    bool is_superseded;    /* as it seems: a hold does not keep it */
    bool has_left;         /* others of its symbol were left behind it, */
    struct stream_id left; /* from this one on */
    uint64_t due_ms;       /* it rests until then */
    uint64_t pause_ms;     /* the last rest for what is wrong with its symbol; 0: nothing is */
};

struct settled_exit {
    char symbol[SYMBOL_MAX + 1];
    struct stream_id id;
    bool closes_one_side;
    enum side side; /* the one that it closes alone */
};

struct turns {
    struct turn *first; /* in the order of arrival */
    size_t count;
    size_t led;
    size_t faulty;   /* that rested for their symbol and have not come to their end */
    size_t openings; /* of the others */
    bool held;
    struct settled_exit exits[TURNS_EXITS_MAX]; /* since the hold began: a ring */
    size_t exit_count;
};

enum turns_answer {
    TURNS_TAKES,
    TURNS_FULL,    /* come again when there is room */
    TURNS_HOLDS,   /* come again when the hold is over */
    TURNS_CROWDED, /* come again when has_left of its symbol's says so */
};

/* `room`: for so many openings. A refusal for the symbol's sake is noted at the one that rests. */
enum turns_answer turns_ask(struct turns *turns, const struct order *order, bool is_sound,
                            size_t room);

/* Its task, order and is_sound are the caller's to set before, and the order stays where it is. */
void turns_add(struct turns *turns, struct turn *turn);
void turns_remove(struct turns *turns, struct turn *turn);

/* Its turn lasts until it is put back. NULL: it is nobody's turn. */
struct turn *turns_next(struct turns *turns, uint64_t now_ms);

/* It waits for its next turn, which does not come before. */
void turns_put_back(struct turns *turns, struct turn *turn, uint64_t due_ms);

/* The same, because something is wrong with its symbol. */
void turns_rest(struct turns *turns, struct turn *turn, uint64_t now_ms);

/* An opening that waits behind this one, which rests for their symbol: it is removed, and noted as
 * left. NULL: there is none. */
struct turn *turns_leave_behind(struct turns *turns, struct turn *turn);

/* The first moment after now at which one has rested; UINT64_MAX: none rests. */
uint64_t turns_due_ms(const struct turns *turns, uint64_t now_ms);

struct turn *turns_find(const struct turns *turns, struct stream_id id);

/* Whether openings may come; and whether exits and the rest may. */
bool turns_have_room(const struct turns *turns, size_t room);
bool turns_have_room_for_exits(const struct turns *turns, size_t room);

/* Whether a hold would keep it. */
bool turns_keep(const struct turns *turns, const struct turn *turn);

void turns_hold(struct turns *turns);
void turns_release(struct turns *turns);

/* An exit was settled: what it superseded in its symbol is tried at once. True when a hold lasts:
 * what waits behind it in Redis may come. */
bool turns_exit(struct turns *turns, const struct order *order);
