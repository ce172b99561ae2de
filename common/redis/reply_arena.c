/* SPDX-License-Identifier: MIT */
#include "common/redis/reply_arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/redis/resp2.h"

/* A page of a hundred signals fits into one block; but under the address sanitizer each part has
 * its own, so that a pointer that outlives its reply is found out. */
#ifdef __SANITIZE_ADDRESS__
enum { BLOCK_SIZE = 1 };
#else
enum { BLOCK_SIZE = 256 * 1024 };
#endif

struct block {
    struct block *next; /* older ones; the first one made is kept */
    size_t size;
    size_t used;
    alignas(max_align_t) char bytes[];
};

struct reply_arena {
    struct block *newest;
    size_t elements_max;
    const redisAsyncContext *asking; /* NULL: whatever comes was asked for */
};

/* hiredis hands back the outermost reply alone: before it stands whose it is. */
struct root {
    struct reply_arena *arena;
    redisReply reply;
};

static struct block *new_block(size_t size, struct block *next)
{
    struct block *block = memory_new(sizeof *block + size);

    block->size = size;
    block->next = next;
    return block;
}

/* Not cleared. */
static void *take(struct reply_arena *arena, size_t size)
{
    size_t rounded = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);

    if (arena->newest->size - arena->newest->used < rounded)
        arena->newest = new_block(rounded > BLOCK_SIZE ? rounded : BLOCK_SIZE, arena->newest);
    void *taken = arena->newest->bytes + arena->newest->used;
    arena->newest->used += rounded;
    return taken;
}

static void clear(struct reply_arena *arena)
{
    while (arena->newest->next) {
        struct block *block = arena->newest;
        arena->newest = block->next;
        free(block);
    }
    arena->newest->used = 0;
}

/* Who asked is taken from the list behind the reply. */
static bool is_asked_for(const struct reply_arena *arena, const redisReadTask *task)
{
    return task->parent || !arena->asking || arena->asking->replies.head ||
           task->type == REDIS_REPLY_ERROR;
}

/* NULL ends the connection. */
static redisReply *place(const redisReadTask *task)
{
    struct reply_arena *arena = task->privdata;
    redisReply *reply;

    if (!resp2_allows(task) || !is_asked_for(arena, task))
        return NULL;
    if (task->parent) {
        redisReply *parent = task->parent->obj;
        reply = take(arena, sizeof *reply);
        parent->element[task->idx] = reply;
    } else {
        struct root *root = take(arena, sizeof *root);
        root->arena = arena;
        reply = &root->reply;
    }
    *reply = (redisReply){.type = task->type};
    return reply;
}

static void *place_text(const redisReadTask *task, char *text, size_t length)
{
    redisReply *reply = place(task);

    if (!reply)
        return NULL;
    reply->str = take(task->privdata, length + 1);
    memcpy(reply->str, text, length);
    reply->str[length] = '\0';
    reply->len = length;
    return reply;
}

static void *place_array(const redisReadTask *task, resp2_count elements)
{
    const struct reply_arena *arena = task->privdata;

    if ((size_t)elements > arena->elements_max)
        return NULL;
    redisReply *reply = place(task);
    size_t size = (size_t)elements * sizeof(redisReply *);

    if (!reply)
        return NULL;
    reply->elements = (size_t)elements;
    reply->element = take(task->privdata, size);
    memset(reply->element, 0, size);
    return reply;
}

static void *place_integer(const redisReadTask *task, long long value)
{
    redisReply *reply = place(task);

    if (reply)
        reply->integer = value;
    return reply;
}

static void *place_nil(const redisReadTask *task)
{
    redisReply *reply = place(task);

    if (reply)
        reply->type = REDIS_REPLY_NIL; /* the task says of which type nothing came */
    return reply;
}

static void free_reply(void *data)
{
    if (!data)
        return;
    struct root *root = (struct root *)((char *)data - offsetof(struct root, reply));
    clear(root->arena);
}

static redisReplyObjectFunctions functions = {
    .createString = place_text,
    .createArray = place_array,
    .createInteger = place_integer,
    .createNil = place_nil,
#if HIREDIS_MAJOR > 0
    .createDouble = resp2_no_double,
    .createBool = resp2_no_bool,
#endif
    .freeObject = free_reply,
};

struct reply_arena *reply_arena_new(size_t elements_max)
{
    struct reply_arena *arena = memory_new(sizeof *arena);

    arena->newest = new_block(BLOCK_SIZE, NULL);
    arena->elements_max = elements_max;
    return arena;
}

void reply_arena_free(struct reply_arena *arena)
{
    if (!arena)
        return;
    clear(arena);
    free(arena->newest);
    free(arena);
}

void reply_arena_serve(struct reply_arena *arena, redisReader *reader)
{
    assert(!reader->reply && "between two replies");
    reader->fn = &functions;
    reader->privdata = arena;
    arena->asking = NULL;
}

void reply_arena_serve_async(struct reply_arena *arena, redisAsyncContext *context)
{
    reply_arena_serve(arena, context->c.reader);
    arena->asking = context;
}
