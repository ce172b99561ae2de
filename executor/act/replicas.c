/* SPDX-License-Identifier: MIT */
#include "executor/act/replicas.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/redis/reply.h"

/* A replica that is there answers in the time of a round trip; one that is not is no reason to wait
 * for long, for it is asked again. */
enum { WAIT_MS = 1000 };

static const char not_there[] = "the connection that waits for replicas is not there";

struct question {
    struct replicas *replicas;
    unsigned session;
    replicas_fn *done;
    void *data;
};

static void on_up(void *owner)
{
    struct replicas *replicas = owner;

    link_reset_backoff(replicas->link);
}

/* Told to those who ask. */
static void on_down(void *owner, const char *reason, uint64_t retry_ms)
{
    (void)owner;
    (void)reason;
    (void)retry_ms;
}

void replicas_init(struct replicas *replicas, uv_loop_t *loop, const struct link_config *config,
                   const struct link *writer, const char *key, const int64_t *count)
{
    static const struct link_events events = {.up = on_up, .down = on_down};

    *replicas = (struct replicas){.writer = writer, .key = key, .count = count};
    if (*count == 0)
        return;
    replicas->link = link_new(loop, config, &events, replicas);
    link_open(replicas->link);
}

static void answer(struct question *question, const char *complaint)
{
    struct question asked = *question;

    free(question);
    if (asked.session == asked.replicas->session)
        asked.done(asked.data, complaint);
}

static void on_waited(void *data, const redisReply *reply)
{
    struct question *question = data;
    int64_t wanted = *question->replicas->count, have;
    char complaint[96];

    if (!reply || !reply_read_integer(reply, &have)) {
        answer(question, reply_complaint(reply));
        return;
    }
    (void)snprintf(complaint, sizeof complaint,
                   "%lld of venue.wait_replicas = %lld replicas have it", (long long)have,
                   (long long)wanted);
    answer(question, have >= wanted ? NULL : complaint);
}

/* Only what the server that was written on has counts. */
static bool is_elsewhere(const struct replicas *replicas)
{
    const char *here = link_run_id(replicas->link), *there = link_run_id(replicas->writer);

    return *here && *there && strcmp(here, there) != 0;
}

static int send_on(struct link *link, struct command *command, uint64_t deadline_ms,
                   link_reply_fn *on_reply, void *data)
{
    int refused = link_send(link, command, deadline_ms, on_reply, data);

    command_free(command);
    link_flush(link);
    return refused;
}

static int send_wait(struct question *question)
{
    struct link *link = question->replicas->link;
    struct command wait = {0};

    command_add(&wait, "WAIT");
    command_add_int(&wait, *question->replicas->count);
    command_add_int(&wait, WAIT_MS);
    return send_on(link, &wait, link_reply_timeout_ms(link) + WAIT_MS, on_waited, question);
}

static void on_written(void *data, const redisReply *reply)
{
    struct question *question = data;

    if (!reply || reply_is_error(reply))
        answer(question, reply_complaint(reply));
    else if (send_wait(question) != 0)
        answer(question, not_there);
}

/* WAIT is for what its own connection wrote last. This comes behind all that was written before,
 * and nobody reads it. */
static int send_write(struct question *question)
{
    struct replicas *replicas = question->replicas;
    struct command write = {0};

    command_add_all(&write, "HSET", replicas->key, "waits", "1", NULL);
    return send_on(replicas->link, &write, link_reply_timeout_ms(replicas->link), on_written,
                   question);
}

void replicas_ask(struct replicas *replicas, replicas_fn *done, void *data)
{
    struct question *question;

    if (!replicas->link) {
        done(data, NULL);
        return;
    }
    question = memory_new(sizeof *question);
    *question = (struct question){replicas, replicas->session, done, data};
    if (link_is_up(replicas->link) && is_elsewhere(replicas))
        link_drop(replicas->link, "the other connections reach another server");
    if (send_write(question) != 0)
        answer(question, not_there);
}

void replicas_forget(struct replicas *replicas)
{
    replicas->session++;
}

void replicas_close(struct replicas *replicas)
{
    replicas_forget(replicas);
    if (replicas->link)
        link_close(replicas->link, NULL, NULL);
}
