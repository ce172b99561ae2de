/* SPDX-License-Identifier: MIT */
#include "ctl/look/key_scan.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/redis/reply.h"

/* Keys looked at in one call: what Redis does in a fraction of a millisecond. */
enum { STEP = 1000 };

struct key_scan key_scan_begin(const char *pattern, const char *type)
{
    return (struct key_scan){.pattern = pattern, .type = type, .cursor = "0"};
}

void key_scan_question(const struct key_scan *scan, struct command *question)
{
    *question = (struct command){0};
    command_add_all(question, "SCAN", scan->cursor, "MATCH", scan->pattern, "COUNT", NULL);
    command_add_int(question, STEP);
    if (scan->type)
        command_add_all(question, "TYPE", scan->type, NULL);
}

const redisReply *key_scan_found(struct key_scan *scan, const redisReply *reply)
{
    bool is_read = reply_copy_text(reply_element(reply, 0), scan->cursor, sizeof scan->cursor);

    scan->is_over = !is_read || strcmp(scan->cursor, "0") == 0;
    return is_read ? reply_element(reply, 1) : NULL;
}

/* --- the keys that begin so */

struct finds {
    struct names names;
    size_t count;
    size_t most;
};

/* What a glob would take for a sign of its own is taken literally. */
static char *pattern_of(const char *start)
{
    char *pattern = memory_new(2 * strlen(start) + 2), *at = pattern;

    for (; *start; start++) {
        if (strchr("*?[]\\^", *start))
            *at++ = '\\';
        *at++ = *start;
    }
    *at = '*';
    return pattern;
}

static bool is_kept(const struct names *names, const struct reply_text *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strlen(names->list[i]) == name->length &&
            memcmp(names->list[i], name->bytes, name->length) == 0)
            return true;
    return false;
}

static void take(struct finds *finds, const redisReply *found)
{
    struct names *names = &finds->names;
    struct reply_text name;

    for (size_t i = 0; reply_read_text(reply_element(found, i), &name); i++) {
        if (is_kept(names, &name))
            continue;
        finds->count++;
        if (names->count == finds->most)
            continue;
        names->list = memory_resize(names->list, names->count + 1, sizeof *names->list);
        names->list[names->count++] = memory_bytes(name.bytes, name.length);
    }
}

static int step(const struct ask *ask, struct key_scan *scan, struct finds *finds)
{
    struct command question;
    redisReply *reply;

    key_scan_question(scan, &question);
    if (ask_for(ask, "SCAN", &question, &reply) < 0)
        return -1;
    take(finds, key_scan_found(scan, reply));
    freeReplyObject(reply);
    return 0;
}

int key_scan_place(const struct ask *ask, const char *key)
{
    struct command question = {0};
    redisReply *reply;

    command_add_all(&question, "TYPE", key, NULL);
    if (ask_for(ask, escaped(key).text, &question, &reply) < 0)
        return -1;
    freeReplyObject(reply);
    return 0;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int key_scan(const struct ask *ask, const char *start, const char *type, size_t most,
             size_t *ret_count, struct names *ret_names)
{
    char *pattern = pattern_of(start);
    struct key_scan scan = key_scan_begin(pattern, type);
    struct finds finds = {.most = most};
    int result = key_scan_place(ask, start);

    while (result == 0 && !scan.is_over)
        result = step(ask, &scan, &finds);
    free(pattern);
    if (result < 0) {
        names_free(&finds.names);
        return result;
    }
    if (finds.names.count > 1)
        qsort(finds.names.list, finds.names.count, sizeof *finds.names.list, compare);
    *ret_count = finds.count;
    *ret_names = finds.names;
    return 0;
}
