/* SPDX-License-Identifier: MIT */
/*
 * quantumctl halt: sets the safe-mode key, with who and why in its value. The reason comes first,
 * because a log shows only a value's start.
 */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/base/calendar.h"
#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/program.h"
#include "common/redis/reply.h"
#include "ctl/command.h"
#include "ctl/key_look.h"

enum {
    WORDS_MAX = 100,  /* a reason without quotes is many words */
    REASON_MAX = 200, /* bytes: what a person writes in a hurry */
    NAME_MAX_BYTES = 64,
};

struct halt_values {
    int64_t ttl;
    bool replace;
};

#define AT(member) offsetof(struct halt_values, member)

static const struct option_row rows[] = {
    {.key = "ttl",
     .type = OPTION_INT,
     .offset = AT(ttl),
     .min = 0,
     .max = 31536000,
     .fallback = "0",
     .help = "seconds, 1 or more, after which it ends by itself; without it, it stays"},
    {.key = "replace",
     .type = OPTION_BOOL,
     .offset = AT(replace),
     .fallback = "false",
     .help = "overwrite what an earlier halt has set"},
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
        complain(complaints, "the reason is empty; write why, for whoever finds it halted");
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
static char *value_of(const struct names *words)
{
    char host[NAME_MAX_BYTES + 1] = "", iso[CALENDAR_ISO_MAX];
    struct timespec now;
    char *reason = names_join(words, " ");

    (void)gethostname(host, sizeof host - 1);
    (void)clock_gettime(CLOCK_REALTIME, &now);
    calendar_iso((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000, iso);
    char *value = memory_format("%s (halted by %s@%s at %s)", reason, user(),
                                *host && is_plain(host) ? host : "unknown", iso);
    free(reason);
    return value;
}

static void write_set(struct command *command, const struct invocation *invocation,
                      const char *value)
{
    const struct halt_values *values = invocation->values;

    command_add_all(command, "SET", invocation->settings->keys.safe_mode, value, NULL);
    if (!values->replace)
        command_add(command, "NX");
    if (values->ttl > 0) {
        command_add(command, "EX");
        command_add_int(command, values->ttl);
    }
}

static int tell(const struct invocation *invocation, const char *value,
                const struct key_look *before)
{
    const struct halt_values *values = invocation->values;
    const char *key = invocation->settings->keys.safe_mode;

    (void)printf("SAFE_MODE: %s is set → publishing nothing\n", escaped(key).text);
    (void)printf("value: '%s'\n", escaped(value).text);
    if (before->is_set)
        (void)printf("replaced: %s\n", before->text);
    if (values->ttl > 0)
        (void)printf("It ends by itself in %llds.\n", (long long)values->ttl);
    (void)printf("Resume with: " CTL_NAME " resume\n");
    return command_done(&halt_command);
}

static int refuse(const struct invocation *invocation, const struct key_look *before)
{
    const char *key = invocation->settings->keys.safe_mode;
    char *ends = before->ttl_sec < 0
                     ? memory_text("")
                     : memory_format(" and ends in %llds", (long long)before->ttl_sec);

    (void)command_fail(&halt_command,
                       "%s is set already: %s%s; overwrite it with --replace, or release it with "
                       "'" CTL_NAME " resume'",
                       key, before->text, ends);
    free(ends);
    return EXIT_FAILED;
}

static int conclude(const struct invocation *invocation, const char *value,
                    const redisReply *replies)
{
    const redisReply *set = reply_element(replies, KEY_LOOK_REPLIES);
    struct key_look before;

    if (!key_look_read(replies, 0, &before) || (!before.is_set && !reply_is_text(set, "OK")))
        return command_fail(&halt_command, "NOT halted: Redis did not set %s: %s",
                            invocation->settings->keys.safe_mode, reply_complaint(set));
    if (!reply_is_text(set, "OK"))
        return refuse(invocation, &before);
    return tell(invocation, value, &before);
}

static int halt_with(struct client *client, const struct invocation *invocation, const char *value)
{
    const char *key = invocation->settings->keys.safe_mode;
    struct transaction transaction;
    struct command command = {0};
    const struct transaction_words words = {&halt_command, key, "set",
                                            "NOT halted: Redis did not set"};
    redisReply *replies;

    transaction_begin(&transaction, client);
    key_look_add(&transaction, key);
    write_set(&command, invocation, value);
    transaction_add(&transaction, &command);
    if (transaction_carry_out(&transaction, &words, &replies) != 0)
        return EXIT_FAILED;
    int status = conclude(invocation, value, replies);
    freeReplyObject(replies);
    return status;
}

static int run(const struct invocation *invocation)
{
    struct client *client = command_connect(&halt_command, invocation->settings);

    if (!client)
        return EXIT_FAILED;
    char *value = value_of(invocation->words);
    int status = halt_with(client, invocation, value);
    free(value);
    client_free(client);
    return status;
}

static char *by_hand(const struct keys *keys)
{
    return memory_format("SET %s REASON", escaped(keys->safe_mode).text);
}

const struct ctl_command halt_command = {
    .name = "halt",
    .words = "REASON...",
    .words_min = 1,
    .words_max = WORDS_MAX,
    .purpose = "Sets safe mode: from now on no router publishes, until it is released.",
    .details = "Who, when and why stand in the key's value, which the routers log. Signals are "
               "read and\ndropped meanwhile. It refuses when safe mode is set already.\n\n"
               "Examples:\n"
               "  quantumctl halt exchange answers with errors\n"
               "  quantumctl halt --ttl=900 'maintenance of the venue'\n"
               "  quantumctl halt --replace 'still down, see ticket 4711'\n",
    .rows = rows,
    .row_count = sizeof rows / sizeof *rows,
    .values_size = sizeof(struct halt_values),
    .undone = "NOT halted",
    .by_hand = by_hand,
    .check = check,
    .run = run,
};
