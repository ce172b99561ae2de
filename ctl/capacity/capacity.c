/* SPDX-License-Identifier: MIT */
/*
 * quantumctl capacity: what the capacity key holds and what the policy makes of it, asked with the
 * router's own script and decided by the router's own rules; and who writes it, by hand or after a
 * neighbour's hashes.
 */
#include "ctl/capacity/capacity.h"

#include <string.h>

#include "common/base/escape.h"
#include "common/base/number.h"
#include "common/options/program.h"
#include "common/redis/reply.h"
#include "ctl/frame/document.h"
#include "ctl/look/capacity_look.h"
#include "ctl/write/transaction.h"

enum { WORD_WHAT, WORD_COUNT };

struct capacity_values {
    bool json;
    struct follow_values follow;
};

#define AT(member) offsetof(struct capacity_values, member)

static const struct option_row rows[] = {
    DOCUMENT_ROW(AT(json)),
    {.key = "from",
     TAKES_TEXT(AT(follow.from), 512, ""),
     .help = "follow: keys of the neighbour's hashes, with one * where the symbol stands"},
    {.key = "amount",
     TAKES_NAMES(AT(follow.amounts), "position_amt,quantity"),
     .max = 16,
     .help = "follow: field of the amount; several: the first that is there; not 0 is held"},
    {.key = "side",
     TAKES_TEXT(AT(follow.side), 512, "side"),
     .help = "follow: field of the side of an amount without a sign: LONG, SHORT, BUY, SELL"},
    {.key = "at",
     TAKES_TEXT(AT(follow.at), 512, ""),
     .help = "follow: field of the time; empty: how old a hash is does not matter"},
    {.key = "stale-sec",
     TAKES_INT(AT(follow.stale_sec), 1, 1000000, "120"),
     .help = "follow: from here on what is held is stale"},
    {.key = "interval",
     TAKES_REAL(AT(follow.interval_sec), 0.1, 3600, "2"),
     .help = "follow: seconds between two looks"},
    {.key = "none-is-zero",
     TAKES_SWITCH(AT(follow.none_is_zero)),
     .help = "follow: where there is no such key nothing is held"},
};

static bool is_word(const struct names *words, const char *what)
{
    return strcmp(words->list[WORD_WHAT], what) == 0;
}

static bool is_show(const struct names *words)
{
    return is_word(words, "show");
}

static void check_count(const char *text, struct complaints *complaints)
{
    if (open_orders_read(text, strlen(text)).kind != OPEN_ORDERS_KNOWN)
        complain(complaints, "'%s' is no count: a whole number, 0 or more, in digits alone",
                 escaped(text).text);
}

static void check_flags(const struct options *options, const struct names *words,
                        struct complaints *complaints)
{
    const struct capacity_values *values = options->values;

    if (values->json && !is_show(words))
        complain(complaints, "--json is for show");
    if (is_word(words, "follow")) {
        follow_check(&values->follow, complaints);
        return;
    }
    for (size_t i = 1; i < sizeof rows / sizeof *rows; i++)
        if (options_is_set(options, rows[i].key))
            complain(complaints, "--%s is for follow", rows[i].key);
}

static void check(const struct options *options, const struct names *words,
                  struct complaints *complaints)
{
    bool takes_nothing = is_show(words) || is_word(words, "follow");

    check_flags(options, words, complaints);
    if (!takes_nothing && !is_word(words, "set"))
        complain(complaints,
                 "'%s' is neither show, set nor follow (see " CTL_NAME " capacity --help)",
                 escaped(words->list[WORD_WHAT]).text);
    else if (takes_nothing && words->count > 1)
        complain(complaints,
                 "'%s' is not expected here: %s takes nothing (see " CTL_NAME " capacity --help)",
                 escaped(words->list[WORD_COUNT]).text, words->list[WORD_WHAT]);
    else if (!takes_nothing && words->count == 1)
        complain(complaints, "a count is missing: " CTL_NAME " capacity set N (see " CTL_NAME
                             " capacity --help)");
    else if (!takes_nothing)
        check_count(words->list[WORD_COUNT], complaints);
}

/* --- show */

/* A value is quoted, what stands for one is not. */
static void print_value(const struct router_settings *settings, const struct snapshot *snapshot)
{
    bool is_missing = snapshot->capacity.open.kind == OPEN_ORDERS_MISSING;
    bool is_text = strncmp(snapshot->open_seen, "text:", 5) == 0;

    (void)printf(is_text ? "%s: '%s'\n" : "%s: %s\n", escaped(settings->keys.open_orders).text,
                 is_missing ? "missing" : escaped(snapshot->open_text).text);
}

static void print_allowed(const struct capacity_look *look)
{
    const struct capacity_rules *rules = &look->settings->plan.capacity;
    int64_t allowed = capacity_look_allowed(look);

    (void)printf("Allowed in a cycle now: %lld", (long long)allowed);
    if (allowed > 0 && look->allowance.supers_only) {
        char confidence[NUMBER_TEXT_MAX];
        number_shortest(rules->super_confidence, confidence);
        (void)printf(", of confidence %s and above", confidence);
    }
    (void)puts("");
}

static int print_text(const struct capacity_look *look)
{
    print_value(look->settings, &look->snapshot);
    capacity_look_print_state(look, stdout);
    capacity_look_print_limits(look, stdout);
    capacity_look_print_safe_mode(look, stdout);
    print_allowed(look);
    return command_done(&capacity_command);
}

static int print_json(const struct capacity_look *look)
{
    json_t *document = document_new();

    document_put(document, "capacity", capacity_json(look));
    document_put(document, "safe_mode", capacity_json_safe_mode(look));
    return document_print(&capacity_command, document);
}

static int show(const struct invocation *invocation)
{
    const struct capacity_values *values = invocation->values;
    struct capacity_look look;

    if (capacity_look_read(invocation->ask, invocation->settings, &look) < 0)
        return EXIT_FAILED;
    int status = values->json ? print_json(&look) : print_text(&look);
    capacity_look_release(&look);
    return status;
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

static int set(const struct invocation *invocation)
{
    const char *key = invocation->settings->keys.open_orders;
    const char *count = invocation->words->list[WORD_COUNT];
    struct transaction transaction;
    struct command command = {0};
    const struct transaction_words words = {&capacity_command, key, "set", "Redis did not set"};
    redisReply *replies;

    transaction_begin(&transaction, invocation->ask->client);
    key_look_add(&transaction, key);
    command_add_all(&command, "SET", key, count, NULL);
    transaction_add(&transaction, key, &command);
    if (transaction_carry_out(&transaction, &words, &replies) != 0)
        return EXIT_FAILED;
    int status = conclude(key, count, replies);
    freeReplyObject(replies);
    return status;
}

/* --- follow, which connects as often as Redis goes */

static int follow(const struct invocation *invocation)
{
    const struct capacity_values *values = invocation->values;

    return follow_run(invocation->command, invocation->settings, &values->follow);
}

static const struct ctl_action actions[] = {
    {"show", true, show},
    {"set", true, set},
    {"follow", false, follow},
    {0},
};

const struct ctl_command capacity_command = {
    .name = "capacity",
    .words = "show | set N | follow",
    .words_min = 1,
    .words_max = 2,
    .purpose = "Shows what the open orders leave room for, sets their count by hand, or keeps it.",
    .details =
        "It decides as a router with these settings would at this moment, intents in flight "
        "and\nlimits included. set writes the capacity key, which the execution side is to "
        "keep.\n\n"
        "follow keeps that key and the hash of what is held (state:positions) after the "
        "hashes of a\nneighbour, one for each symbol, until it is ended. What it cannot know "
        "it deletes: the router\nthen publishes nothing. So it does where follow is gone: "
        "both keys end by themselves after\n--stale-sec, or three times --interval if that is "
        "longer.\n\n"
        "Examples:\n"
        "  quantumctl capacity show\n"
        "  quantumctl --capacity.max_open=12 capacity show\n"
        "  quantumctl capacity set 0\n"
        "  quantumctl capacity follow --from='quantum:state:positions:*' "
        "--amount=position_amt\n    --amount=quantity --side=side --at=ts_epoch\n",
    COMMAND_OPTIONS(rows, struct capacity_values),
    .check = check,
    .actions = actions,
};
