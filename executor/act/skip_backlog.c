/* SPDX-License-Identifier: MIT */
#include "executor/act/skip_backlog.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/output.h"
#include "common/options/program.h"
#include "common/redis/client.h"
#include "common/redis/reply.h"

enum { PAGE = 10000 };

struct position_of_group {
    char last_delivered[STREAM_ID_TEXT_MAX];
    int64_t pending;
};

static int fail(const char *what, const char *why)
{
    (void)fprintf(stderr, "quantum-executor: %s: %s\n", what, why);
    return -1;
}

static int refused(const struct executor_keys *keys, const redisReply *reply)
{
    if (reply_is_no_key(reply))
        return fail(keys->intents,
                    "there is no such stream; start the executor, which makes it and its group");
    (void)fprintf(stderr, "quantum-executor: %s: Redis refuses: %s\n", keys->intents,
                  reply_complaint(reply));
    return -1;
}

/* The reply is the caller's to free, and no error. */
static int ask(struct client *client, const struct executor_keys *keys, struct command *command,
               redisReply **ret_reply)
{
    redisReply *reply;

    if (client_ask(client, command, &reply) < 0)
        return fail("cannot ask Redis", client_error(client));
    if (reply_is_error(reply)) {
        int result = refused(keys, reply);
        freeReplyObject(reply);
        return result;
    }
    *ret_reply = reply;
    return 0;
}

static int find_group(struct client *client, const struct executor_keys *keys,
                      struct position_of_group *ret_position)
{
    struct command command = {0};
    redisReply *groups;
    bool found = false;

    command_add_all(&command, "XINFO", "GROUPS", keys->intents, NULL);
    if (ask(client, keys, &command, &groups) < 0)
        return -1;
    for (size_t i = 0; i < groups->elements && !found; i++) {
        const redisReply *group = groups->element[i];
        found =
            reply_is_text(reply_named(group, "name"), keys->group) &&
            reply_copy_text(reply_named(group, "last-delivered-id"), ret_position->last_delivered,
                            sizeof ret_position->last_delivered) &&
            reply_read_integer(reply_named(group, "pending"), &ret_position->pending);
    }
    freeReplyObject(groups);
    return found ? 0
                 : fail(keys->group, "there is no such group; start the executor, which makes it");
}

/* Counted, because the lag that Redis keeps can be null. */
static int count_behind(struct client *client, const struct executor_keys *keys, const char *last,
                        uint64_t *ret_count)
{
    char from[STREAM_ID_TEXT_MAX];
    uint64_t count = 0;
    size_t page;

    (void)snprintf(from, sizeof from, "%s", last);
    do {
        struct command command = {0};
        redisReply *entries;
        command_add_all(&command, "XRANGE", keys->intents, NULL);
        command_add_format(&command, "(%s", from);
        command_add_all(&command, "+", "COUNT", NULL);
        command_add_int(&command, PAGE);
        if (ask(client, keys, &command, &entries) < 0)
            return -1;
        page = entries->elements;
        count += page;
        if (page > 0)
            (void)reply_copy_text(reply_element(entries->element[page - 1], 0), from, sizeof from);
        freeReplyObject(entries);
    } while (page == PAGE);
    *ret_count = count;
    return 0;
}

static int move(struct client *client, const struct executor_keys *keys)
{
    struct command command = {0};
    redisReply *reply;

    command_add_all(&command, "XGROUP", "SETID", keys->intents, keys->group, "$", NULL);
    if (ask(client, keys, &command, &reply) < 0)
        return -1;
    freeReplyObject(reply);
    return 0;
}

static void tell(const char *when, const struct position_of_group *position, uint64_t behind)
{
    (void)printf("%-7s last delivered %s, %" PRIu64 " not delivered, %" PRId64 " pending\n", when,
                 position->last_delivered, behind, position->pending);
}

static int skip(struct client *client, const struct executor_keys *keys, bool dry_run)
{
    struct position_of_group before, after;
    uint64_t behind, left;

    if (client_open(client) < 0)
        return fail("cannot reach Redis", client_error(client));
    if (find_group(client, keys, &before) < 0 ||
        count_behind(client, keys, before.last_delivered, &behind) < 0)
        return -1;
    (void)printf("%s, group %s\n", keys->intents, keys->group);
    tell("before:", &before, behind);
    if (dry_run) {
        (void)printf("dry run: would pass over %" PRIu64 " entries; nothing was changed\n", behind);
        return 0;
    }
    if (move(client, keys) < 0 || find_group(client, keys, &after) < 0 ||
        count_behind(client, keys, after.last_delivered, &left) < 0)
        return -1;
    tell("after:", &after, left);
    (void)printf("passed over %" PRIu64 " entries; what is pending stays\n", behind);
    return 0;
}

int skip_backlog(const struct executor_settings *settings, bool dry_run)
{
    struct client *client = client_new(&settings->redis, "quantum-executor:skip");

    int result = skip(client, &settings->keys, dry_run);
    client_free(client);
    return result < 0 || output_finish() != 0 ? EXIT_FAILED : EXIT_DONE;
}
