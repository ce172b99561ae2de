/* SPDX-License-Identifier: MIT */
#include "ctl/positions/position_rows.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/number.h"

enum { PRICE_PLACES = 8, PROFIT_PLACES = 2 };

static int compare(const void *a, const void *b)
{
    const struct held *one = &((const struct position_row *)a)->held;
    const struct held *other = &((const struct position_row *)b)->held;
    int by_symbol = strcmp(one->symbol, other->symbol);

    return by_symbol != 0 ? by_symbol : (int)one->side - (int)other->side;
}

static struct position_row row_of(const struct position *position)
{
    struct position_row row = {
        .held = {.side = position->side},
        .told = 1,
        .opened_ms = position->opened_ms,
        .size_usd = position->size_usd,
        .price = position->price,
    };

    memcpy(row.held.symbol, position->symbol, sizeof row.held.symbol);
    return row;
}

static double quantity_of(const struct position_row *row)
{
    return row->price > 0 ? row->size_usd / row->price : 0;
}

/* The price is what the whole was bought at. */
static void join_told(struct position_row *row, const struct position_row *other)
{
    double quantity = quantity_of(row) + quantity_of(other);
    bool is_known = row->price > 0 && other->price > 0 && quantity > 0;

    row->told += other->told;
    row->size_usd += other->size_usd;
    row->price = is_known ? number_round(row->size_usd / quantity, PRICE_PLACES) : 0;
    if (other->opened_ms < row->opened_ms)
        row->opened_ms = other->opened_ms;
}

static void join(struct position_row *row, const struct position_row *other)
{
    int64_t number = row->held.number + other->held.number;

    if (row->told == 0)
        *row = *other;
    else if (other->told > 0)
        join_told(row, other);
    row->held.number = number;
}

/* Of one symbol and side there is one row; they are in order. */
static void join_neighbours(struct position_rows *rows)
{
    size_t last = 0;

    for (size_t i = 1; i < rows->count; i++) {
        if (compare(&rows->list[last], &rows->list[i]) == 0)
            join(&rows->list[last], &rows->list[i]);
        else
            rows->list[++last] = rows->list[i];
    }
    rows->count = rows->count > 0 ? last + 1 : 0;
}

void position_rows_make(const struct held_look *look, struct position_rows *ret_rows)
{
    size_t most = look->held_count + look->positions_read;
    struct position_rows rows = {.list = memory_array(most + 1, sizeof *rows.list)};

    for (size_t i = 0; i < look->held_count; i++)
        rows.list[rows.count++] = (struct position_row){.held = look->held[i]};
    for (size_t i = 0; i < look->positions_read; i++)
        rows.list[rows.count++] = row_of(&look->positions[i]);
    qsort(rows.list, rows.count, sizeof *rows.list, compare);
    join_neighbours(&rows);
    *ret_rows = rows;
}

/* The side falls with the price or rises with it, as position_profit() has it of one position. */
void position_row_price(struct position_row *row, double last_price)
{
    const struct position whole = {
        .side = row->held.side, .size_usd = row->size_usd, .price = row->price};

    row->last_price = last_price;
    row->profit_usd = number_round(position_profit(&whole, last_price), PROFIT_PLACES);
}

int64_t position_row_number(const struct position_row *row)
{
    return row->held.number > 0 ? row->held.number : row->told;
}

bool position_row_has_profit(const struct position_row *row)
{
    return row->told > 0 && row->price > 0 && row->last_price > 0;
}

void position_rows_free(struct position_rows *rows)
{
    free(rows->list);
    *rows = (struct position_rows){0};
}
