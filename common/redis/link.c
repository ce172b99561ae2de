/* SPDX-License-Identifier: MIT */
#include "common/redis/link.h"

#include <assert.h>
#include <hiredis/async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/redis/hiredis_uv.h"
#include "common/redis/login.h"
#include "common/redis/reply.h"
#include "common/redis/reply_arena.h"
#include "common/redis/resp2.h"
#include "common/redis/route.h"
#include "common/redis/unanswered.h"

/*
 * The states, and who moves them on:
 *
 *   WAITING ──timer──> RESOLVING ──address──> CONNECTING ──hiredis──> GREETING ──PONG──> UP
 *      ^                   │                      │                      │               │
 *      └───────────────────┴──────── lost() ──────┴──────────────────────┴───────────────┘
 *
 * link_close() leads to CLOSED from anywhere. A hiredis context exists from CONNECTING to the loss.
 * It is never freed in one of its own connect and disconnect callbacks, where hiredis frees it
 * itself.
 */
enum state { WAITING, RESOLVING, CONNECTING, GREETING, UP, CLOSED };

enum { REDIS_MAJOR_MIN = 7 };

/* Of a guided route. A failover is followed within a second of what the Sentinels or the nodes say
 * of it, however long a server that is gone may keep us waiting. */
enum {
    GUIDED_BACKOFF_MS_MAX = 500,
    DOUBT_MS = 250,  /* between two looks while there is no answer that is due */
    LATE_MS = 500,   /* an answer is due within this */
    TICK_MS = 1000,  /* between two looks at the clock while all is well */
    CALM_TICKS = 10, /* then it is asked all the same */
};

struct link {
    uv_loop_t *loop;
    struct link_config config;
    const struct link_events *events;
    void *owner;
    enum state state;
    redisAsyncContext *context;
    struct tls *tls; /* the context's, where it has TLS */
    struct route route;
    uv_timer_t retry; /* WAITING: to try again; RESOLVING and CONNECTING: to give up */
    uv_timer_t doubt; /* whether the route leads elsewhere by now, where it is guided */
    unsigned calm;    /* ticks of it since the last look */
    struct unanswered unanswered;
    struct reply_arena *arena;
    char run_id[INFO_RUN_ID_MAX];
    uint64_t backoff_ms;
    unsigned open_handles;
    void (*closed)(void *data);
    void *closed_data;
};

static void set_state(struct link *link, enum state state)
{
    static const bool allowed[][CLOSED + 1] = {
        [WAITING] = {[RESOLVING] = true, [CLOSED] = true},
        [RESOLVING] = {[CONNECTING] = true, [WAITING] = true, [CLOSED] = true},
        [CONNECTING] = {[GREETING] = true, [WAITING] = true, [CLOSED] = true},
        [GREETING] = {[UP] = true, [WAITING] = true, [CLOSED] = true},
        [UP] = {[WAITING] = true, [CLOSED] = true},
        [CLOSED] = {false},
    };

    assert(allowed[link->state][state]);
    link->state = state;
}

static void start_timer(uv_timer_t *timer, uv_timer_cb on_timer, uint64_t delay_ms)
{
    uv_update_time(timer->loop);
    (void)uv_timer_start(timer, on_timer, delay_ms, 0);
}

static void on_retry(uv_timer_t *timer);

static uint64_t backoff_max_ms(const struct link *link)
{
    uint64_t max = link->config.backoff_max_ms;

    return route_is_guided(&link->route) && max > GUIDED_BACKOFF_MS_MAX ? GUIDED_BACKOFF_MS_MAX
                                                                        : max;
}

/* Between half and all of the backoff, so that many clients do not come back in step. */
static uint64_t next_retry_ms(struct link *link)
{
    uint64_t backoff_ms =
        link->backoff_ms < backoff_max_ms(link) ? link->backoff_ms : backoff_max_ms(link);
    uint64_t half = backoff_ms / 2;
    uint32_t random = 0;

    (void)uv_random(NULL, NULL, &random, sizeof random, 0, NULL);
    uint64_t retry_ms = half + random % (half + 1);
    link->backoff_ms = 2 * backoff_ms;
    return retry_ms;
}

/* Down to WAITING; there is no context any more. */
static void lost(struct link *link, const char *reason)
{
    uint64_t retry_ms = route_may_hurry(&link->route) ? 0 : next_retry_ms(link);

    tls_free(link->tls);
    link->tls = NULL;
    route_stop(&link->route);
    (void)uv_timer_stop(&link->doubt);
    unanswered_unwatch(&link->unanswered);
    start_timer(&link->retry, on_retry, retry_ms);
    link->events->down(link->owner, reason, retry_ms);
}

/* Frees the context; requests that are on their way get their NULL. Within a reply callback hiredis
 * would give it to them when it is back in its own code, which is after down(). */
static void free_context(struct link *link)
{
    redisAsyncContext *context = link->context;

    link->context = NULL;
    if (context)
        redisAsyncFree(context);
    unanswered_lose(&link->unanswered);
}

void link_drop(struct link *link, const char *reason)
{
    char copy[256];

    if (link->state == WAITING || link->state == CLOSED)
        return;
    (void)snprintf(copy, sizeof copy, "%s", reason);
    set_state(link, WAITING);
    free_context(link);
    lost(link, copy);
}

static void on_give_up(uv_timer_t *timer)
{
    struct link *link = timer->data;

    link_drop(link, link->state == CONNECTING       ? "connecting timed out"
                    : route_is_guided(&link->route) ? "nobody said in time where Redis is"
                                                    : "resolving the host name timed out");
}

static void on_disconnected(const redisAsyncContext *context, int status)
{
    struct link *link = context->data;
    char reason[TLS_REASON_MAX];

    if (link->context != context)
        return;
    link->context = NULL;
    if (!tls_failure(link->tls, reason))
        (void)snprintf(reason, sizeof reason, "%s",
                       status == REDIS_OK ? "the connection was closed"
                                          : connection_reason(&context->c));
    set_state(link, WAITING);
    lost(link, reason);
}

/*
 * A guided route is looked at again while an answer is late, and now and then.
 */

static void on_moved(void *data, const char *reason)
{
    link_drop(data, reason);
}

static void on_doubt(uv_timer_t *timer);

static void watch_route(struct link *link)
{
    if (route_is_guided(&link->route))
        start_timer(&link->doubt, on_doubt, link->state == UP ? TICK_MS : DOUBT_MS);
}

static bool is_late(const struct link *link)
{
    return link->state != UP ||
           unanswered_is_late(&link->unanswered, link->config.reply_timeout_ms, LATE_MS);
}

static void on_doubt(uv_timer_t *timer)
{
    struct link *link = timer->data;
    bool late = is_late(link);

    start_timer(timer, on_doubt, late ? DOUBT_MS : TICK_MS);
    if (!late && ++link->calm < CALM_TICKS)
        return;
    link->calm = 0;
    route_look(&link->route);
}

/*
 * The first words on a connection: who we are, which database, and whether Redis is there and new
 * enough. PING must say PONG: a Redis that is loading, or a replica that lost its master, accepts
 * connections and answers other commands. The first objection ends it, and then every reply is
 * NULL.
 */

/* As much of it as a line can bear. */
static void object(struct link *link, const char *complaint)
{
    char said[160];

    (void)snprintf(said, sizeof said, "%s", complaint);
    link_drop(link, said);
}

/* AUTH and SELECT must succeed. */
static void on_required(void *data, const redisReply *reply)
{
    if (reply && !reply_is_text(reply, "OK"))
        object(data, reply_complaint(reply));
}

/* What Redis says before it hangs up on somebody whom it does not let in, whatever was asked. */
static bool is_turned_away(const redisReply *reply)
{
    static const char too_many[] = "ERR max number of clients";

    return reply_is_error_code(reply, "DENIED") ||
           (reply_is_error(reply) && strncmp(reply->str, too_many, sizeof too_many - 1) == 0);
}

/* CLIENT SETNAME is a courtesy, and an ACL may forbid it. */
static void on_courtesy(void *data, const redisReply *reply)
{
    if (is_turned_away(reply))
        object(data, reply_complaint(reply));
}

/* INFO may be forbidden too; then the scripts will tell. */
static void on_info(void *data, const redisReply *reply)
{
    struct link *link = data;
    struct reply_text text;
    char said[80], version[24];

    if (!reply_read_text(reply, &text))
        return;
    (void)info_find(&text, "run_id", link->run_id, sizeof link->run_id);
    if (!info_find(&text, "redis_version", version, sizeof version) || version[0] < '0' ||
        version[0] >= '0' + REDIS_MAJOR_MIN || version[1] != '.')
        return;
    (void)snprintf(said, sizeof said, "Redis %s is too old: 7.0 or later is needed", version);
    link_drop(link, said);
}

/* Whom Sentinels name may be a replica by now. */
static void on_role(void *data, const redisReply *reply)
{
    const char *objection = search_objection(reply);

    if (objection)
        object(data, objection);
}

/* Without a reply the link knows better what went wrong. */
static void on_ping(void *data, const redisReply *reply)
{
    struct link *link = data;

    if (!reply)
        return;
    if (!reply_is_text(reply, "PONG")) {
        object(link, reply_complaint(reply));
        return;
    }
    set_state(link, UP);
    watch_route(link);
    link->events->up(link->owner);
}

/* Who does not say PONG within the time that connecting may take is not there: behind a balancer
 * it is the balancer that has accepted. */
static void say(struct link *link, struct command *command, link_reply_fn *on_answer)
{
    int refused = link_send(link, command, link->config.connect_timeout_ms, on_answer, link);

    assert(!refused && "the connection has just opened");
    (void)refused;
    command_free(command);
}

static void log_in(struct link *link)
{
    const struct redis_address *address = link->config.address;
    struct command command = {0};

    if (login_command(address, &command))
        say(link, &command, on_required);
}

/* Whether this is the server that was looked for. MOVED, to a question for the key, is seen where
 * all replies come in. */
static void check_place(struct link *link)
{
    const struct guides *guides = &link->config.address->guides;
    struct command command = {0};

    if (guides->kind == GUIDES_SENTINELS) {
        command_add_all(&command, "INFO", "replication", NULL);
        say(link, &command, on_role);
    } else if (guides->kind == GUIDES_NODES) {
        command_add_all(&command, "TYPE", guides->key, NULL);
        say(link, &command, on_courtesy);
    }
}

static void greet(struct link *link)
{
    int database = link->config.address->database;
    struct command select = {0}, setname = {0}, info = {0}, ping = {0};

    set_state(link, GREETING);
    link->run_id[0] = '\0';
    log_in(link);
    command_add_all(&setname, "CLIENT", "SETNAME", link->config.name, NULL);
    say(link, &setname, on_courtesy);
    if (database > 0) {
        command_add(&select, "SELECT");
        command_add_int(&select, database);
        say(link, &select, on_required);
    }
    command_add_all(&info, "INFO", "server", NULL);
    say(link, &info, on_info);
    check_place(link);
    command_add(&ping, "PING");
    say(link, &ping, on_ping);
}

/* False: the connection was dropped, which the versions of hiredis that have TLS allow while they
 * tell that it stands. */
static bool begin_tls(struct link *link)
{
    char reason[TLS_REASON_MAX];

    if (!link->config.address->tls)
        return true;
    link->tls =
        tls_begin(&link->context->c, link->config.tls_files, link->route.place.host, reason);
    if (!link->tls)
        link_drop(link, reason);
    return link->tls;
}

static void on_connected(const redisAsyncContext *context, int status)
{
    struct link *link = context->data;
    char reason[128];

    if (link->context != context)
        return;
    (void)uv_timer_stop(&link->retry);
    if (status == REDIS_OK) {
        if (begin_tls(link))
            greet(link);
        return;
    }
    link->context = NULL; /* hiredis frees it when we return */
    (void)snprintf(reason, sizeof reason, "%s", connection_reason(&context->c));
    set_state(link, WAITING);
    lost(link, reason);
}

static void connect_to(struct link *link, const char *host, int port)
{
    set_state(link, CONNECTING);
    link->context =
        host ? redisAsyncConnect(host, port) : redisAsyncConnectUnix(link->config.address->path);
    if (!link->context || link->context->err) {
        link_drop(link, link->context ? connection_reason(&link->context->c) : "out of memory");
        return;
    }
    link->context->data = link;
    reply_arena_serve_async(link->arena, link->context);
    if (hiredis_uv_attach(link->context, link->loop) != 0) {
        link_drop(link, "the socket cannot be watched");
        return;
    }
    (void)redisAsyncSetConnectCallback(link->context, on_connected);
    (void)redisAsyncSetDisconnectCallback(link->context, on_disconnected);
}

static void on_found(void *data, const char *host, int port, const char *error)
{
    struct link *link = data;

    if (error)
        link_drop(link, error);
    else
        connect_to(link, host, port);
}

static void try_now(struct link *link)
{
    start_timer(&link->retry, on_give_up, link->config.connect_timeout_ms);
    set_state(link, RESOLVING);
    watch_route(link);
    route_find(&link->route);
}

static void on_retry(uv_timer_t *timer)
{
    try_now(timer->data);
}

/* After the answer was given: who hears it first learns what became of the command. */
static void on_reply(redisAsyncContext *context, void *reply, void *data)
{
    struct link *link = context->data;

    unanswered_answer(data, reply);
    if (link->context != context || !reply_is_error(reply))
        return;
    switch (route_read_sign(&link->route, reply)) {
    case ROUTE_GOOD:
        break;
    case ROUTE_DOUBT:
        route_look(&link->route);
        break;
    case ROUTE_WRONG:
        object(link, reply_complaint(reply));
        break;
    }
}

static void on_overdue(void *owner)
{
    struct link *link = owner;
    bool is_greeted = !link->tls || tls_is_established(link->tls);

    link_drop(link, is_greeted ? "Redis did not answer in time" : TLS_LATE);
}

int link_send(struct link *link, struct command *command, uint64_t deadline_ms,
              link_reply_fn *callback, void *data)
{
    size_t length;

    if (!link->context || link->state < GREETING)
        return 1;
    const char *wire = command_wire(command, &length);
    struct request *request = unanswered_add(&link->unanswered, deadline_ms, callback, data);
    if (redisAsyncFormattedCommand(link->context, on_reply, request, wire, length) == REDIS_OK)
        return 0;
    unanswered_take_back(&link->unanswered, request);
    return 1;
}

void link_flush(struct link *link)
{
    int done;

    if (link->context && link->state >= GREETING)
        (void)redisBufferWrite(&link->context->c, &done);
}

uint64_t link_reply_timeout_ms(const struct link *link)
{
    return link->config.reply_timeout_ms;
}

bool link_is_up(const struct link *link)
{
    return link->state == UP;
}

const char *link_run_id(const struct link *link)
{
    return link->run_id;
}

int64_t link_certificate_end_ms(const struct link *link, bool *ret_is_ours)
{
    return link->tls && link->state == UP ? tls_end_ms(link->tls, ret_is_ours) : 0;
}

void link_reset_backoff(struct link *link)
{
    link->backoff_ms = link->config.backoff_min_ms;
    route_rest(&link->route);
}

struct link *link_new(uv_loop_t *loop, const struct link_config *config,
                      const struct link_events *events, void *owner)
{
    struct link *link = memory_new(sizeof *link);

    assert(config->backoff_min_ms > 0 && config->backoff_min_ms <= config->backoff_max_ms);
    link->loop = loop;
    link->config = *config;
    link->events = events;
    link->owner = owner;
    link->backoff_ms = config->backoff_min_ms;
    link->arena = reply_arena_new(RESP2_ELEMENTS_MAX);
    route_init(&link->route, loop, config->address, config->tls_files, config->connect_timeout_ms,
               on_found, on_moved, link);
    (void)uv_timer_init(loop, &link->retry);
    (void)uv_timer_init(loop, &link->doubt);
    link->doubt.data = link;
    unanswered_init(&link->unanswered, loop, on_overdue, link);
    link->retry.data = link;
    return link;
}

void link_open(struct link *link)
{
    assert(link->state == WAITING && link->route.turn == 0);
    try_now(link);
}

static void count_closed(struct link *link)
{
    if (--link->open_handles > 0)
        return;
    assert(!link->unanswered.first && "every request had its answer");
    if (link->closed)
        link->closed(link->closed_data);
    tls_free(link->tls);
    reply_arena_free(link->arena);
    free(link);
}

static void on_timer_closed(uv_handle_t *handle)
{
    count_closed(handle->data);
}

static void on_unanswered_closed(uv_handle_t *handle)
{
    struct unanswered *unanswered = handle->data;

    count_closed(unanswered->owner);
}

void link_close(struct link *link, void (*closed)(void *data), void *data)
{
    route_stop(&link->route);
    set_state(link, CLOSED);
    free_context(link);
    link->closed = closed;
    link->closed_data = data;
    link->open_handles = 3;
    uv_close((uv_handle_t *)&link->retry, on_timer_closed);
    uv_close((uv_handle_t *)&link->doubt, on_timer_closed);
    uv_close((uv_handle_t *)&link->unanswered.timer, on_unanswered_closed);
}
