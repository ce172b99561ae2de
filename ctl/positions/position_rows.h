/* SPDX-License-Identifier: MIT */
/*
 * What is held, a row for each symbol and side: as the hash for everybody says it, and what the
 * executor's own positions tell of it. A symbol that only one of the two knows has a row too.
 *
 * The owner makes them of a look, gives each its last price, and frees them. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl/look/held_look.h"

struct position_row {
    struct held held;  /* number 0: the hash does not name it */
    int64_t told;      /* so many positions of the executor's; 0: all below is not known */
    int64_t opened_ms; /* of the first one */
    double size_usd;   /* of all of them */
    double price;      /* that they were opened at, weighted by size; 0: of one it is not known */
    double last_price; /* 0: not known */
    double profit_usd; /* unrealised, without fees; where `price` and `last_price` are known */
};

struct position_rows {
    struct position_row *list; /* in the order of the symbols */
    size_t count;
};

void position_rows_make(const struct held_look *look, struct position_rows *ret_rows);

/* Works out the profit at this price. */
void position_row_price(struct position_row *row, double last_price);

int64_t position_row_number(const struct position_row *row);
bool position_row_has_profit(const struct position_row *row);

void position_rows_free(struct position_rows *rows);
