/* SPDX-License-Identifier: MIT */
#include "ctl/demo/demo_books.h"

#include "common/redis/reply.h"

static int64_t number_behind(const redisReply *list, const char *name)
{
    int64_t number = 0;

    for (size_t i = 0; reply_is_array(list, i + 2); i += 2)
        if (reply_is_text(reply_element(list, i), name))
            (void)reply_read_integer(reply_element(list, i + 1), &number);
    return number;
}

/* Not the length, which is trimmed in a long run. No stream: nothing was ever written. */
int demo_books_count(struct demo_stage *stage, const char *stream, uint64_t *ret_count)
{
    struct command exists = {0}, info = {0};
    redisReply *reply = NULL;
    int64_t is_there = 0;

    command_add_all(&exists, "EXISTS", stream, NULL);
    int result = demo_stage_ask(stage, &exists, &reply);
    if (result < 0)
        return result;
    (void)reply_read_integer(reply, &is_there);
    freeReplyObject(reply);
    if (is_there == 0) {
        *ret_count = 0;
        return 0;
    }
    command_add_all(&info, "XINFO", "STREAM", stream, NULL);
    result = demo_stage_ask(stage, &info, &reply);
    if (result < 0)
        return result;
    *ret_count = (uint64_t)number_behind(reply, "entries-added");
    freeReplyObject(reply);
    return 0;
}

int demo_books_waiting(struct demo_stage *stage, uint64_t *ret_count)
{
    const struct keys *keys = &stage->settings.keys;
    struct command command = {0};
    redisReply *groups = NULL;

    *ret_count = 0;
    command_add_all(&command, "XINFO", "GROUPS", keys->intents, NULL);
    int result = demo_stage_ask(stage, &command, &groups);
    if (result < 0)
        return result;
    for (size_t i = 0; reply_is_array(groups, i + 1); i++)
        *ret_count = (uint64_t)(number_behind(groups->element[i], "pending") +
                                number_behind(groups->element[i], "lag"));
    freeReplyObject(groups);
    return 0;
}

int demo_books_positions(struct demo_stage *stage, int64_t *ret_count)
{
    struct command command = {0};
    redisReply *reply = NULL;

    command_add_all(&command, "HLEN", DEMO_POSITIONS, NULL);
    int result = demo_stage_ask(stage, &command, &reply);
    if (result < 0)
        return result;
    (void)reply_read_integer(reply, ret_count);
    freeReplyObject(reply);
    return 0;
}

int demo_books_results(struct demo_stage *stage, struct stream_id last, size_t count,
                       redisReply **ret_page)
{
    struct command command = {0};
    char id[STREAM_ID_TEXT_MAX];

    stream_id_print(last, id);
    command_add_all(&command, "XRANGE", DEMO_RESULTS, NULL);
    command_add_format(&command, "(%s", id);
    command_add_all(&command, "+", "COUNT", NULL);
    command_add_int(&command, (int64_t)count);
    return demo_stage_ask(stage, &command, ret_page);
}
