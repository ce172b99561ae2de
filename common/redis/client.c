/* SPDX-License-Identifier: MIT */
#include "common/redis/client.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/redis/dial.h"
#include "common/redis/login.h"
#include "common/redis/redirect.h"
#include "common/redis/reply.h"
#include "common/redis/resp2.h"
#include "common/redis/search_now.h"

/* Nodes that send us on to each other know no more than we do. */
enum { HOPS_MAX = 5 };

struct client {
    const struct redis_settings *settings;
    const char *name;
    redisContext *context;
    struct tls *tls; /* the context's, where it has TLS */
    size_t waiting;
    struct place place; /* where those who know say that it is */
    bool is_sent_on;    /* the last answer named another one */
    char *error;        /* the first one */
    size_t reason_at;   /* in it, behind the address */
};

struct client *client_new(const struct redis_settings *settings, const char *name)
{
    struct client *client = memory_new(sizeof *client);

    client->settings = settings;
    client->name = name;
    return client;
}

void client_free(struct client *client)
{
    if (!client)
        return;
    if (client->context)
        redisFree(client->context);
    tls_free(client->tls);
    free(client->error);
    free(client);
}

const char *client_error(const struct client *client)
{
    return client->error ? client->error : "";
}

const char *client_reason(const struct client *client)
{
    return client_error(client) + client->reason_at;
}

int64_t client_certificate_end_ms(const struct client *client, bool *ret_is_ours)
{
    return client->tls ? tls_end_ms(client->tls, ret_is_ours) : 0;
}

static bool is_guided(const struct client *client)
{
    return client->settings->address.guides.count > 0;
}

/* The place, once there is one; else those who are asked for it. */
static char *address_of(const struct client *client)
{
    char place[PLACE_TEXT_MAX];

    if (!client->place.host[0])
        return redis_address_text(&client->settings->address);
    place_print(&client->place, place);
    return memory_text(place);
}

static int fail(struct client *client, const char *reason)
{
    if (!client->error) {
        char *address = address_of(client);
        size_t length = strlen(reason), room = 4 * length + 1;
        char *shown = memory_array(room, 1);
        (void)escape(reason, length, length, shown, room);
        client->error = memory_format("Redis at %s: %s", address, shown);
        client->reason_at = strlen(client->error) - strlen(shown);
        free(shown);
        free(address);
    }
    return -EIO;
}

/* A deadline shows as EAGAIN on the socket, and by name in later versions of hiredis. */
static int fail_io(struct client *client, int error)
{
    const redisContext *context = client->context;
    bool is_late = context->err == REDIS_ERR_IO && (error == EAGAIN || error == ETIMEDOUT);
    char reason[TLS_REASON_MAX];

    if (tls_failure(client->tls, reason))
        return fail(client, reason);
    return fail(client, is_late ? "no answer in time" : connection_reason(context));
}

static struct timeval timeval_of(int64_t ms)
{
    return (struct timeval){.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
}

static redisContext *connect_socket(const struct client *client, struct timeval timeout)
{
    const struct redis_address *address = &client->settings->address;

    if (is_guided(client))
        return dial(client->place.host, client->place.port, timeout);
    if (address->path)
        return redisConnectUnixWithTimeout(address->path, timeout);
    return dial(address->host, address->port, timeout);
}

static int begin_tls(struct client *client)
{
    const struct redis_settings *settings = client->settings;
    char reason[TLS_REASON_MAX];

    if (!settings->address.tls)
        return 0;
    const char *host = is_guided(client) ? client->place.host : settings->address.host;
    client->tls = tls_begin(client->context, &settings->tls_files, host, reason);
    return client->tls ? 0 : fail(client, reason);
}

/* The greeting's deadline is the one for connecting. */
static int connect_now(struct client *client)
{
    struct timeval timeout = timeval_of(client->settings->connect_timeout_ms);

    client->context = connect_socket(client, timeout);
    if (!client->context)
        return fail(client, "out of memory");
    if (client->context->err)
        return fail(client, connection_reason(client->context));
    if (redisSetTimeout(client->context, timeout) != REDIS_OK)
        return fail(client, connection_reason(client->context));
    resp2_only(client->context->reader);
    return begin_tls(client);
}

/* `expected` NULL: whatever the answer is. */
static int greet(struct client *client, struct command *command, const char *expected)
{
    redisReply *reply;
    int result = client_ask(client, command, &reply);

    if (result < 0)
        return result;
    if (expected && !reply_is_text(reply, expected))
        result = fail(client, reply_complaint(reply));
    freeReplyObject(reply);
    return result;
}

static int log_in(struct client *client)
{
    const struct redis_address *address = &client->settings->address;
    struct command command = {0};

    if (!login_command(address, &command))
        return 0;
    return greet(client, &command, "OK");
}

static int select_database(struct client *client)
{
    struct command command = {0};

    if (client->settings->address.database == 0)
        return 0;
    command_add(&command, "SELECT");
    command_add_int(&command, client->settings->address.database);
    return greet(client, &command, "OK");
}

/* The name is a courtesy, and an ACL may forbid it. PING tells a Redis that is loading from one
 * that is there. */
static int introduce(struct client *client)
{
    struct command setname = {0}, ping = {0};

    command_add_all(&setname, "CLIENT", "SETNAME", client->name, NULL);
    int result = greet(client, &setname, NULL);
    if (result < 0)
        return result;
    command_add(&ping, "PING");
    return greet(client, &ping, "PONG");
}

/* Whether this is the server that was looked for. */
static int check_place(struct client *client)
{
    const struct guides *guides = &client->settings->address.guides;
    struct command command = {0};
    redisReply *reply;

    if (!is_guided(client))
        return 0;
    if (guides->kind == GUIDES_SENTINELS)
        command_add_all(&command, "INFO", "replication", NULL);
    else
        command_add_all(&command, "TYPE", guides->key, NULL);
    int result = client_ask(client, &command, &reply);
    if (result < 0)
        return result;
    const char *objection = guides->kind == GUIDES_SENTINELS ? search_objection(reply) : NULL;
    if (objection)
        result = fail(client, objection);
    freeReplyObject(reply);
    return result;
}

static int enter(struct client *client)
{
    int result = connect_now(client);

    if (result == 0)
        result = log_in(client);
    if (result == 0)
        result = select_database(client);
    if (result == 0)
        result = introduce(client);
    if (result == 0)
        result = check_place(client);
    if (result == 0 && redisSetTimeout(client->context,
                                       timeval_of(client->settings->reply_timeout_ms)) != REDIS_OK)
        result = fail(client, connection_reason(client->context));
    return result;
}

static int find_place(struct client *client)
{
    char error[SEARCH_ERROR_MAX];
    int result =
        search_now(&client->settings->address, (uint64_t)client->settings->connect_timeout_ms,
                   &client->settings->tls_files, &client->place, error);

    return result < 0 ? fail(client, error) : 0;
}

static void forget(struct client *client)
{
    if (client->context)
        redisFree(client->context);
    tls_free(client->tls);
    free(client->error);
    client->context = NULL;
    client->tls = NULL;
    client->error = NULL;
    client->waiting = 0;
    client->is_sent_on = false;
}

int client_open(struct client *client)
{
    assert(!client->context && "opened once");
    if (!is_guided(client))
        return enter(client);
    int result = find_place(client);
    if (result == 0)
        result = enter(client);
    for (int hops = 0; result < 0 && client->is_sent_on && hops < HOPS_MAX; hops++) {
        forget(client);
        result = enter(client);
    }
    return result;
}

void client_append(struct client *client, struct command *command)
{
    size_t length;
    const char *wire = command_wire(command, &length);

    assert(client->context && "open");
    if (!client->error && redisAppendFormattedCommand(client->context, wire, length) != REDIS_OK)
        (void)fail(client, connection_reason(client->context));
    client->waiting++;
    command_free(command);
}

int client_flush(struct client *client)
{
    int done = 0;

    while (!client->error && !done) {
        if (redisBufferWrite(client->context, &done) != REDIS_OK)
            (void)fail_io(client, errno);
    }
    return client->error ? -EIO : 0;
}

/* Where somebody can be asked for it, the server that is no longer the right one counts as lost. */
static bool is_gone(struct client *client, const redisReply *reply)
{
    struct place self = client->place;

    if (!is_guided(client))
        return false;
    client->is_sent_on = client->settings->address.guides.kind == GUIDES_NODES &&
                         redirect_read(reply, "MOVED", &self, &client->place);
    return client->is_sent_on || reply_is_error_code(reply, "READONLY");
}

int client_collect(struct client *client, redisReply **ret_reply)
{
    void *reply = NULL;

    assert(client->waiting > 0 && "something was asked");
    if (client->error)
        return -EIO;
    if (redisGetReply(client->context, &reply) != REDIS_OK)
        return fail_io(client, errno);
    client->waiting--;
    if (is_gone(client, reply)) {
        int result = fail(client, reply_complaint(reply));
        freeReplyObject(reply);
        return result;
    }
    *ret_reply = reply;
    return 0;
}

int client_ask(struct client *client, struct command *command, redisReply **ret_reply)
{
    assert((client->waiting == 0 || client->error) && "replies come in order");
    client_append(client, command);
    return client_collect(client, ret_reply);
}
