/* SPDX-License-Identifier: MIT */
#include "ctl/capacity/neighbour.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/redis/clock.h"
#include "common/redis/reply.h"
#include "ctl/look/key_scan.h"

/* So many hashes are asked for at once. */
enum { READ_STEP = 500 };

/* No number, side or time is longer. */
enum { VALUE_BYTES_MAX = 256 };

/* --- their names */

static bool is_ours(const struct neighbour *neighbour, const char *name)
{
    return strcmp(name, neighbour->ours[0]) == 0 || strcmp(name, neighbour->ours[1]) == 0;
}

static void take_names(const struct neighbour *neighbour, const redisReply *found,
                       struct names *names, struct book *book)
{
    struct reply_text text;

    for (size_t i = 0; reply_read_text(reply_element(found, i), &text); i++) {
        char *name = memory_bytes(text.bytes, text.length);
        if (strlen(name) != text.length)
            book_spoil(book, "there is a key with a NUL in its name, %s", escaped(name).text);
        if (strlen(name) != text.length || is_ours(neighbour, name)) {
            free(name);
            continue;
        }
        if ((names->count & (names->count - 1)) == 0) /* full: it doubles */
            names->list = memory_resize(names->list, 2 * names->count + 1, sizeof *names->list);
        names->list[names->count++] = name;
    }
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* SCAN may tell a key twice. */
static void drop_repeated(struct names *names)
{
    size_t kept = 0;

    if (names->count == 0)
        return;
    qsort(names->list, names->count, sizeof *names->list, compare);
    for (size_t i = 1; i < names->count; i++) {
        if (strcmp(names->list[i], names->list[kept]) == 0)
            free(names->list[i]);
        else
            names->list[++kept] = names->list[i];
    }
    names->count = kept + 1;
}

static int scan_step(const struct neighbour *neighbour, struct client *client,
                     struct key_scan *scan, struct names *names, struct book *book)
{
    struct command question;
    redisReply *reply;

    key_scan_question(scan, &question);
    if (client_ask(client, &question, &reply) < 0)
        return -1;
    notify_watchdog(neighbour->notify);
    const redisReply *found = key_scan_found(scan, reply);
    if (found)
        take_names(neighbour, found, names, book);
    else
        book_spoil(book, "SCAN: %s", reply_complaint(reply));
    freeReplyObject(reply);
    return 0;
}

static int find_names(const struct neighbour *neighbour, struct client *client, struct names *names,
                      struct book *book)
{
    struct key_scan scan = key_scan_begin(neighbour->pattern, NULL);
    int result = 0;

    /* Most are told once, a few twice. */
    while (result == 0 && !scan.is_over && names->count <= 2 * BOOK_KEYS_MAX)
        result = scan_step(neighbour, client, &scan, names, book);
    drop_repeated(names);
    if (names->count > BOOK_KEYS_MAX)
        book_spoil(book, "there are over %d such keys", BOOK_KEYS_MAX);
    return result;
}

/* --- what they say */

/* In the order of the values. */
static const char *field_of(const struct holding_rules *rules, size_t index)
{
    if (index < rules->amounts.count)
        return rules->amounts.list[index];
    return *rules->side && index == rules->amounts.count ? rules->side : rules->at;
}

static void append_lengths(const struct neighbour *neighbour, struct client *client,
                           const char *key)
{
    for (size_t i = 0; i < holding_values(&neighbour->rules); i++) {
        struct command question = {0};
        command_add_all(&question, "HSTRLEN", key, field_of(&neighbour->rules, i), NULL);
        client_append(client, &question);
    }
}

static void append_questions(const struct neighbour *neighbour, struct client *client,
                             const char *key)
{
    struct command values = {0}, length = {0};

    command_add_all(&values, "HMGET", key, NULL);
    for (size_t i = 0; i < holding_values(&neighbour->rules); i++)
        command_add(&values, field_of(&neighbour->rules, i));
    client_append(client, &values);
    command_add_all(&length, "HLEN", key, NULL);
    client_append(client, &length);
}

/* The part of the key's name that the star stands for. */
static char *starred(const struct neighbour *neighbour, const char *key)
{
    size_t before = strcspn(neighbour->pattern, "*");
    size_t around = strlen(neighbour->pattern) - 1;

    return memory_bytes(key + before, strlen(key) - around);
}

static void judge(const struct neighbour *neighbour, const char *key, const redisReply *reply,
                  int64_t now_ms, struct book *book)
{
    const struct holding_rules *rules = &neighbour->rules;
    size_t count = holding_values(rules);
    struct reply_text *values = memory_array(count, sizeof *values);
    char *name = starred(neighbour, key);

    for (size_t i = 0; i < count; i++)
        (void)reply_read_text(reply_element(reply, i), &values[i]);
    book_add(book, key, name, holding_read(rules, values, now_ms));
    free(name);
    free(values);
}

static int weigh_one(const struct neighbour *neighbour, struct client *client, const char *key,
                     struct book *book)
{
    for (size_t i = 0; i < holding_values(&neighbour->rules); i++) {
        redisReply *reply;
        int64_t bytes;
        if (client_collect(client, &reply) < 0)
            return -1;
        if (!reply_read_integer(reply, &bytes))
            book_spoil(book, "%s: %s", escaped(key).text, reply_complaint(reply));
        else if (bytes > VALUE_BYTES_MAX)
            book_spoil(book, "%s has %lld bytes in %s, and more than %d are not read",
                       escaped(key).text, (long long)bytes,
                       escaped(field_of(&neighbour->rules, i)).text, VALUE_BYTES_MAX);
        freeReplyObject(reply);
    }
    return 0;
}

/* The length is asked for after the values: where there is none the key went, perhaps after all. */
static int read_one(const struct neighbour *neighbour, struct client *client, const char *key,
                    int64_t now_ms, struct book *book)
{
    redisReply *values, *length;
    int64_t fields = 0;

    if (client_collect(client, &values) < 0)
        return -1;
    if (client_collect(client, &length) < 0) {
        freeReplyObject(values);
        return -1;
    }
    if (!reply_is_array(values, holding_values(&neighbour->rules)))
        book_spoil(book, "%s: %s", escaped(key).text, reply_complaint(values));
    else if (!reply_read_integer(length, &fields))
        book_spoil(book, "%s: %s", escaped(key).text, reply_complaint(length));
    else if (fields > 0)
        judge(neighbour, key, values, now_ms, book);
    freeReplyObject(values);
    freeReplyObject(length);
    return 0;
}

static int read_some(const struct neighbour *neighbour, struct client *client,
                     const struct names *names, size_t first, int64_t now_ms, struct book *book)
{
    size_t end = first + READ_STEP < names->count ? first + READ_STEP : names->count;
    int result = 0;

    for (size_t i = first; i < end; i++)
        append_lengths(neighbour, client, names->list[i]);
    for (size_t i = first; result == 0 && i < end; i++)
        result = weigh_one(neighbour, client, names->list[i], book);
    if (result < 0 || book->why)
        return result;
    for (size_t i = first; i < end; i++)
        append_questions(neighbour, client, names->list[i]);
    for (size_t i = first; result == 0 && i < end; i++)
        result = read_one(neighbour, client, names->list[i], now_ms, book);
    notify_watchdog(neighbour->notify);
    return result;
}

static int look_at_clock(struct client *client, int64_t *ret_ms, struct book *book)
{
    struct command question = {0};
    redisReply *reply;

    command_add(&question, "TIME");
    if (client_ask(client, &question, &reply) < 0)
        return -1;
    if (!redis_clock_read(reply, 0, ret_ms))
        book_spoil(book, "TIME: %s", reply_complaint(reply));
    freeReplyObject(reply);
    return 0;
}

int neighbour_read(const struct neighbour *neighbour, struct client *client, struct book *book)
{
    struct names names = {0};
    int64_t now_ms = 0;
    int result = find_names(neighbour, client, &names, book);

    if (result == 0)
        result = look_at_clock(client, &now_ms, book);
    for (size_t first = 0; result == 0 && !book->why && first < names.count; first += READ_STEP)
        result = read_some(neighbour, client, &names, first, now_ms, book);
    names_free(&names);
    return result;
}
