/* SPDX-License-Identifier: MIT */
#include "common/redis/resp2.h"

/* hiredis 0.14 goes no deeper, and nothing that is asked for comes near it. */
enum { ARRAYS_MAX = 8 };

static bool is_too_deep(const redisReadTask *array)
{
    unsigned arrays = 1;

    for (const redisReadTask *task = array->parent; task; task = task->parent)
        arrays++;
    return arrays > ARRAYS_MAX;
}

/* The nil of RESP2 is a string or an array of which nothing came; one that stands for itself is of
 * RESP3. */
bool resp2_allows(const redisReadTask *task)
{
    switch (task->type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_ERROR:
    case REDIS_REPLY_INTEGER:
        return true;
    case REDIS_REPLY_ARRAY:
        return !is_too_deep(task);
    default:
        return false;
    }
}

#if HIREDIS_MAJOR > 0

void *resp2_no_double(const redisReadTask *task, double value, char *text, size_t length)
{
    (void)task;
    (void)value;
    (void)text;
    (void)length;
    return NULL;
}

void *resp2_no_bool(const redisReadTask *task, int value)
{
    (void)task;
    (void)value;
    return NULL;
}

#endif

static const redisReplyObjectFunctions *usual; /* of hiredis, the same for all readers */

static void *build_text(const redisReadTask *task, char *text, size_t length)
{
    return resp2_allows(task) ? usual->createString(task, text, length) : NULL;
}

static void *build_array(const redisReadTask *task, resp2_count elements)
{
    return resp2_allows(task) && (size_t)elements <= RESP2_ELEMENTS_MAX
               ? usual->createArray(task, elements)
               : NULL;
}

static void *build_integer(const redisReadTask *task, long long value)
{
    return usual->createInteger(task, value);
}

static void *build_nil(const redisReadTask *task)
{
    return resp2_allows(task) ? usual->createNil(task) : NULL;
}

void resp2_only(redisReader *reader)
{
    static redisReplyObjectFunctions functions = {
        .createString = build_text,
        .createArray = build_array,
        .createInteger = build_integer,
        .createNil = build_nil,
#if HIREDIS_MAJOR > 0
        .createDouble = resp2_no_double,
        .createBool = resp2_no_bool,
#endif
        .freeObject = freeReplyObject,
    };

    if (reader->fn == &functions)
        return;
    usual = reader->fn;
    reader->fn = &functions;
}
