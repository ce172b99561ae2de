/* SPDX-License-Identifier: MIT */
#include "common/redis/greeting.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/redis/info.h"
#include "common/redis/reply.h"

enum { REDIS_MAJOR_MIN = 7 };

struct greeting {
    void (*done)(void *data, const struct greeted *greeted);
    void *data;
    char run_id[INFO_RUN_ID_MAX];
    bool is_over; /* done() was called */
};

/* The first objection ends it; done() may drop the connection, and then every reply is NULL. */
static void finish(struct greeting *greeting, const char *complaint)
{
    char copy[160];

    if (greeting->is_over)
        return;
    greeting->is_over = true;
    if (complaint)
        (void)snprintf(copy, sizeof copy, "%s", complaint);
    const struct greeted greeted = {complaint ? copy : NULL, greeting->run_id};
    greeting->done(greeting->data, &greeted);
}

/* AUTH and SELECT must succeed. */
static void on_required(void *data, const redisReply *reply)
{
    if (reply && !reply_is_text(reply, "OK"))
        finish(data, reply_complaint(reply));
}

/* What Redis says before it hangs up on somebody whom it does not let in, whatever was asked. */
static bool is_turned_away(const redisReply *reply)
{
    static const char too_many[] = "ERR max number of clients";

    return reply_is_error_code(reply, "DENIED") ||
           (reply && reply->type == REDIS_REPLY_ERROR &&
            strncmp(reply->str, too_many, sizeof too_many - 1) == 0);
}

/* CLIENT SETNAME is a courtesy, and an ACL may forbid it. */
static void on_courtesy(void *data, const redisReply *reply)
{
    if (is_turned_away(reply))
        finish(data, reply_complaint(reply));
}

/* INFO may be forbidden too; then the scripts will tell. */
static void on_info(void *data, const redisReply *reply)
{
    struct greeting *greeting = data;
    struct reply_text text;
    char said[80], version[24];

    if (!reply_read_text(reply, &text))
        return;
    (void)info_find(&text, "run_id", greeting->run_id, sizeof greeting->run_id);
    if (!info_find(&text, "redis_version", version, sizeof version) || version[0] < '0' ||
        version[0] >= '0' + REDIS_MAJOR_MIN || version[1] != '.')
        return;
    (void)snprintf(said, sizeof said, "Redis %s is too old: 7.0 or later is needed", version);
    finish(greeting, said);
}

/* Without a reply the link knows better what went wrong. */
static void on_ping(void *data, const redisReply *reply)
{
    struct greeting *greeting = data;

    if (reply)
        finish(greeting, reply_is_text(reply, "PONG") ? NULL : reply_complaint(reply));
    free(greeting);
}

/* Who does not say PONG within the time that connecting may take is not there: behind a balancer
 * it is the balancer that has accepted. */
static void say(struct link *link, const struct greeting_words *words, struct command *command,
                link_reply_fn *on_reply, struct greeting *greeting)
{
    int refused = words->send(link, command, words->deadline_ms, on_reply, greeting);

    assert(!refused && "the connection has just opened");
    (void)refused;
    command_free(command);
}

static void log_in(struct link *link, const struct greeting_words *words, struct greeting *greeting)
{
    const struct redis_address *address = words->address;
    struct command command = {0};

    if (!address->password)
        return;
    command_add(&command, "AUTH");
    if (address->user)
        command_add(&command, address->user);
    command_add(&command, address->password);
    say(link, words, &command, on_required, greeting);
}

void greeting_send(struct link *link, const struct greeting_words *words,
                   void (*done)(void *data, const struct greeted *greeted), void *data)
{
    const struct redis_address *address = words->address;
    struct greeting *greeting = memory_new(sizeof *greeting);
    struct command select = {0}, setname = {0}, info = {0}, ping = {0};

    greeting->done = done;
    greeting->data = data;
    log_in(link, words, greeting);
    command_add_all(&setname, "CLIENT", "SETNAME", words->name, NULL);
    say(link, words, &setname, on_courtesy, greeting);
    if (address->database > 0) {
        command_add(&select, "SELECT");
        command_add_int(&select, address->database);
        say(link, words, &select, on_required, greeting);
    }
    command_add_all(&info, "INFO", "server", NULL);
    say(link, words, &info, on_info, greeting);
    command_add(&ping, "PING");
    say(link, words, &ping, on_ping, greeting);
}
