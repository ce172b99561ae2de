/* SPDX-License-Identifier: MIT */
/*
 * quantumctl halt: sets the safe-mode key, alone and first, to a value that every neighbour
 * understands. Who, when and why is a second write, and nothing but a line is lost with it. Of its
 * words the reason comes first, because a log shows only their start.
 */
#include "ctl/control/halt.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/calendar.h"
#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/wall.h"
#include "common/options/program.h"
#include "common/redis/reply.h"
#include "ctl/frame/ask.h"
#include "ctl/look/capacity_look.h"
#include "ctl/write/transaction.h"
#include "ctl/write/urgent.h"

enum {
    WORDS_MAX = 100,  /* a reason without quotes is many words */
    REASON_MAX = 200, /* bytes: what a person writes in a hurry */
    NAME_MAX_BYTES = 64,
};

/* What those take for a halt who ask for the key's value, and not only for the key. */
#define SAFE_MODE_VALUE "1"

struct halt_values {
    int64_t ttl;
    bool replace;
};

#define AT(member) offsetof(struct halt_values, member)

static const struct option_row rows[] = {
    {.key = "ttl",
     TAKES_INT(AT(ttl), 0, 31536000, "0"),
     .help = "seconds, 1 or more, after which it ends by itself; without it, it stays"},
    {.key = "replace", TAKES_SWITCH(AT(replace)), .help = "overwrite what an earlier halt has set"},
};

/* Whether it can be shown as it is: all but a doubled backslash that escape() changes grows. */
static bool is_plain(const char *text)
{
    char shown[4 * REASON_MAX + 1];
    size_t length = strlen(text), backslashes = 0;

    for (size_t i = 0; i < length; i++)
        backslashes += text[i] == '\\';
    return escape(text, length, length, shown, sizeof shown) == length + backslashes;
}

static void check(const struct options *options, const struct names *words,
                  struct complaints *complaints)
{
    const struct halt_values *values = options->values;
    char *reason = names_join(words, " ");

    if (reason[strspn(reason, " ")] == '\0')
        complain(complaints, "the reason is empty; write why, for those who find it halted");
    else if (strlen(reason) > REASON_MAX)
        complain(complaints, "the reason has %zu bytes; make it %d or fewer", strlen(reason),
                 REASON_MAX);
    else if (!is_plain(reason))
        complain(complaints, "the reason '%s' has control characters or is not UTF-8",
                 escaped(reason).text);
    if (values->ttl == 0 && options_is_set(options, "ttl"))
        complain(complaints, "--ttl=0 would end at once; it is 1 to 31536000 seconds, "
                             "and without --ttl it stays");
    free(reason);
}

/* Behind sudo it is the one who typed. */
static const char *user(void)
{
    const char *sudo = geteuid() == 0 ? getenv("SUDO_USER") : NULL;
    const struct passwd *entry = sudo && *sudo ? NULL : getpwuid(getuid());
    const char *name = entry ? entry->pw_name : sudo;

    return name && *name && strlen(name) <= NAME_MAX_BYTES && is_plain(name) ? name : "unknown";
}

/* "REASON (halted by USER@HOST at TIME)"; the caller frees it. */
static char *words_of(const struct names *words)
{
    char host[NAME_MAX_BYTES + 1] = "", iso[CALENDAR_ISO_MAX];
    char *reason = names_join(words, " ");

    (void)gethostname(host, sizeof host - 1);
    calendar_iso(wall_ms(), iso);
    char *value = memory_format("%s (halted by %s@%s at %s)", reason, user(),
                                *host && is_plain(host) ? host : "unknown", iso);
    free(reason);
    return value;
}

/* "SET key value [NX] [GET] [EX ttl]" */
static void write_set(struct command *command, const char *key, const char *value, const char *how,
                      int64_t ttl)
{
    command_add_all(command, "SET", key, value, NULL);
    if (how)
        command_add(command, how);
    if (ttl > 0) {
        command_add(command, "EX");
        command_add_int(command, ttl);
    }
}

/* "SET … GET" hands out the reason that it replaces, and so asks for a text. */
static int write_reason(struct client *client, const struct invocation *invocation,
                        const char *words, redisReply **ret_reply)
{
    const struct halt_values *values = invocation->values;
    char *key = safe_reason_key(&invocation->settings->keys);
    struct urgent set = {.key = key};

    write_set(&set.command, key, words, values->replace ? "GET" : NULL, values->ttl);
    int result = urgent_ask(client, &set, ret_reply);
    free(key);
    return result;
}

static void tell_replaced(const redisReply *reply)
{
    struct reply_text before;

    if (!reply_read_text(reply, &before))
        return;
    char *text = memory_bytes(before.bytes, before.length);
    (void)printf("replaced: '%s'\n", escaped(text).text);
    free(text);
}

static int tell(const struct invocation *invocation, const char *words, const redisReply *reply)
{
    const struct halt_values *values = invocation->values;
    const char *key = invocation->settings->keys.safe_mode;

    (void)printf("SAFE_MODE: %s is set → publishing nothing\n", escaped(key).text);
    (void)printf("reason: '%s'\n", escaped(words).text);
    if (values->replace)
        tell_replaced(reply);
    if (values->ttl > 0)
        (void)printf("It ends by itself in %llds.\n", (long long)values->ttl);
    (void)printf("Resume with: " CTL_NAME " resume\n");
    return command_done(&halt_command);
}

/* It is halted whatever becomes of the reason. */
static int add_reason(struct client *client, const struct invocation *invocation)
{
    char *words = words_of(invocation->words);
    redisReply *reply = NULL;
    int result = write_reason(client, invocation, words, &reply);
    int status = tell(invocation, words, reply);

    if (result < 0)
        (void)command_fail(&halt_command,
                           "halted, but whether its reason was kept is not known: %s",
                           client_error(client));
    else if (reply_is_error(reply))
        (void)command_fail(&halt_command, "halted, but its reason was not kept: %s",
                           reply_complaint(reply));
    if (reply)
        freeReplyObject(reply);
    free(words);
    return status;
}

/* What stands there already, as far as it may be read. */
static int refuse(struct client *client, const struct invocation *invocation)
{
    const struct keys *keys = &invocation->settings->keys;
    char reason[SAFE_TEXT_MAX + 1], shown[SAFE_REASON_MAX];
    struct transaction transaction;
    const struct transaction_words words = {&halt_command, keys->safe_mode, "looked at",
                                            "it is set already, and Redis does not show"};
    struct key_look before;
    redisReply *replies;

    if (safe_reason_read(client, keys, reason) < 0)
        return command_fail(&halt_command, "%s is set already; %s", keys->safe_mode,
                            client_error(client));
    transaction_begin(&transaction, client);
    key_look_add(&transaction, keys->safe_mode);
    if (transaction_carry_out(&transaction, &words, &replies) != 0)
        return EXIT_FAILED;
    bool is_read = key_look_read(replies, 0, &before);
    freeReplyObject(replies);
    if (!is_read)
        return command_fail(&halt_command, "%s is set already", keys->safe_mode);
    char *ends = before.ttl_sec < 0
                     ? memory_text("")
                     : memory_format(" and ends in %llds", (long long)before.ttl_sec);
    safe_reason_print(reason, shown);
    (void)command_fail(&halt_command,
                       "%s is set already: %s%s%s; overwrite it with --replace, or release it with "
                       "'" CTL_NAME " resume'",
                       keys->safe_mode, before.text, shown, ends);
    free(ends);
    return EXIT_FAILED;
}

/* The key, before and beside anything else. */
static int run(const struct invocation *invocation)
{
    struct client *client = invocation->ask->client;
    const struct halt_values *values = invocation->values;
    const char *key = invocation->settings->keys.safe_mode;
    struct urgent set = {.key = key};
    redisReply *reply;

    write_set(&set.command, key, SAFE_MODE_VALUE, values->replace ? NULL : "NX", values->ttl);
    if (urgent_ask(client, &set, &reply) < 0)
        return command_fail(&halt_command, "%s; whether %s was set is not known",
                            client_error(client), key);
    bool is_set = reply_is_text(reply, "OK"), was_set = reply->type == REDIS_REPLY_NIL;
    if (!is_set && !was_set)
        (void)command_fail(&halt_command, "NOT halted: Redis did not set %s: %s", key,
                           reply_complaint(reply));
    freeReplyObject(reply);
    if (is_set)
        return add_reason(client, invocation);
    return was_set ? refuse(client, invocation) : EXIT_FAILED;
}

static char *by_hand(const struct keys *keys)
{
    return memory_format("SET %s " SAFE_MODE_VALUE, escaped(keys->safe_mode).text);
}

const struct ctl_command halt_command = {
    .name = "halt",
    .words = "REASON...",
    .words_min = 1,
    .words_max = WORDS_MAX,
    .purpose = "Sets safe mode: from now on no router publishes, until it is released.",
    .details = "It sets the safe-mode key to " SAFE_MODE_VALUE
               ". Who, when and why stand in a key beside it, "
               "which the routers log.\nSignals are read and dropped meanwhile. It refuses when "
               "safe mode is set already.\n\n"
               "Examples:\n"
               "  quantumctl halt exchange answers with errors\n"
               "  quantumctl halt --ttl=900 'maintenance of the venue'\n"
               "  quantumctl halt --replace 'still down, see ticket 4711'\n",
    COMMAND_OPTIONS(rows, struct halt_values),
    .failure_headline = "NOT halted",
    .by_hand = by_hand,
    .check = check,
    .asks = true,
    .run = run,
};
