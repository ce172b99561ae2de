/* SPDX-License-Identifier: MIT */
/*
 * quantumctl redis: one command of Redis' own, to the server that all the others ask: over TLS with
 * its name checked, at the master, at the node that has the names, and as its user. What is known
 * to read alone is asked at once; all else only in live mode.
 */
#include "ctl/control/redis.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/options/program.h"
#include "common/redis/reply.h"
#include "ctl/frame/ask.h"
#include "ctl/frame/document.h"

enum { WORD_COMMAND, WORD_KEY };

enum { WORDS_MAX = 1000 };

struct redis_values {
    int mode; /* enum live_mode */
    bool json;
};

#define AT(member) offsetof(struct redis_values, member)

static const struct option_row rows[] = {
    LIVE_MODE_ROW(AT(mode)),
    DOCUMENT_ROW(AT(json)),
};

/* The first word, or the first two. */
static const char *const reading[] = {
    "PING",         "TIME",          "INFO",           "DBSIZE",
    "LASTSAVE",     "ROLE",          "SCAN",           "EXISTS",
    "TYPE",         "TTL",           "PTTL",           "OBJECT ENCODING",
    "GET",          "MGET",          "STRLEN",         "GETRANGE",
    "HGET",         "HMGET",         "HGETALL",        "HLEN",
    "HEXISTS",      "HKEYS",         "HSCAN",          "LLEN",
    "LRANGE",       "SCARD",         "SMEMBERS",       "SISMEMBER",
    "SSCAN",        "ZCARD",         "ZRANGE",         "ZSCORE",
    "ZSCAN",        "XLEN",          "XRANGE",         "XREVRANGE",
    "XPENDING",     "XINFO STREAM",  "XINFO GROUPS",   "XINFO CONSUMERS",
    "MEMORY USAGE", "CLIENT LIST",   "CLIENT INFO",    "CONFIG GET",
    "ACL WHOAMI",   "ACL DRYRUN",    "SLOWLOG GET",    "LATENCY LATEST",
    "CLUSTER INFO", "CLUSTER NODES", "CLUSTER SHARDS", "CLUSTER KEYSLOT",
};

/* They change what later commands of a connection mean, of which there are none. */
static const char *const pointless[] = {"AUTH",      "HELLO",      "SELECT",  "MULTI",
                                        "SUBSCRIBE", "PSUBSCRIBE", "MONITOR", "QUIT"};

static bool begins_with(const struct names *words, const char *command)
{
    size_t length = strcspn(command, " ");
    const char *first = words->list[WORD_COMMAND];

    if (strlen(first) != length || strncasecmp(first, command, length) != 0)
        return false;
    return !command[length] || (words->count > WORD_KEY &&
                                strcasecmp(words->list[WORD_KEY], command + length + 1) == 0);
}

static bool is_among(const struct names *words, const char *const *commands, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (begins_with(words, commands[i]))
            return true;
    return false;
}

static void check(const struct options *options, const struct names *words,
                  struct complaints *complaints)
{
    (void)options;
    if (is_among(words, pointless, sizeof pointless / sizeof *pointless))
        complain(complaints,
                 "'%s' is for a connection that stays, and this one ends with the answer",
                 escaped(words->list[WORD_COMMAND]).text);
}

/* --- what came back */

static void print_bytes(const char *bytes, size_t length)
{
    size_t room = 4 * length + 1;
    char *text = memory_array(room, 1);

    (void)escape(bytes, length, length, text, room);
    (void)puts(text);
    free(text);
}

/* An answer that is one text, as that of INFO, keeps its lines. */
static void print_lines(const char *bytes, size_t length)
{
    const char *end = bytes + length, *line_end;

    for (; (line_end = memchr(bytes, '\n', (size_t)(end - bytes))); bytes = line_end + 1)
        print_bytes(bytes, (size_t)(line_end - bytes) - (line_end > bytes && line_end[-1] == '\r'));
    if (bytes < end || length == 0)
        print_bytes(bytes, (size_t)(end - bytes));
}

/* In a list each value has one line. */
static void print_answer(const redisReply *reply, bool is_alone)
{
    switch (reply->type) {
    case REDIS_REPLY_ARRAY:
        for (size_t i = 0; i < reply->elements; i++)
            print_answer(reply->element[i], false);
        return;
    case REDIS_REPLY_INTEGER:
        (void)printf("%lld\n", reply->integer);
        return;
    case REDIS_REPLY_NIL:
        (void)puts("");
        return;
    default:
        (is_alone ? print_lines : print_bytes)(reply->str, reply->len);
    }
}

static json_t *answer_json(const redisReply *reply)
{
    switch (reply->type) {
    case REDIS_REPLY_ARRAY: {
        json_t *list = json_array();
        for (size_t i = 0; i < reply->elements; i++)
            (void)json_array_append_new(list, answer_json(reply->element[i]));
        return list;
    }
    case REDIS_REPLY_INTEGER:
        return json_integer(reply->integer);
    case REDIS_REPLY_NIL:
        return json_null();
    default:
        return document_text(reply->str, reply->len);
    }
}

static int print(const struct invocation *invocation, const redisReply *reply)
{
    const struct redis_values *values = invocation->values;

    if (values->json) {
        json_t *document = document_new();
        document_put(document, "answer", answer_json(reply));
        return document_print(&redis_command, document);
    }
    print_answer(reply, true);
    return command_done(&redis_command);
}

/* --- what is asked */

/* Its first words tell enough of it. */
static char *title_of(const struct names *words)
{
    bool has_key = words->count > WORD_KEY;

    return memory_format("%s%s%s", escaped(words->list[WORD_COMMAND]).text, has_key ? " " : "",
                         has_key ? escaped(words->list[WORD_KEY]).text : "");
}

static int say_only(const struct names *words)
{
    char *title = title_of(words);

    (void)printf("%s may write, and is not asked for.\n", title);
    live_mode_conclude(MODE_DRY_RUN);
    free(title);
    return command_done(&redis_command);
}

static int run(const struct invocation *invocation)
{
    const struct redis_values *values = invocation->values;
    const struct names *words = invocation->words;
    struct command question = {0};
    redisReply *reply;

    if (values->mode != MODE_LIVE && !is_among(words, reading, sizeof reading / sizeof *reading))
        return say_only(words);
    for (size_t i = 0; i < words->count; i++)
        command_add(&question, words->list[i]);
    char *title = title_of(words);
    char *what = memory_format("Redis refuses %s", title);
    int result = ask_for(invocation->ask, what, &question, &reply);
    free(title);
    free(what);
    if (result < 0)
        return EXIT_FAILED;
    int status = print(invocation, reply);
    freeReplyObject(reply);
    return status;
}

const struct ctl_command redis_command = {
    .name = "redis",
    .words = "COMMAND [ARGUMENT]...",
    .words_min = 1,
    .words_max = WORDS_MAX,
    .purpose = "Asks Redis one command of its own, where and as whom the configuration says.",
    .details =
        "It goes where all commands go: over TLS with the name checked, to the master that "
        "Sentinels\nname, to the node of a Cluster that has the names. What is known to read "
        "alone is asked at\nonce; any other needs --mode=live, and nothing checks what it does.\n\n"
        "In an answer that is a list each value has a line, control characters as \\xNN and a "
        "backslash\ndoubled; one that is not there is an empty line. A text alone keeps its lines. "
        "All users of\nthis machine see what stands on a command line: give it no password. Behind "
        "-- no word is an\noption.\n\n"
        "Exit status: 0 answered, 1 refused or no answer.\n\n"
        "Examples:\n"
        "  quantumctl redis GET quantum:state:open_orders\n"
        "  quantumctl redis XREVRANGE quantum:stream:trade.intent + - COUNT 3 --json\n"
        "  quantumctl redis --mode=live DEL quantum:safety:safe_mode\n",
    COMMAND_OPTIONS(rows, struct redis_values),
    .check = check,
    .asks = true,
    .run = run,
};
