/* SPDX-License-Identifier: MIT */
#include "executor/act/office.h"

#include "common/redis/acks.h"
#include "common/redis/group_reader.h"
#include "executor/act/executor_fact.h"
#include "executor/act/scripts.h"

void office_init(struct office *office)
{
    static const char *const sources[EXECUTOR_SCRIPTS] = {
        [SCRIPT_ARRIVE] = arrive_lua,   [SCRIPT_LOOK] = look_lua,
        [SCRIPT_BEGIN] = begin_lua,     [SCRIPT_FAIL] = fail_lua,
        [SCRIPT_OPEN] = open_lua,       [SCRIPT_CLOSE] = close_lua,
        [SCRIPT_DECLINE] = decline_lua, [SCRIPT_PAPER_EXIT] = paper_exit_lua,
        [SCRIPT_HOLD] = hold_lua,       [SCRIPT_STATE_DOUBT] = state_doubt_lua,
        [SCRIPT_ANSWER] = answer_lua,   [SCRIPT_ACK] = ack_lua,
        [SCRIPT_PENDING] = pending_lua,
    };

    for (size_t i = 0; i < EXECUTOR_SCRIPTS; i++) {
        office->scripts[i] = (struct script){.source = sources[i]};
        office->to_load[i] = &office->scripts[i];
    }
}

void office_command(const struct office *office, enum executor_script script, size_t key_count,
                    struct command *ret_command)
{
    script_command(&office->scripts[script], key_count, ret_command);
}

bool office_call(struct office *office, enum executor_script script, struct command *command,
                 link_reply_fn *on_reply, void *data)
{
    return script_call(&office->scripts[script], office->link, command,
                       link_reply_timeout_ms(office->link), on_reply, data) == 0;
}

bool office_ask(struct office *office, struct command *command, link_reply_fn *on_reply, void *data)
{
    bool is_sent =
        link_send(office->link, command, link_reply_timeout_ms(office->link), on_reply, data) == 0;

    command_free(command);
    return is_sent;
}

void office_refuse(struct office *office, bool *is_refused, const char *complaint)
{
    *is_refused = true;
    office->refused(office->owner, complaint);
}

void office_accept(struct office *office, bool *is_refused)
{
    if (*is_refused)
        executor_tell(office->observer, (struct executor_fact){.kind = FACT_ACCEPTED});
    *is_refused = false;
}
