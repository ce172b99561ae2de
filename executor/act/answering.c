/* SPDX-License-Identifier: MIT */
#include "executor/act/answering.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/redis/reply.h"
#include "executor/act/held_key.h"
#include "executor/act/outgoing.h"

static void forget_named(struct answering *answering)
{
    for (size_t i = 0; answering->named && i < answering->handed.count; i++)
        free(answering->named[i].text);
    free(answering->named);
    answering->named = NULL;
}

static void forget(struct answering *answering)
{
    free(answering->record);
    answering->record = NULL;
    answering->complaint[0] = '\0';
    answering->kept = KEPT_NOTHING;
    forget_named(answering);
    answering->unreadable = (struct unreadable){0};
    handed_exit_release(&answering->handed);
}

static void give_up(struct answering *answering, enum answering_over how, const char *why)
{
    const struct answered answered = {.how = how, .positions = -1, .why = why};

    answering->over(answering->owner, &answered);
}

/* --- reading it */

static double figure_of(const redisReply *fields, const char *name)
{
    struct reply_text text;

    return reply_read_text(reply_named(fields, name), &text)
               ? answer_figure(text.bytes, text.length)
               : 0;
}

static void copy_printable(const redisReply *reply, char *ret_text, size_t room)
{
    if (!reply_copy_text(reply, ret_text, room))
        ret_text[0] = '\0';
    for (char *c = ret_text; *c; c++)
        if (*c < 0x20 || *c > 0x7e)
            *c = '?';
}

static bool read_answer(const redisReply *entry, struct answer *ret_answer)
{
    struct answer answer = {.price = 0};
    const redisReply *fields = reply_element(entry, 1);

    if (!reply_copy_text(reply_element(entry, 0), answer.id, sizeof answer.id))
        return false;
    copy_printable(reply_named(fields, "order_id"), answer.order_id, sizeof answer.order_id);
    copy_printable(reply_named(fields, "status"), answer.status_text, sizeof answer.status_text);
    copy_printable(reply_named(fields, "reason"), answer.reason, sizeof answer.reason);
    answer.is_trimmed = !reply_is_array(fields, 0);
    answer.status = answer_status_named(answer.status_text);
    answer.price = figure_of(fields, "price");
    answer.quantity = figure_of(fields, "quantity");
    answer.fee_usd = figure_of(fields, "fee_usd");
    *ret_answer = answer;
    return true;
}

/* --- making it true */

static void on_true(void *data, const redisReply *reply)
{
    struct answering *answering = data;
    bool is_ignored = answering->verdict.act == ANSWER_IS_IGNORED;
    struct answered answered = {
        .how = is_ignored ? ANSWERING_IGNORED : ANSWERING_TOLD,
        .result = &answering->result,
        .positions = -1,
        .unreadable = &answering->unreadable,
        .answer = &answering->answer,
        .why = answering->verdict.why,
    };

    if (!reply) {
        give_up(answering, ANSWERING_CUT, NULL);
    } else if (reply_is_text(reply_element(reply, 0), "done")) {
        (void)reply_read_integer(reply_element(reply, 1), &answered.positions);
        answering->over(answering->owner, &answered);
    } else if (reply_is_array(reply, 1) || held_key_refused(answering->office, reply)) {
        give_up(answering, ANSWERING_MOVED, NULL);
    } else {
        give_up(answering, ANSWERING_REFUSED, reply_complaint(reply));
    }
}

/* Keys and arguments up to the result; the changes come behind it. */
static void add_head(const struct answering *answering, struct command *command)
{
    const struct executor_keys *keys = &answering->office->settings->keys;
    bool has_result = answering->verdict.act != ANSWER_IS_IGNORED;

    office_command(answering->office, SCRIPT_ANSWER, 6 + held_key_count(answering->office),
                   command);
    command_add_all(command, keys->answers, keys->positions, keys->exits, keys->open_orders,
                    keys->results, NULL);
    command_add_format(command, "%s%s", keys->refused, answering->answer.order_id);
    held_key_add(answering->office, command);
    command_add_all(command, keys->answer_group, answering->answer.id, NULL);
    command_add_int(command, answering->office->settings->results_maxlen);
    if (answering->verdict.act == ANSWER_REFUSES)
        command_add(command, answering->record);
    else
        command_add(command, answering->kept == KEPT_REFUSED && has_result ? "drop" : "keep");
    command_add_int(command, answering->office->settings->processed_ttl_sec);
    if (has_result)
        outgoing_add_result_counted(&answering->result, command);
    else
        command_add_int(command, 0);
}

/* `becomes` NULL: the field is deleted. */
static void add_change(struct command *command, const char *hash, const char *field,
                       const char *was, const struct position *becomes)
{
    char *text = becomes ? position_write(becomes) : memory_text("");

    command_add_all(command, hash, field, was, text, NULL);
    free(text);
}

/* The position is free for another exit, unless another has it already. */
static void add_staying(const struct answering *answering, const char *id, struct named *named,
                        struct command *command)
{
    const struct answer *answer = &answering->answer;
    struct position *position = &named->position;

    if (answering->verdict.act == ANSWER_ENDS_EXIT && position->handed_over)
        answer_close(answer, position);
    if (strcmp(position->exit_id, answer->order_id) == 0)
        position_free_of_exit(position);
    add_change(command, "positions", id, named->text, position);
}

/* An exit goes. The positions that it names go with it, or are free for another exit. */
static void add_named(struct answering *answering, struct command *command)
{
    const struct answer *answer = &answering->answer;
    bool closes = answering->verdict.act == ANSWER_ENDS_EXIT;

    add_change(command, "exits", answer->order_id, answering->record, NULL);
    for (size_t i = 0; i < answering->handed.count; i++) {
        struct named *named = &answering->named[i];
        const char *id = answering->handed.closes[i];
        if (named->text && closes && answer_takes(answer, &named->position))
            add_change(command, "positions", id, named->text, NULL);
        else if (named->text)
            add_staying(answering, id, named, command);
    }
}

static void add_changes(struct answering *answering, struct command *command)
{
    const char *was = answering->kept == KEPT_REFUSED ? "" : answering->record;

    switch (answering->verdict.act) {
    case ANSWER_OPENS:
        answer_fill(&answering->answer, &answering->position);
        add_change(command, "positions", answering->answer.order_id, was, &answering->position);
        break;
    case ANSWER_REFUSES:
    case ANSWER_ENDS:
    case ANSWER_OPENED:
        add_change(command, "positions", answering->answer.order_id, was, NULL);
        break;
    case ANSWER_ENDS_EXIT:
    case ANSWER_KEEPS_EXIT:
        add_named(answering, command);
        break;
    case ANSWER_IS_IGNORED:
        break;
    }
}

static void make_true(struct answering *answering)
{
    struct command command;

    add_head(answering, &command);
    add_changes(answering, &command);
    if (!office_call(answering->office, SCRIPT_ANSWER, &command, on_true, answering))
        give_up(answering, ANSWERING_CUT, NULL);
}

/* --- looking up what is kept */

static void note_trouble(struct answering *answering, const redisReply *reply)
{
    if (reply_is_error(reply))
        (void)snprintf(answering->complaint, sizeof answering->complaint, "%s",
                       reply_complaint(reply));
}

/* The positions that an exit closes are told in its result. */
static void tell_exit(struct answering *answering, int64_t now_ms)
{
    const struct answer *answer = &answering->answer;
    struct result *result = &answering->result;

    *result = answer_tell_exit(answer, &answering->handed, now_ms);
    for (size_t i = 0; i < answering->handed.count; i++) {
        const struct named *named = &answering->named[i];
        if (named->text && answering->verdict.act == ANSWER_ENDS_EXIT &&
            answer_takes(answer, &named->position))
            result_close(result, &named->position, answer->price);
    }
    answer_tell_figures(answer, result);
}

static void tell_and_make_true(struct answering *answering)
{
    int64_t now_ms = redis_clock_now(&answering->office->clock);

    if (answering->kept == KEPT_EXIT)
        tell_exit(answering, now_ms);
    else if (answering->verdict.act != ANSWER_IS_IGNORED)
        answering->result =
            answer_tell_position(&answering->answer, answering->kept, &answering->position, now_ms);
    make_true(answering);
}

/* False: it is given up. */
static bool is_told(struct answering *answering, const redisReply *reply, bool is_sound)
{
    if (!reply)
        give_up(answering, ANSWERING_CUT, NULL);
    else if (!is_sound)
        give_up(answering, ANSWERING_REFUSED, reply_complaint(reply));
    return reply && is_sound;
}

/* HMGET of the positions that an exit names, in their order. One that cannot be read stays, and
 * keeps its slot: nobody knows whether it was open before this answer. The exit goes all the same,
 * or no answer behind it would be read. */
static void on_named(void *data, const redisReply *reply)
{
    struct answering *answering = data;
    const struct handed_exit *handed = &answering->handed;
    struct reply_text text;

    if (!is_told(answering, reply, reply_is_array(reply, handed->count)))
        return;
    for (size_t i = 0; i < handed->count; i++) {
        struct named *named = &answering->named[i];
        if (!reply_read_text(reply->element[i], &text))
            continue;
        if (position_read(handed->closes[i], text.bytes, text.length, &named->position))
            named->text = memory_bytes(text.bytes, text.length);
        else
            unreadable_note(&answering->unreadable, handed->closes[i]);
    }
    tell_and_make_true(answering);
}

static bool ask_for_named(struct answering *answering)
{
    struct office *office = answering->office;
    const struct handed_exit *handed = &answering->handed;
    struct command command = {0};

    answering->named = memory_array(handed->count, sizeof *answering->named);
    command_add_all(&command, "HMGET", office->settings->keys.positions, NULL);
    for (size_t i = 0; i < handed->count; i++)
        command_add(&command, handed->closes[i]);
    return office_ask(office, &command, on_named, answering);
}

/* HGET of the exit that was outstanding for a position that comes back. NIL: it was answered
 * meanwhile. */
static void on_its_exit(void *data, const redisReply *reply)
{
    struct answering *answering = data;

    if (!is_told(answering, reply, !reply_is_error(reply)))
        return;
    if (reply->type == REDIS_REPLY_NIL)
        position_free_of_exit(&answering->position);
    tell_and_make_true(answering);
}

static bool ask_for_its_exit(struct answering *answering)
{
    struct office *office = answering->office;
    struct command command = {0};

    command_add_all(&command, "HGET", office->settings->keys.exits, answering->position.exit_id,
                    NULL);
    return office_ask(office, &command, on_its_exit, answering);
}

static void go_on(struct answering *answering)
{
    bool asked = true;

    answering->verdict = answer_judge(&answering->answer, answering->kept, &answering->position);
    if (answering->kept == KEPT_EXIT && answering->handed.count > 0)
        asked = ask_for_named(answering);
    else if (answering->kept == KEPT_REFUSED && answering->position.exit_id[0])
        asked = ask_for_its_exit(answering);
    else
        tell_and_make_true(answering);
    if (!asked)
        give_up(answering, ANSWERING_CUT, NULL);
}

/* False when nothing is kept, or when nobody knows. */
static bool is_kept(struct answering *answering, const redisReply *reply,
                    struct reply_text *ret_text)
{
    note_trouble(answering, reply);
    if (answering->kept != KEPT_NOTHING || !reply || !reply_read_text(reply, ret_text))
        return false;
    answering->record = memory_bytes(ret_text->bytes, ret_text->length);
    return true;
}

static bool read_position(struct answering *answering, const struct reply_text *text)
{
    return position_read(answering->answer.order_id, text->bytes, text->length,
                         &answering->position);
}

static void on_kept_position(void *data, const redisReply *reply)
{
    struct answering *answering = data;
    struct reply_text text;

    if (!is_kept(answering, reply, &text))
        return;
    if (!read_position(answering, &text))
        answering->kept = KEPT_UNSOUND;
    else
        answering->kept = answering->position.handed_over ? KEPT_ASKED : KEPT_OPEN;
}

static void on_kept_exit(void *data, const redisReply *reply)
{
    struct answering *answering = data;
    struct reply_text text;

    if (is_kept(answering, reply, &text))
        answering->kept = handed_exit_read(text.bytes, text.length, &answering->handed)
                              ? KEPT_EXIT
                              : KEPT_UNSOUND;
}

/* The last of the three. A key of another type is not ours. */
static void on_once_refused(void *data, const redisReply *reply)
{
    struct answering *answering = data;
    struct reply_text text;

    if (!reply) {
        give_up(answering, ANSWERING_CUT, NULL);
        return;
    }
    if (!reply_is_error_code(reply, "WRONGTYPE") && is_kept(answering, reply, &text) &&
        read_position(answering, &text))
        answering->kept = KEPT_REFUSED;
    if (answering->complaint[0])
        give_up(answering, ANSWERING_REFUSED, answering->complaint);
    else
        go_on(answering);
}

static bool look_up(struct answering *answering)
{
    struct office *office = answering->office;
    const struct executor_keys *keys = &office->settings->keys;
    const char *id = answering->answer.order_id;
    struct command position = {0}, leaving = {0}, refused = {0};

    command_add_all(&position, "HGET", keys->positions, id, NULL);
    command_add_all(&leaving, "HGET", keys->exits, id, NULL);
    command_add(&refused, "GET");
    command_add_format(&refused, "%s%s", keys->refused, id);
    bool asked = office_ask(office, &position, on_kept_position, answering);
    asked = office_ask(office, &leaving, on_kept_exit, answering) && asked;
    return office_ask(office, &refused, on_once_refused, answering) && asked;
}

bool answering_start(struct answering *answering, const redisReply *entry)
{
    forget(answering);
    return read_answer(entry, &answering->answer) && look_up(answering);
}

void answering_deinit(struct answering *answering)
{
    forget(answering);
}
