/* SPDX-License-Identifier: MIT */
#include "ctl/archive/last_prices.h"

#include <stdlib.h>

#include "common/base/memory.h"
#include "common/redis/reply.h"
#include "common/trade/terms.h"

static void ask(struct client *client, const char *start, const char *symbol)
{
    struct command question = {0};

    command_add(&question, "GET");
    command_add_format(&question, "%s%s", start, symbol);
    client_append(client, &question);
}

static int collect(struct client *client, const char *symbol, struct last_prices *prices)
{
    redisReply *reply;
    struct reply_text text;
    double price;

    if (client_collect(client, &reply) < 0)
        return -1;
    if (reply_read_text(reply, &text) && terms_take_price(text.bytes, text.length, &price)) {
        struct last_price *last = &prices->list[prices->count++];
        last->symbol = symbol;
        number_shortest(price, last->value);
    }
    freeReplyObject(reply);
    return 0;
}

int last_prices_read(struct client *client, const char *start, const struct recent_symbols *symbols,
                     struct last_prices *ret_prices)
{
    struct last_prices prices = {memory_array(symbols->count, sizeof *prices.list), 0};

    for (size_t i = 0; i < symbols->count; i++)
        ask(client, start, symbols->list[i].name);
    int result = client_flush(client);
    for (size_t i = 0; i < symbols->count && result == 0; i++)
        result = collect(client, symbols->list[i].name, &prices);
    if (result == 0)
        *ret_prices = prices;
    else
        last_prices_release(&prices);
    return result;
}

void last_prices_release(struct last_prices *prices)
{
    free(prices->list);
    *prices = (struct last_prices){0};
}
