/* SPDX-License-Identifier: MIT */
/*
 * quantumctl capacity: what the capacity key holds and what the policy makes of it, asked with the
 * router's own script and decided by the router's own rules.
 */
#include <string.h>

#include "common/base/escape.h"
#include "common/base/number.h"
#include "common/base/program.h"
#include "common/redis/reply.h"
#include "ctl/command.h"
#include "ctl/key_look.h"
#include "router/history.h"
#include "router/observe.h"
#include "router/scripts.h"

enum { WORD_WHAT, WORD_COUNT };

static bool is_show(const struct names *words)
{
    return strcmp(words->list[WORD_WHAT], "show") == 0;
}

static void check_count(const char *text, struct complaints *complaints)
{
    if (open_orders_read(text, strlen(text)).kind != OPEN_ORDERS_KNOWN)
        complain(complaints, "'%s' is no count: a whole number, 0 or more, in digits alone",
                 escaped(text).text);
}

static void check(const struct options *options, const struct names *words,
                  struct complaints *complaints)
{
    (void)options;
    if (!is_show(words) && strcmp(words->list[WORD_WHAT], "set") != 0)
        complain(complaints, "'%s' is neither show nor set (see " CTL_NAME " capacity --help)",
                 escaped(words->list[WORD_WHAT]).text);
    else if (is_show(words) && words->count > 1)
        complain(complaints,
                 "'%s' is not expected here: show takes nothing (see " CTL_NAME " capacity --help)",
                 escaped(words->list[WORD_COUNT]).text);
    else if (!is_show(words) && words->count == 1)
        complain(complaints, "a count is missing: " CTL_NAME " capacity set N (see " CTL_NAME
                             " capacity --help)");
    else if (!is_show(words))
        check_count(words->list[WORD_COUNT], complaints);
}

/* --- show */

static int load(struct client *client, struct script *script)
{
    struct command command = {0};
    redisReply *reply;

    command_add_all(&command, "SCRIPT", "LOAD", script->source, NULL);
    if (client_ask(client, &command, &reply) < 0)
        return command_fail(&capacity_command, "%s", client_error(client));
    bool is_loaded = reply_copy_text(reply, script->hash, sizeof script->hash);
    if (!is_loaded)
        (void)command_fail(&capacity_command, "Redis does not take the script: %s",
                           reply_complaint(reply));
    freeReplyObject(reply);
    return is_loaded ? EXIT_DONE : EXIT_FAILED;
}

/* The day's counter is named by Redis' clock. */
static int ask_time(struct client *client, int64_t *ret_ms)
{
    struct command command = {0};
    redisReply *reply;

    command_add(&command, "TIME");
    if (client_ask(client, &command, &reply) < 0)
        return command_fail(&capacity_command, "%s", client_error(client));
    bool is_read = reply_is_array(reply, 2) && observe_read_time(reply, 0, ret_ms);
    if (!is_read)
        (void)command_fail(&capacity_command, "Redis does not tell the time: %s",
                           reply_complaint(reply));
    freeReplyObject(reply);
    return is_read ? EXIT_DONE : EXIT_FAILED;
}

/* As a router sees the world when it starts, with no candidates. */
static int look(struct client *client, const struct router_settings *settings,
                struct snapshot *ret_snapshot)
{
    const struct window none = {0};
    struct script script = {.source = snapshot_lua};
    struct history history = {0};
    struct command command;
    redisReply *reply;
    int64_t now_ms;

    if (load(client, &script) != EXIT_DONE || ask_time(client, &now_ms) != EXIT_DONE)
        return EXIT_FAILED;
    observe_command(&script, settings, &none, now_ms, &command);
    if (client_ask(client, &command, &reply) < 0)
        return command_fail(&capacity_command, "%s", client_error(client));
    bool is_read = observe_read(reply, 0, ret_snapshot);
    if (!is_read)
        (void)command_fail(&capacity_command, "the capacity cannot be read: %s",
                           reply_complaint(reply));
    freeReplyObject(reply);
    if (is_read)
        history_see(&history, ret_snapshot);
    return is_read ? EXIT_DONE : EXIT_FAILED;
}

/* A value is quoted, what stands for one is not. */
static void print_value(const struct router_settings *settings, const struct snapshot *snapshot)
{
    bool is_missing = snapshot->capacity.open.kind == OPEN_ORDERS_MISSING;
    bool is_text = strncmp(snapshot->open_seen, "text:", 5) == 0;

    (void)printf(is_text ? "%s: '%s'\n" : "%s: %s\n", escaped(settings->keys.open_orders).text,
                 is_missing ? "missing" : escaped(snapshot->open_text).text);
}

static void print_closed(const struct router_settings *settings, const struct snapshot *snapshot)
{
    const struct keys *keys = &settings->keys;

    switch (snapshot->capacity.open.kind) {
    case OPEN_ORDERS_MISSING:
        (void)printf("CAPACITY_UNKNOWN: %s missing → fail-closed\n",
                     escaped(keys->open_orders).text);
        break;
    case OPEN_ORDERS_UNPARSEABLE:
        (void)printf("CAPACITY_UNPARSEABLE: %s='%s' → fail-closed\n",
                     escaped(keys->open_orders).text, escaped(snapshot->open_text).text);
        break;
    case OPEN_ORDERS_KNOWN:
        (void)printf("CAPACITY_UNKNOWN: group %s missing on %s → fail-closed\n",
                     escaped(keys->finisher).text, escaped(keys->intents).text);
        break;
    }
}

static void print_state(const struct router_settings *settings, const struct snapshot *snapshot,
                        const struct allowance *allowance)
{
    const struct capacity_rules *rules = &settings->plan.capacity;
    long long open = (long long)snapshot->capacity.open.count;

    switch (allowance->state) {
    case CAPACITY_UNKNOWN:
    case CAPACITY_UNPARSEABLE:
        print_closed(settings, snapshot);
        return;
    case CAPACITY_FULL:
        (void)printf("CAPACITY_FULL open=%lld max=%lld", open, (long long)rules->max_open);
        break;
    case CAPACITY_TARGET:
        (void)printf("TARGET_REACHED open=%lld target=%lld (awaiting super-signal)", open,
                     (long long)rules->target_open);
        break;
    case CAPACITY_OK:
        (void)printf("CAPACITY_OK open=%lld target=%lld allowed=%lld", open,
                     (long long)rules->target_open, (long long)allowance->allowed);
        break;
    }
    if (allowance->in_flight > 0)
        (void)printf(" inflight=%lld", (long long)allowance->in_flight);
    (void)puts("");
}

static void print_limits(const struct router_settings *settings, const struct snapshot *snapshot,
                         const struct allowance *allowance)
{
    const struct capacity_rules *rules = &settings->plan.capacity;

    if (allowance->suspect)
        (void)printf("CAPACITY_SUSPECT open=%lld published_since_change=%lld%s\n",
                     (long long)snapshot->capacity.open.count, (long long)snapshot->capacity.since,
                     rules->suspect_closes ? " → publishing nothing until it changes" : "");
    if (allowance->daily_limit)
        (void)printf("DAILY_LIMIT trades=%lld max=%lld allowed=%lld\n",
                     (long long)snapshot->capacity.trades, (long long)rules->max_daily,
                     (long long)allowance->allowed);
    if (!snapshot->safe_mode)
        return;
    (void)printf("SAFE_MODE: %s is set → publishing nothing value='%s' ttl=",
                 escaped(settings->keys.safe_mode).text, escaped(snapshot->safe_text).text);
    if (snapshot->safe_ttl_sec >= 0)
        (void)printf("%llds\n", (long long)snapshot->safe_ttl_sec);
    else
        (void)puts("none");
}

static void print_allowed(const struct capacity_rules *rules, const struct snapshot *snapshot,
                          const struct allowance *allowance)
{
    int64_t allowed = snapshot->safe_mode ? 0 : allowance->allowed;

    (void)printf("Allowed in a cycle now: %lld", (long long)allowed);
    if (allowed > 0 && allowance->supers_only) {
        char confidence[NUMBER_TEXT_MAX];
        number_shortest(rules->super_confidence, confidence);
        (void)printf(", of confidence %s and above", confidence);
    }
    (void)puts("");
}

static int show(struct client *client, const struct router_settings *settings)
{
    const struct capacity_rules *rules = &settings->plan.capacity;
    struct snapshot snapshot;

    if (look(client, settings, &snapshot) != EXIT_DONE)
        return EXIT_FAILED;
    struct allowance allowance = policy_slots(rules, &snapshot.capacity);
    print_value(settings, &snapshot);
    print_state(settings, &snapshot, &allowance);
    print_limits(settings, &snapshot, &allowance);
    print_allowed(rules, &snapshot, &allowance);
    snapshot_release(&snapshot);
    return command_done(&capacity_command);
}

/* --- set */

static int conclude(const char *key, const char *count, const redisReply *replies)
{
    const redisReply *set = reply_element(replies, KEY_LOOK_REPLIES);
    struct key_look before;

    if (!key_look_read(replies, 0, &before) || !reply_is_text(set, "OK"))
        return command_fail(&capacity_command, "Redis did not set %s: %s", key,
                            reply_complaint(set));
    (void)printf("%s: %s → '%s'\n", escaped(key).text, before.text, count);
    if (before.ttl_sec >= 0)
        (void)printf("It would have ended in %llds; now it stays until somebody writes it.\n",
                     (long long)before.ttl_sec);
    return command_done(&capacity_command);
}

static int set(struct client *client, const char *key, const char *count)
{
    struct transaction transaction;
    struct command command = {0};
    const struct transaction_words words = {&capacity_command, key, "set", "Redis did not set"};
    redisReply *replies;

    transaction_begin(&transaction, client);
    key_look_add(&transaction, key);
    command_add_all(&command, "SET", key, count, NULL);
    transaction_add(&transaction, &command);
    if (transaction_carry_out(&transaction, &words, &replies) != 0)
        return EXIT_FAILED;
    int status = conclude(key, count, replies);
    freeReplyObject(replies);
    return status;
}

static int run(const struct invocation *invocation)
{
    const struct router_settings *settings = invocation->settings;
    struct client *client = command_connect(&capacity_command, settings);

    if (!client)
        return EXIT_FAILED;
    int status = is_show(invocation->words)
                     ? show(client, settings)
                     : set(client, settings->keys.open_orders, invocation->words->list[WORD_COUNT]);
    client_free(client);
    return status;
}

const struct ctl_command capacity_command = {
    .name = "capacity",
    .words = "show | set N",
    .words_min = 1,
    .words_max = 2,
    .purpose = "Shows what the open orders leave room for, or sets their count by hand.",
    .details = "It decides as a router with these settings would at this moment, intents in flight "
               "and\nlimits included. set writes the capacity key, which the execution side is to "
               "keep.\n\n"
               "Examples:\n"
               "  quantumctl capacity show\n"
               "  quantumctl --capacity.max_open=12 capacity show\n"
               "  quantumctl capacity set 0\n",
    .values_size = 1,
    .check = check,
    .run = run,
};
