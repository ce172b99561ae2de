/* SPDX-License-Identifier: MIT */
#include "ctl/capacity/capacity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/monotonic.h"
#include "common/options/program.h"
#include "common/redis/reply.h"
#include "common/redis/script.h"
#include "common/redis/seen.h"
#include "ctl/capacity/neighbour.h"
#include "ctl/frame/executor_configuration.h"
#include "ctl/frame/span.h"
#include "ctl/frame/stay.h"

enum { SHOWN_MAX = 10, BEFORE_MAX = 2048 };

struct follow {
    const struct follow_values *values;
    const struct router_settings *settings;
    struct stay stay;
    struct neighbour neighbour;
    struct executor_configuration executor;
    bool executes; /* as far as anybody knows, the executor writes the same keys */
    struct script script;
    char *written; /* the count; NULL: nothing yet, or that it is not known */
};

void follow_check(const struct follow_values *values, struct complaints *complaints)
{
    const char *star = strchr(values->from, '*');

    if (!*values->from)
        complain(complaints,
                 "--from is missing: follow --from='quantum:state:positions:*' (see " CTL_NAME
                 " capacity --help)");
    else if (!star || strchr(star + 1, '*') || strpbrk(values->from, "?[]\\"))
        complain(complaints,
                 "--from: '%s' must have one *, where the symbol stands, and no ?, [, ] or \\",
                 escaped(values->from).text);
    if (values->amounts.count == 0)
        complain(complaints, "--amount: no field is named");
}

/* --- what it tells */

/* Takes the text over. */
static void note_written(struct follow *follow, char *written)
{
    free(follow->written);
    follow->written = written;
}

/* For a person: a text alone, and anything else as the script says it. */
static void show_before(const redisReply *reply, char ret_text[static BEFORE_MAX])
{
    struct reply_text before = {"missing", 7};
    struct seen seen;

    (void)reply_read_text(reply, &before);
    if (seen_read(reply, &seen) && seen.kind == SEEN_TEXT)
        before = seen.text;
    (void)escape(before.bytes, before.length, BEFORE_MAX / 4, ret_text, BEFORE_MAX);
}

static char *held_text(const struct book *book)
{
    char *text = memory_text("");

    for (size_t i = 0; i < book->held_count && i < SHOWN_MAX; i++) {
        char value[HELD_WRITTEN_MAX];
        held_write(&book->held[i], value);
        text = memory_extend(text, "%s%s %s", *text ? ", " : "", book->held[i].symbol, value);
    }
    if (book->held_count > SHOWN_MAX)
        text = memory_extend(text, ", +%zu more", book->held_count - SHOWN_MAX);
    return text;
}

static void tell_known(struct follow *follow, const struct book *book, const char *before,
                       bool changed)
{
    bool is_others = follow->written && changed && strcmp(before, follow->written) != 0;

    if (changed || follow->stay.trouble) {
        char *held = held_text(book);
        stay_say("%s %s → %lld held=[%s]%s", escaped(follow->settings->keys.open_orders).text,
                 before, (long long)book->count, held,
                 is_others ? " (somebody else had written it)" : "");
        free(held);
    }
    note_written(follow, memory_format("%lld", (long long)book->count));
    stay_forget_trouble(&follow->stay);
    notify_status(&follow->stay.notify, "%s held, of %s",
                  counted(book->count, "position is", "positions are").text,
                  counted((int64_t)book->keys, "key", "keys").text);
}

static void tell_unknown(struct follow *follow, const struct book *book, const char *before)
{
    if (stay_note_trouble(&follow->stay, book->why))
        stay_say("%s %s → unknown: %s; it is deleted, and the router publishes nothing",
                 escaped(follow->settings->keys.open_orders).text, before, book->why);
    note_written(follow, NULL);
    notify_status(&follow->stay.notify, "unknown: %s", book->why);
}

static void tell_refused(struct follow *follow, const char *complaint)
{
    if (stay_note_trouble(&follow->stay, complaint))
        (void)command_fail(follow->stay.command, "%s cannot be kept: %s; tried again until it can",
                           escaped(follow->settings->keys.open_orders).text,
                           escaped(complaint).text);
    notify_status(&follow->stay.notify, "refused: %s", complaint);
}

/* --- whether it may */

/* Two writers of one count would undo each other. */
static void refuse(struct follow *follow, const char *evidence)
{
    follow->executes = true;
    (void)command_fail(follow->stay.command,
                       "%s: quantum-executor keeps %s itself; let one of the two keep it", evidence,
                       escaped(follow->settings->keys.open_orders).text);
}

static void ask_configuration(struct follow *follow)
{
    struct complaints complaints = {0};

    executor_configuration_read(&follow->executor, follow->settings, "", &complaints);
    if (complaints.count == 0 && !follow->executor.settings.safe_drain)
        refuse(follow, "venue.safe_drain is false");
    complaints_free(&complaints);
}

/* What its file says may not be all: its unit has variables. Who may not look looks away. */
static int ask_positions(struct follow *follow, const char *key)
{
    struct command question = {0};
    int64_t count = 0;
    redisReply *reply;

    command_add_all(&question, "HLEN", key, NULL);
    if (client_ask(follow->stay.client, &question, &reply) < 0)
        return -1;
    if (reply_read_integer(reply, &count) && count > 0) {
        char *evidence = memory_format("%s holds %s", escaped(key).text,
                                       counted(count, "position", "positions").text);
        refuse(follow, evidence);
        free(evidence);
    }
    freeReplyObject(reply);
    return 0;
}

static int ask_executor(struct follow *follow)
{
    const struct executor_keys *keys = &follow->executor.settings.keys;
    int result = ask_positions(follow, keys->paper_positions);

    return result == 0 ? ask_positions(follow, keys->venue_positions) : result;
}

/* --- a look */

static void add_holdings(const struct book *book, struct command *command)
{
    for (size_t i = 0; i < book->held_count; i++) {
        char value[HELD_WRITTEN_MAX];
        held_write(&book->held[i], value);
        command_add_all(command, book->held[i].symbol, value, NULL);
    }
}

static void write_command(const struct follow *follow, const struct book *book,
                          struct command *ret_command)
{
    double ms = fmax((double)follow->values->stale_sec, 3.0 * follow->values->interval_sec) * 1000;

    script_command(&follow->script, 2, ret_command);
    command_add_all(ret_command, follow->settings->keys.open_orders, follow->settings->keys.held,
                    NULL);
    command_add_int(ret_command, llround(ms));
    if (book->why) {
        command_add(ret_command, "");
        return;
    }
    command_add_int(ret_command, book->count);
    add_holdings(book, ret_command);
}

static int load(struct follow *follow)
{
    struct command question = {0};
    redisReply *reply;

    command_add_all(&question, "SCRIPT", "LOAD", follow->script.source, NULL);
    if (client_ask(follow->stay.client, &question, &reply) < 0)
        return -1;
    if (!reply_copy_text(reply, follow->script.hash, sizeof follow->script.hash) ||
        !*follow->script.hash)
        tell_refused(follow, reply_complaint(reply));
    freeReplyObject(reply);
    return 0;
}

/* Redis may have forgotten the script. */
static int ask_to_write(struct follow *follow, const struct book *book, redisReply **ret_reply)
{
    struct command command;

    write_command(follow, book, &command);
    if (client_ask(follow->stay.client, &command, ret_reply) < 0)
        return -1;
    if (!reply_is_error_code(*ret_reply, "NOSCRIPT"))
        return 0;
    freeReplyObject(*ret_reply);
    if (load(follow) < 0)
        return -1;
    write_command(follow, book, &command);
    return client_ask(follow->stay.client, &command, ret_reply);
}

static int write_down(struct follow *follow, const struct book *book)
{
    redisReply *reply;
    char before[BEFORE_MAX];

    if (ask_to_write(follow, book, &reply) < 0)
        return -1;
    bool is_done = reply_is_text(reply_element(reply, 0), "done");
    show_before(reply_element(reply, 1), before);
    if (!is_done)
        tell_refused(follow, reply_is_array(reply, 2) ? before : reply_complaint(reply));
    else if (book->why)
        tell_unknown(follow, book, before);
    else
        tell_known(follow, book, before, reply_is_text(reply_element(reply, 2), "1"));
    if (is_done)
        stay_ready(&follow->stay);
    freeReplyObject(reply);
    return 0;
}

/* The executor may have begun since the last one. */
static int look(struct follow *follow)
{
    struct book book = {0};
    int result = ask_executor(follow);

    if (result == 0 && !*follow->script.hash && !follow->executes)
        result = load(follow);
    if (result < 0 || follow->executes || !*follow->script.hash)
        return result;
    result = neighbour_read(&follow->neighbour, follow->stay.client, &book);
    if (result == 0) {
        book_close(&book, follow->values->none_is_zero);
        result = write_down(follow, &book);
    }
    book_release(&book);
    return result;
}

/* --- the way on */

static void connect_to(struct follow *follow)
{
    if (stay_connect(&follow->stay) < 0 || load(follow) < 0)
        stay_part(&follow->stay);
    else
        stay_welcome(&follow->stay);
}

static void go_on(struct follow *follow)
{
    int64_t interval_ms = llround(follow->values->interval_sec * 1000.0);
    uint64_t due_ms = monotonic_ms();

    if (!follow->stay.client)
        connect_to(follow);
    if (!follow->stay.client || follow->executes)
        return;
    if (look(follow) < 0) {
        stay_part(&follow->stay);
        return;
    }
    int64_t taken_ms = (int64_t)(monotonic_ms() - due_ms);
    stay_nap(&follow->stay, taken_ms < interval_ms ? interval_ms - taken_ms : 0);
}

static void begin(struct follow *follow, const struct ctl_command *command)
{
    const struct follow_values *values = follow->values;

    follow->neighbour = (struct neighbour){
        .pattern = values->from,
        .ours = {follow->settings->keys.open_orders, follow->settings->keys.held},
        .rules = {values->amounts, values->side, values->at, values->stale_sec * 1000},
        .notify = &follow->stay.notify,
    };
    stay_begin(&follow->stay, command, &follow->settings->redis, CTL_NAME ":follow");
    ask_configuration(follow);
}

/* In a Cluster a node lists its own keys alone: what lies elsewhere would be held unseen. */
static int check_slot(const struct ctl_command *command, const struct router_settings *settings,
                      const struct follow_values *values)
{
    char *complaint = key_slot_complaint(&settings->redis.address.guides, values->from);
    int status = complaint ? EXIT_USAGE : EXIT_DONE;

    if (complaint)
        (void)command_fail(command, "--from: %s", complaint);
    free(complaint);
    return status;
}

int follow_run(const struct ctl_command *command, const struct router_settings *settings,
               const struct follow_values *values)
{
    struct follow follow = {
        .settings = settings,
        .values = values,
        .script = {.source = capacity_follow_lua},
    };

    if (check_slot(command, settings, values) != EXIT_DONE)
        return EXIT_USAGE;
    begin(&follow, command);
    while (!follow.executes && stay_goes_on())
        go_on(&follow);
    executor_configuration_release(&follow.executor);
    note_written(&follow, NULL);
    stay_end(&follow.stay);
    return follow.executes ? EXIT_USAGE : command_done(command);
}
