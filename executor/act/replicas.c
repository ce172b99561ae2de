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
                   const struct link *writer, const int64_t *count)
{
    static const struct link_events events = {.up = on_up, .down = on_down};

    *replicas = (struct replicas){.writer = writer, .count = count};
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
    return refused;
}

/* WAIT is for what was written up to the connection's command before it: hence the PING. */
static int send_wait(struct question *question)
{
    struct link *link = question->replicas->link;
    uint64_t deadline_ms = link_reply_timeout_ms(link);
    struct command ping = {0}, wait = {0};

    command_add(&ping, "PING");
    if (send_on(link, &ping, deadline_ms, NULL, NULL) != 0)
        return 1;
    command_add(&wait, "WAIT");
    command_add_int(&wait, *question->replicas->count);
    command_add_int(&wait, WAIT_MS);
    int refused = send_on(link, &wait, deadline_ms + WAIT_MS, on_waited, question);
    link_flush(link);
    return refused;
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
    if (send_wait(question) != 0)
        answer(question, "the connection that waits for replicas is not there");
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
