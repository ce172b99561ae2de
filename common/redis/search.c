/* SPDX-License-Identifier: MIT */
#include "common/redis/search.h"

#include <hiredis/async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/redis/command.h"
#include "common/redis/hiredis_uv.h"
#include "common/redis/login.h"
#include "common/redis/redirect.h"
#include "common/redis/reply.h"
#include "common/redis/reply_arena.h"
#include "common/redis/resolve.h"
#include "common/redis/slot.h"

/* Who is asked may say more than it should: a Cluster's every slot may be a range of its own, and
 * these have 4 MiB, far more than a Sentinel or a usual Cluster says. */
enum { PATIENCE_MS_MAX = 500, ELEMENTS_MAX = 1 << 16, READINGS_MAX = 256 };

/* One of those who are asked. */
struct question {
    struct search *search;
    struct place guide;
    struct resolve *resolve;
    unsigned turn, tried, addresses; /* of the name: the one whose turn it is, and how many */
    redisAsyncContext *context;
    struct reply_arena *arena; /* the context's */
    struct tls *tls;           /* the same, where it has TLS */
    bool is_over;
    bool has_answer;
    bool is_guess; /* it may not say: then it is as good as any other */
    struct place answer;
    int64_t epoch; /* of the failover that it knows last */
    char complaint[160];
};

struct search {
    uv_loop_t *loop;
    const struct redis_address *address;
    const struct tls_files *tls_files;
    struct places *learned;
    uv_timer_t timer; /* patience; then, at once: the end, outside of what hiredis calls */
    bool is_ending, is_impatient;
    search_fn *done; /* NULL: abandoned */
    void *data;
    size_t count;
    struct question questions[GUIDES_MAX + PLACES_MAX];
};

static const struct guides *guides_of(const struct search *search)
{
    return &search->address->guides;
}

/*
 * The count of votes.
 */

static size_t votes_for(const struct search *search, const struct place *place, int64_t *ret_epoch)
{
    size_t votes = 0;

    *ret_epoch = 0;
    for (size_t i = 0; i < search->count; i++) {
        const struct question *question = &search->questions[i];
        if (!question->has_answer || !place_is(&question->answer, place))
            continue;
        votes += !question->is_guess;
        if (question->epoch > *ret_epoch)
            *ret_epoch = question->epoch;
    }
    return votes;
}

static const struct place *best_answer(const struct search *search, size_t *ret_votes)
{
    const struct place *best = NULL;
    int64_t best_epoch = 0, epoch;

    *ret_votes = 0;
    for (size_t i = 0; i < search->count; i++) {
        const struct question *question = &search->questions[i];
        if (!question->has_answer)
            continue;
        size_t votes = votes_for(search, &question->answer, &epoch);
        if (best && (votes < *ret_votes || (votes == *ret_votes && epoch <= best_epoch)))
            continue;
        best = &question->answer;
        best_epoch = epoch;
        *ret_votes = votes;
    }
    return best;
}

static bool all_are_over(const struct search *search)
{
    for (size_t i = 0; i < search->count; i++)
        if (!search->questions[i].is_over)
            return false;
    return true;
}

/*
 * The end: in the timer, for hiredis frees no context within its own callbacks.
 */

static void let_go(struct question *question)
{
    redisAsyncContext *context = question->context;

    if (question->resolve)
        resolve_abandon(question->resolve);
    question->resolve = NULL;
    question->context = NULL;
    question->is_over = true;
    if (context)
        redisAsyncFree(context);
    reply_arena_free(question->arena);
    question->arena = NULL;
    tls_free(question->tls);
    question->tls = NULL;
}

static void on_closed(uv_handle_t *timer)
{
    free(timer->data);
}

static void close_search(struct search *search)
{
    search->is_ending = true;
    for (size_t i = 0; i < search->count; i++)
        let_go(&search->questions[i]);
    uv_close((uv_handle_t *)&search->timer, on_closed);
}

void search_complaint(const struct search *search, char ret_error[static SEARCH_ERROR_MAX])
{
    const char *who =
        guides_of(search)->kind == GUIDES_SENTINELS ? "sentinels" : "nodes of the cluster";
    char place[PLACE_TEXT_MAX];
    const struct question *first = search->questions;

    for (size_t i = 0; i < search->count && !first->complaint[0]; i++)
        first = &search->questions[i];
    place_print(&first->guide, place);
    (void)snprintf(ret_error, SEARCH_ERROR_MAX, "none of %zu %s says where Redis is: %s: %s",
                   search->count, who, place, first->complaint[0] ? first->complaint : "no answer");
}

static void on_end(uv_timer_t *timer)
{
    struct search *search = timer->data;
    search_fn *done = search->done;
    void *data = search->data;
    char error[SEARCH_ERROR_MAX] = "";
    struct place place;
    size_t votes;
    const struct place *best = best_answer(search, &votes);

    if (best)
        place = *best;
    else
        search_complaint(search, error);
    close_search(search);
    done(data, best ? &place : NULL, best ? NULL : error);
}

static void end_soon(struct search *search)
{
    search->is_ending = true;
    (void)uv_timer_start(&search->timer, on_end, 0, 0);
}

/* Something has changed. */
static void count_again(struct search *search)
{
    size_t votes;

    if (search->is_ending)
        return;
    const struct place *best = best_answer(search, &votes);
    if (all_are_over(search) || (best && (votes * 2 > search->count || search->is_impatient)))
        end_soon(search);
}

static void on_impatient(uv_timer_t *timer)
{
    struct search *search = timer->data;

    search->is_impatient = true;
    count_again(search);
}

void search_abandon(struct search *search)
{
    search->done = NULL;
    close_search(search);
}

/*
 * One question, up to its answer.
 */

static void fail(struct question *question, const char *complaint)
{
    if (question->is_over)
        return;
    if (!question->has_answer)
        (void)snprintf(question->complaint, sizeof question->complaint, "%.*s",
                       (int)sizeof question->complaint - 1, complaint);
    question->is_over = true;
    count_again(question->search);
}

static void answer(struct question *question, const struct place *place)
{
    question->answer = *place;
    question->has_answer = true;
    count_again(question->search);
}

/* NULL when the connection is gone, which is told otherwise. */
static struct question *asked(void *data, const redisReply *reply)
{
    struct question *question = data;

    return reply && !question->is_over ? question : NULL;
}

static void on_login(redisAsyncContext *context, void *reply, void *data)
{
    struct question *question = asked(data, reply);

    (void)context;
    if (question && !reply_is_text(reply, "OK"))
        fail(question, reply_complaint(reply));
}

static void on_master(redisAsyncContext *context, void *reply, void *data)
{
    struct question *question = asked(data, reply);
    const redisReply *address = reply;
    struct reply_text host;
    struct place place;
    int64_t port;

    (void)context;
    if (!question)
        return;
    if (address->type == REDIS_REPLY_NIL)
        fail(question, "it watches no master of this name");
    else if (!reply_read_text(reply_element(address, 0), &host) ||
             !reply_read_integer(reply_element(address, 1), &port) ||
             !place_take(host.bytes, host.length, port, &place))
        fail(question, reply_complaint(address));
    else
        answer(question, &place);
}

/* A courtesy: its user may not be allowed it. */
static void on_epoch(redisAsyncContext *context, void *reply, void *data)
{
    struct question *question = asked(data, reply);

    (void)context;
    if (!question)
        return;
    question->epoch = reply_named_integer(reply, "config-epoch", 0);
    question->is_over = true;
    count_again(question->search);
}

/* A node names the owner, or answers because it is the owner itself. */
static void on_owner(redisAsyncContext *context, void *reply, void *data)
{
    struct question *question = asked(data, reply);
    struct place place, self;

    if (!question)
        return;
    (void)place_take(context->c.tcp.host, strlen(context->c.tcp.host), question->guide.port, &self);
    if (redirect_read(reply, "MOVED", &self, &place)) {
        answer(question, &place);
        return;
    }
    question->is_guess = reply_is_error_code(reply, "NOPERM");
    if (reply_is_error(reply) && !question->is_guess && !reply_is_error_code(reply, "ASK"))
        fail(question, reply_complaint(reply));
    else
        answer(question, &self);
}

static void learn(struct places *places, const redisReply *node)
{
    struct reply_text host;
    struct place place;
    int64_t port;

    if (places->count < PLACES_MAX && reply_read_text(reply_element(node, 0), &host) &&
        reply_read_integer(reply_element(node, 1), &port) &&
        place_take(host.bytes, host.length, port, &place))
        places->list[places->count++] = place;
}

/* Ranges: first slot, last slot, then the nodes that have them, the owner first. */
static bool is_range_of(const redisReply *range, int slot)
{
    int64_t first, last;

    return reply_read_integer(reply_element(range, 0), &first) &&
           reply_read_integer(reply_element(range, 1), &last) && first <= slot && slot <= last;
}

/* Those that may own the slot next come first. A courtesy, too. */
static void on_slots(redisAsyncContext *context, void *reply, void *data)
{
    struct question *question = asked(data, reply);
    struct places places = {0};
    const redisReply *ranges = reply;

    (void)context;
    if (!question)
        return;
    int slot = slot_of(guides_of(question->search)->key);
    for (size_t i = 0; reply_element(ranges, i); i++)
        for (size_t node = 2;
             is_range_of(ranges->element[i], slot) && reply_element(ranges->element[i], node);
             node++)
            learn(&places, reply_element(ranges->element[i], node));
    for (size_t i = 0; reply_element(ranges, i); i++)
        if (!is_range_of(ranges->element[i], slot))
            learn(&places, reply_element(ranges->element[i], 2));
    if (places.count > 0)
        *question->search->learned = places;
    question->is_over = true;
    count_again(question->search);
}

static void say(struct question *question, struct command *command, redisCallbackFn *on_reply)
{
    size_t length;
    const char *wire = command_wire(command, &length);

    (void)redisAsyncFormattedCommand(question->context, on_reply, question, wire, length);
    command_free(command);
}

static void log_in(struct question *question)
{
    const struct redis_address *address = question->search->address;
    const struct redis_address sentinels = {.password = address->guides.password};
    bool is_sentinel = address->guides.kind == GUIDES_SENTINELS;
    struct command command = {0};

    if (login_command(is_sentinel ? &sentinels : address, &command))
        say(question, &command, on_login);
}

static void ask(struct question *question)
{
    const struct guides *guides = guides_of(question->search);
    struct command first = {0}, second = {0};

    log_in(question);
    if (guides->kind == GUIDES_SENTINELS) {
        command_add_all(&first, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", guides->master, NULL);
        say(question, &first, on_master);
        command_add_all(&second, "SENTINEL", "MASTER", guides->master, NULL);
        say(question, &second, on_epoch);
    } else {
        command_add_all(&first, "TYPE", guides->key, NULL);
        say(question, &first, on_owner);
        command_add_all(&second, "CLUSTER", "SLOTS", NULL);
        say(question, &second, on_slots);
    }
}

/* False: it is over. The context goes at once, which the versions of hiredis that have TLS allow
 * while they tell that it stands: it would still be read by their TLS, which is not there. */
static bool begin_tls(struct question *question)
{
    const struct search *search = question->search;
    redisAsyncContext *context = question->context;
    char reason[TLS_REASON_MAX];

    if (!search->address->tls)
        return true;
    question->tls =
        tls_begin(&question->context->c, search->tls_files, question->guide.host, reason);
    if (question->tls)
        return true;
    question->context = NULL;
    redisAsyncFree(context);
    fail(question, reason);
    return false;
}

static void begin(struct question *question);

/* What one address of a name refuses the next one may take. */
static void fail_to_connect(struct question *question, const char *reason)
{
    question->tried++;
    if (question->tried >= question->addresses) {
        fail(question, reason);
        return;
    }
    question->turn++;
    begin(question);
}

static void on_connected(const redisAsyncContext *context, int status)
{
    struct question *question = context->data;

    if (question->context != context)
        return;
    if (status == REDIS_OK) {
        if (begin_tls(question))
            ask(question);
        return;
    }
    question->context = NULL; /* hiredis frees it when we return */
    fail_to_connect(question, connection_reason(&context->c));
}

static void on_disconnected(const redisAsyncContext *context, int status)
{
    struct question *question = context->data;
    char reason[TLS_REASON_MAX];

    if (question->context != context)
        return;
    question->context = NULL;
    if (tls_failure(question->tls, reason))
        fail(question, reason);
    else
        fail(question,
             status == REDIS_OK ? "the connection was closed" : connection_reason(&context->c));
}

static void connect_to(struct question *question, const char *host)
{
    redisAsyncContext *context = redisAsyncConnect(host, question->guide.port);

    if (!context || context->err) {
        fail_to_connect(question, context ? connection_reason(&context->c) : "out of memory");
        if (context)
            redisAsyncFree(context);
        return;
    }
    context->data = question;
    if (!question->arena)
        question->arena = reply_arena_new(ELEMENTS_MAX);
    reply_arena_serve_async(question->arena, context);
    if (hiredis_uv_attach(context, question->search->loop) != 0) {
        redisAsyncFree(context);
        fail(question, "the socket cannot be watched");
        return;
    }
    hiredis_uv_bound(context, READINGS_MAX);
    question->context = context;
    (void)redisAsyncSetConnectCallback(context, on_connected);
    (void)redisAsyncSetDisconnectCallback(context, on_disconnected);
}

static void on_resolved(void *data, const char *address, unsigned count, const char *error)
{
    struct question *question = data;

    question->resolve = NULL;
    question->addresses = count;
    if (address)
        connect_to(question, address);
    else
        fail(question, error);
}

static void begin(struct question *question)
{
    const char *host = question->guide.host;

    if (resolve_is_address(host)) {
        connect_to(question, host);
        return;
    }
    question->resolve =
        resolve_start(question->search->loop, host, question->turn, on_resolved, question);
    if (!question->resolve)
        fail(question, "the host name cannot be resolved");
}

static void add(struct search *search, const struct place *guide, unsigned turn)
{
    for (size_t i = 0; i < search->count; i++)
        if (place_is(&search->questions[i].guide, guide))
            return;
    search->questions[search->count++] =
        (struct question){.search = search, .guide = *guide, .turn = turn};
}

struct search *search_start(uv_loop_t *loop, const struct redis_address *address,
                            const struct tls_files *tls_files, struct places *learned,
                            unsigned turn, uint64_t patience_ms, search_fn *done, void *data)
{
    struct search *search = memory_new(sizeof *search);

    search->loop = loop;
    search->address = address;
    search->tls_files = tls_files;
    search->learned = learned;
    search->done = done;
    search->data = data;
    (void)uv_timer_init(loop, &search->timer);
    search->timer.data = search;
    for (size_t i = 0; i < address->guides.count; i++)
        add(search, &address->guides.list[i], turn);
    for (size_t i = 0; i < learned->count; i++)
        add(search, &learned->list[i], turn);
    uv_update_time(loop);
    (void)uv_timer_start(&search->timer, on_impatient, patience_ms, 0);
    for (size_t i = 0; i < search->count; i++)
        begin(&search->questions[i]);
    return search;
}

uint64_t search_patience_ms(uint64_t connect_timeout_ms)
{
    return connect_timeout_ms / 2 < PATIENCE_MS_MAX ? connect_timeout_ms / 2 : PATIENCE_MS_MAX;
}

const char *search_objection(const redisReply *info)
{
    struct reply_text text;
    char role[16];

    if (!reply_read_text(info, &text) || !info_find(&text, "role", role, sizeof role) ||
        strcmp(role, "master") == 0)
        return NULL;
    return "this is a replica, though the sentinels name it as the master";
}
