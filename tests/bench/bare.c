/* SPDX-License-Identifier: MIT */
/*
 * bare REDIS LOOK BESIDE COMMIT FIRST_NS WINDOW_MS COUNT
 *
 * What a decision costs a client that does nothing else: it sleeps for a window, then calls the
 * script that looks, with the command beside it, and, with the sequence and the last intent that
 * this one saw, the script that commits. LOOK, BESIDE and COMMIT are files of the router's own
 * calls, a word a line, in which {seq} stands for the sequence, {end} for the last intent's id,
 * {id} for the id of an entry to acknowledge, and {n} at the end of a word for the number of the
 * window. What is to be acknowledged it writes and reads before it sleeps.
 *
 * The first window ends at FIRST_NS of the monotonic clock. In the end prints a line for each of
 * COUNT: when it was due to wake, when it woke and when the commit's answer was in, in nanoseconds.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/plain.h"

enum { WORDS_MAX = 512, FIRST_KEY = 3, MS_NS = 1000000 };

enum { SEQUENCE = 6, INTENTS_END = 23 }; /* of what the script that looks returns */

/* A call as its file has it. */
struct call {
    char *text;
    const char *words[WORDS_MAX];
    int count;
};

struct window {
    uint64_t due_ns, woke_ns, answered_ns;
};

struct bare {
    redisContext *redis;
    struct call look, beside, commit;
    const char *stream, *group; /* of the commit's words */
    redisReply *entries;        /* to be acknowledged in this window */
    char record[64];            /* that the last commit left */
};

static char *read_file(const char *path)
{
    enum { BYTES_MAX = 1 << 20 };
    char *text = calloc(1, BYTES_MAX);
    FILE *file = fopen(path, "re");

    if (!text || !file || fread(text, 1, BYTES_MAX - 1, file) == 0)
        plain_fail("cannot read %s", path);
    (void)fclose(file);
    return text;
}

static void read_call(const char *path, struct call *call)
{
    char *at = read_file(path);

    call->text = at;
    for (char *end; (end = strchr(at, '\n')); at = end + 1) {
        if (call->count == WORDS_MAX)
            plain_fail("%s has too many words", path);
        *end = '\0';
        call->words[call->count++] = at;
    }
}

static int count_ids(const struct call *call)
{
    int ids = 0;

    for (int i = 0; i < call->count; i++)
        ids += strcmp(call->words[i], "{id}") == 0;
    return ids;
}

/* [[stream, [[id, fields], …]]] */
static const char *id_of(const redisReply *page, size_t number)
{
    const redisReply *entries = page->element[0]->element[1];

    if (number >= entries->elements)
        plain_fail("too few entries were read");
    return entries->element[number]->element[0]->str;
}

/* In words of ours, `numbered` where one ends with the window's number. `seen` is what the look
 * returned; the look itself has nothing of it. */
static void append(const struct bare *bare, const struct call *call, const redisReply *seen,
                   uint64_t window)
{
    static char numbered[WORDS_MAX][256];
    const char *words[WORDS_MAX];
    size_t ids = 0;

    for (int i = 0; i < call->count; i++) {
        const char *word = words[i] = call->words[i];
        size_t length = strlen(word);
        if (strcmp(word, "{seq}") == 0) {
            words[i] = seen->element[SEQUENCE]->str;
        } else if (strcmp(word, "{end}") == 0) {
            words[i] = seen->element[INTENTS_END]->str;
        } else if (strcmp(word, "{record}") == 0) {
            words[i] = bare->record;
        } else if (strcmp(word, "{id}") == 0) {
            words[i] = id_of(bare->entries, ids++);
        } else if (length > 3 && strcmp(word + length - 3, "{n}") == 0) {
            (void)snprintf(numbered[i], sizeof numbered[i], "%.*s%" PRIu64, (int)length - 3, word,
                           window);
            words[i] = numbered[i];
        }
    }
    (void)redisAppendCommandArgv(bare->redis, call->count, words, NULL);
}

/* EXEC's reply: the script's, and what is held. */
static redisReply *look(const struct bare *bare, uint64_t window)
{
    enum { TAKEN_IN = 3 };

    (void)redisAppendCommand(bare->redis, "MULTI");
    append(bare, &bare->look, NULL, window);
    append(bare, &bare->beside, NULL, window);
    (void)redisAppendCommand(bare->redis, "EXEC");
    for (int i = 0; i < TAKEN_IN; i++)
        freeReplyObject(plain_reply(bare->redis));
    redisReply *both = plain_reply(bare->redis);
    if (both->elements != 2 || both->element[0]->elements <= INTENTS_END)
        plain_fail("the look was refused");
    return both;
}

static void write_entries(struct bare *bare)
{
    int count = count_ids(&bare->commit);

    for (int i = 0; i < count; i++)
        (void)redisAppendCommand(bare->redis, "XADD %s * event_type bare", bare->stream);
    (void)redisAppendCommand(bare->redis, "XREADGROUP GROUP %s bare COUNT %d STREAMS %s >",
                             bare->group, count, bare->stream);
    for (int i = 0; i < count; i++)
        freeReplyObject(plain_reply(bare->redis));
    bare->entries = plain_reply(bare->redis);
}

static struct window decide(struct bare *bare, uint64_t due_ns, uint64_t number)
{
    write_entries(bare);
    plain_sleep_until(due_ns);
    struct window window = {.due_ns = due_ns, .woke_ns = plain_now_ns()};
    redisReply *seen = look(bare, number);
    append(bare, &bare->commit, seen->element[0], number);
    redisReply *done = plain_reply(bare->redis);
    window.answered_ns = plain_now_ns();
    if (done->elements == 0 || strcmp(done->element[0]->str, "done") != 0)
        plain_fail("the commit was %s", done->elements > 1 ? done->element[1]->str : "refused");
    (void)snprintf(bare->record, sizeof bare->record, "%s", done->element[1]->str);
    freeReplyObject(seen);
    freeReplyObject(done);
    freeReplyObject(bare->entries);
    return window;
}

static void read_calls(char **argv, struct bare *bare)
{
    read_call(argv[2], &bare->look);
    read_call(argv[3], &bare->beside);
    read_call(argv[4], &bare->commit);
    if (bare->commit.count <= FIRST_KEY)
        plain_fail("%s is no call", argv[4]);
    uint64_t group = FIRST_KEY + plain_number(bare->commit.words[FIRST_KEY - 1]);
    if (group >= (uint64_t)bare->commit.count)
        plain_fail("%s is no call", argv[4]);
    bare->stream = bare->commit.words[FIRST_KEY];
    bare->group = bare->commit.words[group];
}

int main(int argc, char **argv)
{
    static struct bare bare = {.record = "0-0"};

    if (argc != 8)
        plain_fail("usage: bare REDIS LOOK BESIDE COMMIT FIRST_NS WINDOW_MS COUNT");
    bare.redis = plain_connect(argv[1]);
    read_calls(argv, &bare);
    uint64_t due_ns = plain_number(argv[5]), window_ns = plain_number(argv[6]) * MS_NS;
    uint64_t count = plain_number(argv[7]);
    struct window *windows = calloc(count, sizeof *windows);

    if (!windows)
        plain_fail("out of memory");
    for (uint64_t i = 0; i < count; i++)
        windows[i] = decide(&bare, due_ns + i * window_ns, i);
    for (uint64_t i = 0; i < count; i++)
        (void)printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", windows[i].due_ns, windows[i].woke_ns,
                     windows[i].answered_ns);
    free(windows);
    free(bare.look.text);
    free(bare.beside.text);
    free(bare.commit.text);
    redisFree(bare.redis);
    return 0;
}
