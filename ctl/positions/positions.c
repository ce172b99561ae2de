/* SPDX-License-Identifier: MIT */
#include "ctl/positions/positions.h"

#include <inttypes.h>
#include <stdlib.h>

#include "common/base/calendar.h"
#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/number.h"
#include "common/options/program.h"
#include "common/redis/reply.h"
#include "common/trade/terms.h"
#include "ctl/frame/document.h"
#include "ctl/frame/executor_configuration.h"
#include "ctl/frame/sheet.h"
#include "ctl/frame/span.h"
#include "ctl/look/held_look.h"
#include "ctl/positions/position_rows.h"

struct positions_values {
    bool json;
    char *executor_config;
};

#define AT(member) offsetof(struct positions_values, member)

static const struct option_row rows[] = {
    DOCUMENT_ROW(AT(json)),
    EXECUTOR_FILE_ROW(AT(executor_config)),
};

struct view {
    const struct held_keys *keys;
    const struct held_look *look;
    const struct position_rows *rows;
};

/* --- the last prices */

/* So many questions are on their way at once. */
enum { PRICES_AT_ONCE = 500 };

/* What cannot be read as a price, or may not be, is not known. */
static void take_price(const redisReply *reply, struct position_row *row)
{
    struct reply_text text;
    double price;

    if (reply_read_text(reply, &text) && terms_take_price(text.bytes, text.length, &price))
        position_row_price(row, price);
}

static int collect_price(const struct ask *ask, struct position_row *row)
{
    redisReply *reply;

    if (client_collect(ask->client, &reply) < 0)
        return -1;
    take_price(reply, row);
    freeReplyObject(reply);
    return 0;
}

static int read_some_prices(const struct ask *ask, const char *start, struct position_row *row,
                            size_t count)
{
    struct command question = {0};

    for (size_t i = 0; i < count; i++) {
        command_add(&question, "GET");
        command_add_format(&question, "%s%s", start, row[i].held.symbol);
        client_append(ask->client, &question);
    }
    int result = client_flush(ask->client);
    for (size_t i = 0; result == 0 && i < count; i++)
        result = collect_price(ask, &row[i]);
    return result;
}

static int read_prices(const struct ask *ask, const char *start, struct position_rows *table)
{
    int result = 0;

    for (size_t at = 0; result == 0 && at < table->count; at += PRICES_AT_ONCE) {
        size_t left = table->count - at;
        result = read_some_prices(ask, start, table->list + at,
                                  left < PRICES_AT_ONCE ? left : PRICES_AT_ONCE);
    }
    if (result < 0)
        (void)command_fail(ask->command, "%s", client_error(ask->client));
    return result;
}

/* --- for people */

static void add_number(struct sheet *sheet, double value, bool is_known)
{
    char text[NUMBER_TEXT_MAX];

    number_shortest(value, text);
    sheet_add(sheet, is_known ? text : "-");
}

static void add_row(struct sheet *sheet, const struct position_row *row, int64_t now_ms)
{
    bool has_profit = position_row_has_profit(row);

    sheet_add(sheet, row->held.symbol);
    sheet_add(sheet, side_name(row->held.side));
    sheet_add_count(sheet, position_row_number(row));
    sheet_add_span(sheet, row->told > 0 && row->opened_ms > 0 ? now_ms - row->opened_ms : -1);
    add_number(sheet, row->size_usd, row->told > 0);
    add_number(sheet, row->price, row->price > 0);
    add_number(sheet, row->last_price, row->last_price > 0);
    if (has_profit)
        sheet_add_format(sheet, "%+.2f", row->profit_usd);
    else
        sheet_add(sheet, "-");
}

static void print_rows(const struct view *view)
{
    static const char *const titles[] = {"<symbol", "<side", "held",   "for", "usd",
                                         "price",   "last",  "profit", NULL};
    const struct terminal terminal = terminal_look();
    struct sheet sheet;

    if (view->rows->count == 0) {
        if (view->look->state == HOLDINGS_KNOWN)
            (void)puts("nothing is held");
        return;
    }
    sheet_init(&sheet, titles);
    for (size_t i = 0; i < view->rows->count; i++)
        add_row(&sheet, &view->rows->list[i], view->look->now_ms);
    sheet_print(&sheet, stdout, &terminal);
    sheet_deinit(&sheet);
}

static size_t with_profit(const struct position_rows *table, double *ret_sum)
{
    size_t count = 0;

    *ret_sum = 0;
    for (size_t i = 0; i < table->count; i++)
        if (position_row_has_profit(&table->list[i])) {
            *ret_sum += table->list[i].profit_usd;
            count++;
        }
    return count;
}

static void print_profit(const struct position_rows *table)
{
    double sum;
    size_t count = with_profit(table, &sum);

    if (count == 0)
        return;
    (void)printf("unrealised: %+.2f USD without fees", sum);
    if (count < table->count)
        (void)printf(", of %zu of %zu", count, table->count);
    (void)puts("");
}

/* Where the executor keeps positions, they are what the hash for everybody is written from. */
static void print_difference(const struct view *view)
{
    const struct held_look *look = view->look;

    if (look->position_count > 0 && look->position_count != look->held_sum)
        (void)printf("%s holds %s, not %" PRId64 "\n", escaped(view->keys->positions).text,
                     counted(look->position_count, "position", "positions").text, look->held_sum);
    if (look->positions_read < (size_t)look->position_count && look->positions_known)
        (void)printf(
            "%s holds %s that cannot be read\n", escaped(view->keys->positions).text,
            counted(look->position_count - (int64_t)look->positions_read, "position", "positions")
                .text);
}

static int print_text(const struct view *view)
{
    char *verdict = held_look_verdict(view->look);

    print_rows(view);
    print_profit(view->rows);
    (void)puts(verdict);
    print_difference(view);
    free(verdict);
    return command_done(&positions_command);
}

/* --- for programs */

static json_t *known_number(double value, bool is_known)
{
    return is_known ? json_real(value) : json_null();
}

static json_t *known_time(int64_t ms)
{
    char iso[CALENDAR_ISO_MAX];

    if (ms <= 0)
        return json_null();
    calendar_iso(ms, iso);
    return json_string(iso);
}

static json_t *row_json(const struct position_row *row)
{
    return json_pack("{s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:o}", "symbol", row->held.symbol, "side",
                     side_name(row->held.side), "count", (json_int_t)position_row_number(row),
                     "since", known_time(row->told > 0 ? row->opened_ms : 0), "size_usd",
                     known_number(row->size_usd, row->told > 0), "price",
                     known_number(row->price, row->price > 0), "last_price",
                     known_number(row->last_price, row->last_price > 0), "profit_usd",
                     known_number(row->profit_usd, position_row_has_profit(row)));
}

static int print_json(const struct view *view)
{
    const struct held_look *look = view->look;
    json_t *document = document_new(), *list = json_array();

    for (size_t i = 0; i < view->rows->count; i++)
        (void)json_array_append_new(list, row_json(&view->rows->list[i]));
    document_put(document, "at", known_time(look->now_ms));
    document_put(document, "open_orders",
                 document_known(look->open.kind == OPEN_ORDERS_KNOWN ? look->open.count : -1));
    document_put(document, "held", held_json(look, view->keys->held));
    document_put(document, "positions", held_positions_json(look, view->keys->positions));
    document_put(document, "symbols", list);
    return document_print(&positions_command, document);
}

/* --- the command */

static const char *executor_file(const void *values)
{
    return ((const struct positions_values *)values)->executor_config;
}

static int show(const struct invocation *invocation, const struct held_keys *keys,
                const struct held_look *look)
{
    const struct positions_values *values = invocation->values;
    struct position_rows table;
    int status = EXIT_FAILED;

    position_rows_make(look, &table);
    const struct view view = {keys, look, &table};
    if (read_prices(invocation->ask, invocation->executor->keys.price, &table) == 0)
        status = values->json ? print_json(&view) : print_text(&view);
    position_rows_free(&table);
    return status;
}

static int run(const struct invocation *invocation)
{
    const struct keys *names = &invocation->settings->keys;
    const struct held_keys keys = {names->open_orders, names->held,
                                   invocation->executor->keys.positions};
    struct held_look look;
    int status = EXIT_FAILED;

    if (held_look_read(invocation->ask, &keys, true, &look) == 0) {
        status = show(invocation, &keys, &look);
        held_look_release(&look);
    }
    return status;
}

const struct ctl_command positions_command = {
    .name = "positions",
    .words = "",
    .purpose = "Shows what is held, and whether that agrees with the open orders.",
    .details =
        "What is held is what the hash for everybody (state:positions) says; since when, for how\n"
        "much and at which price, the executor's own positions tell, where it keeps them. The\n"
        "profit is what closing at the last price would bring, without fees; '-' is not known.\n"
        "The router goes by what is held only while its sum is the count of open orders.\n\n"
        "Exit status: 0 shown, whether it agrees or not, which status is there to judge; 1 not\n"
        "read, 2 wrong usage.\n\n"
        "Examples:\n"
        "  quantumctl positions\n"
        "  quantumctl positions --json | jq .held.agrees\n",
    COMMAND_OPTIONS(rows, struct positions_values),
    .executor_file = executor_file,
    .asks = true,
    .run = run,
};
