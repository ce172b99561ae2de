/* SPDX-License-Identifier: MIT */
#include "ctl/past/decide/trade_book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/trade/terms.h"

#define BPS  1e4
#define CENT 0.01 /* no size is smaller */

void trade_book_init(struct trade_book *book, struct price_book *symbols)
{
    *book = (struct trade_book){.symbols = symbols};
}

void trade_book_release(struct trade_book *book)
{
    free(book->trades);
    free(book->closings);
    free(book->answers);
    id_map_release(&book->by_intent);
    id_map_release(&book->by_decision);
    id_map_release(&book->results);
}

/* Room for one more. */
static void *grow(void *list, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return list;
    *room = *room ? 2 * *room : 64;
    return memory_resize(list, *room, size);
}

bool trade_read(const struct recorded *recorded, size_t row, size_t symbol, struct trade *ret_trade)
{
    const struct signal *signal = recorded->window.candidates[row].signal;

    *ret_trade = (struct trade){
        .decision = text_hash(signal->decision_id),
        .at_ms = recorded->snapshot.now_ms,
        .symbol = symbol,
        .side = signal->side,
        .rank = recorded->verdicts[row].rank,
        .confidence = signal->confidence,
        .base_usd = signal->position_size_usd,
    };
    return recorded_intent(recorded, ret_trade->rank, &ret_trade->intent);
}

size_t trade_book_publish(struct trade_book *book, const struct trade *trade)
{
    if (!id_map_add(&book->by_intent, trade->intent, book->count))
        return SIZE_MAX;
    (void)id_map_add(&book->by_decision, (struct stream_id){trade->decision, 0}, book->count);
    book->trades = grow(book->trades, book->count, &book->room, sizeof *book->trades);
    book->trades[book->count] = *trade;
    return book->count++;
}

/* --- a result, field by field */

static bool is_text(const struct entry_field *field, const char *text)
{
    return field && field->value_length == strlen(text) &&
           memcmp(field->value, text, field->value_length) == 0;
}

static double number_of(const struct entry *entry, const char *name, bool *ret_is_there)
{
    const struct entry_field *field = entry_find(entry, name);
    double number = 0;

    *ret_is_there = field && terms_take_amount(field->value, field->value_length, &number);
    return number;
}

static struct stream_id id_of(const struct entry *entry, const char *name)
{
    const struct entry_field *field = entry_find(entry, name);
    struct stream_id id = {0};

    if (field)
        (void)stream_id_read(field->value, field->value_length, &id);
    return id;
}

static bool is_id(struct stream_id id)
{
    return id.ms > 0 || id.sequence > 0;
}

/* In seconds, or as an older version wrote it, in ISO 8601; else when it was written. */
static int64_t moment_of(const struct entry *entry)
{
    const struct entry_field *field = entry_find(entry, "ts");
    int64_t ms;

    return field && terms_take_moment(field->value, field->value_length, &ms)
               ? ms
               : stream_id_time_ms(entry->id);
}

static size_t symbol_of(struct trade_book *book, const struct entry *entry)
{
    const struct entry_field *field = entry_find(entry, "symbol");
    char name[SYMBOL_MAX + 1];

    return field && terms_take_symbol(field->value, field->value_length, name)
               ? price_book_symbol(book->symbols, name)
               : PRICE_SYMBOL_NONE;
}

static int side_of(const struct entry *entry)
{
    const struct entry_field *field = entry_find(entry, "side");

    return is_text(field, side_name(SIDE_BUY))    ? SIDE_BUY
           : is_text(field, side_name(SIDE_SELL)) ? SIDE_SELL
                                                  : -1;
}

static uint64_t hash_of(const struct entry *entry, const char *name)
{
    const struct entry_field *field = entry_find(entry, name);
    uint64_t hash = 0;

    if (field && field->value_length > 0) {
        char *text = memory_bytes(field->value, field->value_length);
        hash = text_hash(text);
        free(text);
    }
    return hash;
}

static double size_of(const struct entry *entry)
{
    bool is_there;
    double size = number_of(entry, "position_size_usd", &is_there);

    return is_there ? size : number_of(entry, "size_usd", &is_there);
}

/* --- what it tells */

static void note_closing(struct trade_book *book, const struct entry *entry)
{
    struct closing closing = {
        .at_ms = moment_of(entry),
        .order = id_of(entry, "order_id"),
        .opened_by = hash_of(entry, "opened_by"),
        .symbol = symbol_of(book, entry),
        .side = side_of(entry),
        .size_usd = size_of(entry),
    };

    closing.profit_usd = number_of(entry, "profit_usd", &closing.has_profit);
    book->closings =
        grow(book->closings, book->closing_count, &book->closing_room, sizeof *book->closings);
    book->closings[book->closing_count++] = closing;
}

static void note_answer(struct trade_book *book, const struct entry *entry, bool is_filled)
{
    const struct answer_of_intent answer = {id_of(entry, "intent_id"), is_filled, size_of(entry)};

    book->answers =
        grow(book->answers, book->answer_count, &book->answer_room, sizeof *book->answers);
    book->answers[book->answer_count++] = answer;
}

/* The last row is then that of all that have none of their own. */
static void note_other_reason(struct trade_book *book)
{
    struct reason_count *others = &book->reasons[REASONS_MAX - 1];

    (void)snprintf(others->words, sizeof others->words, "others");
    others->count++;
}

static void note_reason(struct trade_book *book, const struct entry *entry)
{
    const struct entry_field *status = entry_find(entry, "status");
    const struct entry_field *reason = entry_find(entry, "reason");
    struct reason_count row = {.count = 1};
    size_t i = 0;

    (void)snprintf(row.words, sizeof row.words, "%.*s%s%.*s", (int)status->value_length,
                   status->value, reason && reason->value_length > 0 ? " " : "",
                   reason ? (int)reason->value_length : 0, reason ? reason->value : "");
    while (i < book->reason_count && strcmp(book->reasons[i].words, row.words) != 0)
        i++;
    if (i < book->reason_count)
        book->reasons[i].count++;
    else if (i < REASONS_MAX)
        book->reasons[book->reason_count++] = row;
    else
        note_other_reason(book);
}

void trade_book_result(struct trade_book *book, const struct entry *entry)
{
    const struct entry_field *status = entry_find(entry, "status");

    if (!status || !id_map_add(&book->results, entry->id, 0))
        return;
    if (is_text(status, "closed")) {
        note_closing(book, entry);
    } else if (is_text(status, "filled")) {
        note_answer(book, entry, true);
    } else {
        note_answer(book, entry, false);
        note_reason(book, entry);
    }
}

/* --- brought together */

/* A fill that comes after it was given up counts. */
static void take_answer(struct trade_book *book, const struct answer_of_intent *answer)
{
    size_t place;

    if (!id_map_find(&book->by_intent, answer->intent, &place))
        return;
    struct trade *trade = &book->trades[place];
    if (answer->is_filled) {
        trade->end = TRADE_OPEN;
        trade->size_usd = answer->size_usd;
    } else if (trade->end == TRADE_WAITS) {
        trade->end = TRADE_REFUSED;
    }
}

/* By its decision, where nobody says which order it was. */
static struct trade *find_decision(struct trade_book *book, uint64_t decision)
{
    size_t place;

    return decision != 0 && id_map_find(&book->by_decision, (struct stream_id){decision, 0}, &place)
               ? &book->trades[place]
               : NULL;
}

static void take_closing(struct trade_book *book, struct closing *closing)
{
    struct trade *trade;
    size_t place;

    if (is_id(closing->order))
        trade = id_map_find(&book->by_intent, closing->order, &place) ? &book->trades[place] : NULL;
    else
        trade = find_decision(book, closing->opened_by);
    if (!trade || trade->end == TRADE_CLOSED)
        return;
    trade->end = TRADE_CLOSED;
    trade->has_profit = closing->has_profit && closing->size_usd >= CENT;
    trade->profit_usd = closing->profit_usd;
    trade->size_usd = closing->size_usd;
    closing->rank = trade->rank;
}

void trade_book_close(struct trade_book *book)
{
    for (size_t i = 0; i < book->answer_count; i++)
        take_answer(book, &book->answers[i]);
    for (size_t i = 0; i < book->closing_count; i++)
        take_closing(book, &book->closings[i]);
}

enum trade_outcome trade_outcome(const struct trade *trade)
{
    if (trade->has_profit)
        return TRADE_REAL;
    return trade->has_estimate ? TRADE_ESTIMATED : TRADE_UNKNOWN;
}

double trade_bps(const struct trade *trade)
{
    return trade->profit_usd / trade->size_usd * BPS;
}
