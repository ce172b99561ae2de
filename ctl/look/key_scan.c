/* SPDX-License-Identifier: MIT */
#include "ctl/look/key_scan.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/redis/reply.h"

#define STEP                                                                                       \
    "1000" /* keys looked at in one call: what Redis does in a fraction of a millisecond           \
            */

struct scan {
    char *pattern;
    const char *type; /* NULL: any */
    char cursor[24];
    size_t count;
    size_t most;
    struct names names;
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

static void take(struct scan *scan, const redisReply *found)
{
    struct names *names = &scan->names;
    struct reply_text name;

    for (size_t i = 0; reply_read_text(reply_element(found, i), &name); i++) {
        if (is_kept(names, &name))
            continue;
        scan->count++;
        if (names->count == scan->most)
            continue;
        names->list = memory_resize(names->list, names->count + 1, sizeof *names->list);
        names->list[names->count++] = memory_bytes(name.bytes, name.length);
    }
}

static int step(const struct ask *ask, struct scan *scan)
{
    struct command question = {0};
    redisReply *reply;

    command_add_all(&question, "SCAN", scan->cursor, "MATCH", scan->pattern, "COUNT", STEP, NULL);
    if (scan->type)
        command_add_all(&question, "TYPE", scan->type, NULL);
    if (ask_for(ask, "SCAN", &question, &reply) < 0)
        return -1;
    take(scan, reply_element(reply, 1));
    if (!reply_copy_text(reply_element(reply, 0), scan->cursor, sizeof scan->cursor))
        memcpy(scan->cursor, "0", 2);
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
    struct scan scan = {.pattern = pattern_of(start), .type = type, .cursor = "0", .most = most};
    int result = key_scan_place(ask, start);

    bool is_over = false;

    while (result == 0 && !is_over) {
        result = step(ask, &scan);
        is_over = strcmp(scan.cursor, "0") == 0;
    }
    free(scan.pattern);
    if (result < 0) {
        key_scan_release(&scan.names);
        return result;
    }
    if (scan.names.count > 1)
        qsort(scan.names.list, scan.names.count, sizeof *scan.names.list, compare);
    *ret_count = scan.count;
    *ret_names = scan.names;
    return 0;
}

void key_scan_release(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->list[i]);
    free(names->list);
    *names = (struct names){0};
}
