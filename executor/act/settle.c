/* SPDX-License-Identifier: MIT */
#include "executor/act/settle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/redis/reply.h"
#include "executor/act/held_key.h"
#include "executor/act/intent_keys.h"
#include "executor/act/outgoing.h"

/* --- the mark */

bool settle_marks(enum outcome outcome)
{
    return outcome != OUTCOME_INVALID;
}

/* In the words of its result, if it has one. */
void settle_mark(const struct order *order, enum outcome outcome, char ret_mark[static MARK_MAX])
{
    const char *status = outcome_status(outcome), *reason = outcome_reason(outcome);
    char id[STREAM_ID_TEXT_MAX];

    stream_id_print(order->id, id);
    (void)snprintf(ret_mark, MARK_MAX, "%s %s%s%s", id, status[0] ? status : outcome_name(outcome),
                   reason[0] ? ":" : "", reason);
}

static void add_mark(const struct office *office, const struct order *order, enum outcome outcome,
                     struct command *command)
{
    char mark[MARK_MAX];

    settle_mark(order, outcome, mark);
    command_add_int_if(command, settle_marks(outcome), executor_mark_sec(office->settings, order));
    command_add(command, mark);
}

/* --- what is executed: opened or closed, by the venue or by an adapter */

static const char *kind_of(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_HANDED_OVER:
        return "hand";
    case OUTCOME_WOULD_EXECUTE:
        return "would";
    case OUTCOME_CLOSED:
        return "close";
    default:
        return "fill";
    }
}

static const char *output_key(const struct executor_keys *keys, enum outcome outcome)
{
    return outcome == OUTCOME_HANDED_OVER ? keys->orders : keys->results;
}

static void add_output_maxlen(const struct office *office, enum outcome outcome,
                              struct command *command)
{
    const struct executor_settings *settings = office->settings;

    command_add_int(command, outcome == OUTCOME_HANDED_OVER ? settings->orders_maxlen
                                                            : settings->results_maxlen);
}

static void add_output(const struct order *order, const struct venue_answer *does,
                       int64_t deadline_ms, struct command *command)
{
    if (does->outcome == OUTCOME_HANDED_OVER)
        outgoing_add_order(order, does->result.ts_ms, deadline_ms, command);
    else
        outgoing_add_result(&does->result, command);
}

static void add_execution(const struct office *office, const struct order *order,
                          enum outcome outcome, int64_t deadline_ms, struct command *command)
{
    intent_keys_add_entry(&office->settings->keys, order, command);
    command_add(command, kind_of(outcome));
    add_mark(office, order, outcome, command);
    command_add_int(command, deadline_ms);
}

static void add_open_keys(const struct office *office, const struct order *order,
                          enum outcome outcome, struct command *command)
{
    const struct executor_settings *settings = office->settings;
    const struct executor_keys *keys = &settings->keys;

    command_add(command, keys->intents);
    intent_keys_add_mark(keys, order, command);
    command_add_all(command, keys->open_orders, keys->safe_mode, keys->hold, keys->positions, NULL);
    command_add_format(command, "%s%s", keys->rate_symbol, order->symbol);
    command_add(command, keys->rate_global);
    intent_keys_add_begun(keys, order, command);
    command_add(command, output_key(keys, outcome));
    intent_keys_add_last_exit(keys, order, command);
    held_key_add(office, command);
    halts_add_keys(&settings->halts, command);
}

static void add_open_limits(const struct executor_settings *settings, const struct order *order,
                            struct command *command)
{
    const struct guard_rules *guards = &settings->guards;

    command_add_int(command, guards->max_open);
    command_add_all(command, order->symbol, side_name(order->side), guards->symbol_adds ? "1" : "0",
                    NULL);
    command_add_int(command, guards->symbol_rate_max);
    command_add_int(command, settings->symbol_rate_sec);
    command_add_int(command, guards->global_rate_max);
    command_add_int(command, settings->global_rate_sec);
}

void settle_open_command(const struct office *office, const struct order *order,
                         const struct venue_answer *does, int64_t deadline_ms,
                         struct command *ret_command)
{
    const struct executor_settings *settings = office->settings;
    char *position = position_write(&does->position);

    office_command(office, SCRIPT_OPEN, 11 + held_key_count(office) + settings->halts.also.count,
                   ret_command);
    add_open_keys(office, order, does->outcome, ret_command);
    add_execution(office, order, does->outcome, deadline_ms, ret_command);
    add_open_limits(settings, order, ret_command);
    command_add(ret_command, position);
    add_output_maxlen(office, does->outcome, ret_command);
    halts_add_words(&settings->halts, ret_command);
    add_output(order, does, deadline_ms, ret_command);
    free(position);
}

/* The sides of the openings that the order supersedes: only an exit does. */
static const char *ended_sides(const struct order *order)
{
    if (!order->closes)
        return "";
    return order->closes_one_side ? side_name(order->side) : "BUY SELL";
}

/* Each position that is closed, as it was seen and as it becomes. When the exit is handed over, the
 * position waits for the adapter. */
static void add_leaving(const struct order *order, const struct executor_look *look,
                        bool hands_over, int64_t deadline_ms, struct command *command)
{
    command_add_int(command, (int64_t)look->position_count);
    for (size_t i = 0; i < look->position_count; i++) {
        struct position position = look->positions[i];
        stream_id_print(order->id, position.exit_id);
        position.exit_until_ms = deadline_ms;
        char *becomes = position_write(&position);
        command_add_all(command, position.intent_id, look->texts[i], hands_over ? becomes : "",
                        NULL);
        free(becomes);
    }
}

/* Named by the orders that opened them, so that the adapter closes nothing else. */
static void add_closes(const struct executor_look *look, struct command *command)
{
    char *ids = memory_text("");

    for (size_t i = 0; i < look->position_count; i++)
        ids = memory_extend(ids, "%s%s", i > 0 ? "," : "", look->positions[i].intent_id);
    command_add_all(command, "closes", ids, NULL);
    free(ids);
}

static void add_close_keys(const struct office *office, const struct order *order,
                           enum outcome outcome, struct command *command)
{
    const struct executor_keys *keys = &office->settings->keys;

    command_add(command, keys->intents);
    intent_keys_add_mark(keys, order, command);
    command_add_all(command, keys->open_orders, keys->positions, NULL);
    intent_keys_add_begun(keys, order, command);
    command_add_all(command, output_key(keys, outcome), keys->exits, NULL);
    intent_keys_add_last_exit(keys, order, command);
    held_key_add(office, command);
}

void settle_close_command(const struct office *office, const struct order *order,
                          const struct venue_answer *does, const struct executor_look *look,
                          int64_t deadline_ms, struct command *ret_command)
{
    bool hands_over = does->outcome == OUTCOME_HANDED_OVER;
    char *kept = handed_exit_write(order, look->positions, look->position_count);

    office_command(office, SCRIPT_CLOSE, 8 + held_key_count(office), ret_command);
    add_close_keys(office, order, does->outcome, ret_command);
    add_execution(office, order, does->outcome, deadline_ms, ret_command);
    command_add(ret_command, kept);
    add_output_maxlen(office, does->outcome, ret_command);
    command_add(ret_command, ended_sides(order));
    add_leaving(order, look, hands_over, deadline_ms, ret_command);
    add_output(order, does, deadline_ms, ret_command);
    if (hands_over)
        add_closes(look, ret_command);
    free(kept);
}

/* --- what is declined */

static void add_dead_letter(const struct office *office,
                            const struct dead_letter_cause *dead_letter, struct command *command)
{
    command_add_int(command, office->settings->dead_letters_maxlen);
    command_add(command, dead_letter->reason);
    command_add_int(command, dead_letter->begun);
    command_add(command, dead_letter->note);
    command_add_int_if(command, dead_letter->before_ms > 0, dead_letter->before_ms);
}

void settle_decline_command(const struct office *office, const struct order *order,
                            enum outcome outcome, const struct result *result,
                            const struct dead_letter_cause *dead_letter,
                            struct command *ret_command)
{
    const struct executor_keys *keys = &office->settings->keys;
    bool ends_others = outcome != OUTCOME_INVALID && outcome != OUTCOME_DUPLICATE;

    office_command(office, SCRIPT_DECLINE, 6, ret_command);
    command_add(ret_command, keys->intents);
    intent_keys_add_mark(keys, order, ret_command);
    intent_keys_add_begun(keys, order, ret_command);
    command_add_all(ret_command, keys->results, keys->dead_letters, NULL);
    intent_keys_add_last_exit(keys, order, ret_command);
    intent_keys_add_entry(keys, order, ret_command);
    add_mark(office, order, outcome, ret_command);
    command_add(ret_command, ends_others ? ended_sides(order) : "");
    add_output_maxlen(office, outcome, ret_command);
    outgoing_add_result_counted(result, ret_command);
    if (dead_letter)
        add_dead_letter(office, dead_letter, ret_command);
}

/* --- what they answer */

static bool read_outcome(const redisReply *name, enum outcome *ret_outcome)
{
    for (enum outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
        if (!reply_is_text(name, outcome_name(outcome)))
            continue;
        *ret_outcome = outcome;
        return true;
    }
    return false;
}

static enum settle_says word_said(const redisReply *word)
{
    static const char *const words[] = {
        [SETTLE_DONE] = "done",   [SETTLE_GONE] = "gone", [SETTLE_HOLDS] = "hold",
        [SETTLE_MOVED] = "moved", [SETTLE_ENDS] = "end",
    };

    for (enum settle_says says = 0; says < sizeof words / sizeof *words; says++)
        if (reply_is_text(word, words[says]))
            return says;
    return SETTLE_REFUSED;
}

void settle_read(const redisReply *reply, struct settle_answer *ret_answer)
{
    struct settle_answer answer = {.says = word_said(reply_element(reply, 0)), .positions = -1};
    const redisReply *second = reply_element(reply, 1);

    if (answer.says == SETTLE_DONE)
        (void)reply_read_integer(second, &answer.positions);
    if (answer.says == SETTLE_ENDS && !read_outcome(second, &answer.outcome))
        answer.says = SETTLE_REFUSED;
    if (answer.says == SETTLE_GONE && !reply_copy_text(second, answer.what, sizeof answer.what))
        answer.what[0] = '\0';
    if (answer.says == SETTLE_REFUSED) {
        const char *fault = intent_keys_fault(reply);
        answer.says = fault ? SETTLE_FAULTY : SETTLE_REFUSED;
        (void)snprintf(answer.what, sizeof answer.what, "%s",
                       fault ? fault : reply_complaint(reply));
    }
    *ret_answer = answer;
}
