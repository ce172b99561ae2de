/* SPDX-License-Identifier: MIT */
#include "router/act/cycle.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/redis/reply.h"
#include "router/act/fact.h"

static void commit(struct cycle *cycle);
static void look(struct cycle *cycle);
static void send_look(struct cycle *cycle);

static void set_state(struct cycle *cycle, enum cycle_state state)
{
    static const bool allowed[][CYCLE_UNSETTLED + 1] = {
        [CYCLE_IDLE] = {[CYCLE_LOOKING] = true},
        [CYCLE_LOOKING] = {[CYCLE_COMMITTING] = true, [CYCLE_IDLE] = true},
        [CYCLE_COMMITTING] =
            {[CYCLE_LOOKING] = true, [CYCLE_IDLE] = true, [CYCLE_UNSETTLED] = true},
        [CYCLE_UNSETTLED] = {[CYCLE_IDLE] = true},
    };

    assert(allowed[cycle->state][state]);
    cycle->state = state;
}

static void forget_decision(struct cycle *cycle)
{
    snapshot_release(&cycle->snapshot);
    plan_release(&cycle->plan);
}

/* Where another one commits, that one's records tell of this window's entries. */
static void note_quiet(struct cycle *cycle, enum cycle_end how)
{
    if (how == CYCLE_DONE && cycle->plan.count == 0)
        recorder_quiet(&cycle->recorder, QUIET_EMPTY);
    if (how == CYCLE_GAVE_UP)
        recorder_quiet(&cycle->recorder, QUIET_GAVE_UP);
    if (how == CYCLE_REFUSED)
        recorder_quiet(&cycle->recorder, QUIET_REFUSED);
}

static void end_cycle(struct cycle *cycle, enum cycle_end how, const char *what)
{
    note_quiet(cycle, how);
    set_state(cycle, CYCLE_IDLE);
    cycle->events->ended(cycle->owner, how, what);
}

static void decide_again(struct cycle *cycle, const char *what)
{
    if (cycle->attempts >= ROUTER_ATTEMPTS_MAX) {
        end_cycle(cycle, CYCLE_GAVE_UP, what);
        return;
    }
    forget_decision(cycle);
    set_state(cycle, CYCLE_LOOKING);
    look(cycle);
}

/* Somebody else led in between: what we know of the last commit is too old. */
static void fenced(struct cycle *cycle, const char *what)
{
    past_forget(&cycle->session->past);
    end_cycle(cycle, CYCLE_FENCED, what);
}

static void note_committed(struct cycle *cycle)
{
    past_confirmed(&cycle->session->past);
    history_committed(&cycle->history, cycle->snapshot.sequence + 1, (int64_t)cycle->plan.chosen);
}

static void note_record(struct cycle *cycle, const struct commit_answer *answer)
{
    cycle->record_id[0] = '\0';
    if (answer->record <= RECORDED_ALONE)
        stream_id_print(answer->record_id, cycle->record_id);
    recorder_committed(&cycle->recorder, answer, cycle->intent_ids);
}

static void on_committed(void *data, const redisReply *reply)
{
    struct cycle *cycle = data;
    struct commit_answer answer;

    if (cycle->state != CYCLE_COMMITTING)
        return;
    if (recorder_is_refused(&cycle->recorder, reply)) {
        commit(cycle);
        return;
    }
    commit_read(reply, &answer, &cycle->intent_ids);
    router_tell(
        cycle->observer,
        (struct router_fact){
            FACT_COMMITTED,
            .committed = {answer.outcome, (double)(uv_hrtime() - cycle->sent_at_ns) / 1e9}});
    switch (answer.outcome) {
    case COMMIT_DONE:
        note_record(cycle, &answer);
        note_committed(cycle);
        end_cycle(cycle, CYCLE_DONE, "");
        break;
    case COMMIT_MOVED:
        decide_again(cycle, answer.what);
        break;
    case COMMIT_FENCED:
        fenced(cycle, answer.what);
        break;
    case COMMIT_BLOCKED:
        end_cycle(cycle, CYCLE_REFUSED, answer.what);
        break;
    case COMMIT_UNKNOWN: /* cycle_lose() follows */
        break;
    }
}

static void commit(struct cycle *cycle)
{
    struct session *session = cycle->session;
    struct commit made_from = {
        .script = &session->commit,
        .settings = cycle->settings,
        .snapshot = &cycle->snapshot,
        .window = &cycle->window,
        .plan = &cycle->plan,
        .cycle_id = cycle->cycle_id,
        .lease = session->lease.value,
    };
    struct command command;

    (void)snprintf(cycle->cycle_id, sizeof cycle->cycle_id, "%s-%llu", session->lease.epoch,
                   (unsigned long long)cycle->snapshot.sequence + 1);
    past_sent(&session->past, cycle->cycle_id);
    recorder_begin(&cycle->recorder, &made_from);
    commit_command(&made_from, &command);
    if (cycle->state != CYCLE_COMMITTING)
        set_state(cycle, CYCLE_COMMITTING);
    cycle->sent_at_ns = uv_hrtime();
    /* Where it cannot be sent, the connection is going, and cycle_lose() follows. */
    (void)!script_call(&session->commit, session->links.worker, &command,
                       (uint64_t)cycle->settings->commit_timeout_ms, on_committed, cycle);
    link_flush(session->links.worker);
}

/* What was dropped and is ACKed by now counts in this cycle, and in its record. */
static void take_drops(struct cycle *cycle)
{
    struct tally drops;

    acks_take_settled(cycle->acks, FATE_COUNT, drops.of);
    tally_add(&cycle->drops, &drops);
    tally_add(&cycle->recorder.unrecorded.drops, &drops);
}

static void decide(struct cycle *cycle)
{
    take_drops(cycle);
    history_see(&cycle->history, &cycle->snapshot);
    plan_hold_back(&cycle->held_back, &cycle->window, &cycle->snapshot,
                   cycle->settings->plan.max_age_ms);
    plan_make(&cycle->settings->plan, &cycle->snapshot, &cycle->window, &cycle->plan);
    if (cycle->window.count > 0)
        commit(cycle);
    else
        end_cycle(cycle, CYCLE_DONE, "");
}

static void on_reason(void *data, const redisReply *reply)
{
    struct cycle *cycle = data;

    if (!reply || cycle->state != CYCLE_LOOKING)
        return;
    router_look_read_reason(reply, &cycle->snapshot);
    decide(cycle);
}

static void ask_reason(struct cycle *cycle)
{
    struct link *worker = cycle->session->links.worker;
    struct command command = {0};

    router_look_reason_command(&cycle->settings->keys, &command);
    /* Where it cannot be sent, the connection is going, and cycle_lose() follows. */
    (void)!link_send(worker, &command, link_reply_timeout_ms(worker), on_reason, cycle);
    command_free(&command);
    link_flush(worker);
}

/* Where Redis forbids the look with what is held, it is asked for the rest. What it forbids then is
 * something else. */
static bool looks_again(struct cycle *cycle, const redisReply *looked)
{
    if (!reply_is_error_code(looked, "NOPERM"))
        return false;
    cycle->scope = cycle->scope == LOOK_ALL ? LOOK_WITHOUT_HELD : LOOK_ALL;
    if (cycle->scope == LOOK_ALL)
        return false;
    send_look(cycle);
    return true;
}

static bool asks_beside(const struct cycle *cycle)
{
    return cycle->scope == LOOK_ALL && cycle->held_fits;
}

/* What is held is asked for where it is known to be bounded: of more, Redis would draw lots, which
 * takes it a tenth of a second. So the first look of a session counts, and one after there were too
 * many; if it finds something that fits, it is followed by another. */
static bool looks_beside_now(struct cycle *cycle, const redisReply *looked)
{
    bool asked = asks_beside(cycle);
    size_t count;

    if (cycle->scope != LOOK_ALL)
        return false;
    cycle->held_fits = router_look_count_held(looked, &count);
    if (asked || count == 0)
        return false;
    send_look(cycle);
    return true;
}

static void on_seen(void *data, const redisReply *reply)
{
    struct cycle *cycle = data;
    bool are_two = asks_beside(cycle) && reply_is_array(reply, 2);
    const redisReply *looked = are_two ? reply_element(reply, 0) : reply;

    if (!reply || cycle->state != CYCLE_LOOKING || looks_again(cycle, looked) ||
        looks_beside_now(cycle, looked))
        return;
    if (!router_look_read(looked, cycle->window.count, &cycle->snapshot)) {
        end_cycle(cycle, CYCLE_REFUSED, reply_complaint(looked));
        return;
    }
    router_look_read_held(looked, are_two ? reply_element(reply, 1) : NULL, &cycle->window,
                          &cycle->snapshot);
    redis_clock_set(cycle->clock, cycle->snapshot.now_ms);
    if (strcmp(cycle->snapshot.epoch, cycle->session->lease.epoch) != 0) {
        fenced(cycle, "epoch");
        return;
    }
    past_heard(&cycle->session->past, cycle->snapshot.asked_ms, cycle->snapshot.now_ms);
    if (cycle->snapshot.safe_mode && cycle->snapshot.halt_number == 0)
        ask_reason(cycle);
    else
        decide(cycle);
}

static void look(struct cycle *cycle)
{
    cycle->attempts++;
    send_look(cycle);
}

static void send_look(struct cycle *cycle)
{
    struct session *session = cycle->session;
    struct command command, beside = {0};

    router_look_command(&session->look, cycle->settings, &cycle->window,
                        redis_clock_now(cycle->clock), cycle->scope, &command);
    if (asks_beside(cycle))
        router_look_beside(&cycle->settings->keys, &beside);
    (void)!script_call_beside(&session->look, session->links.worker, &command, &beside,
                              link_reply_timeout_ms(session->links.worker), on_seen, cycle);
    link_flush(session->links.worker);
}

void cycle_begin(struct cycle *cycle, struct window *window)
{
    assert(cycle->state == CYCLE_IDLE && cycle->window.count == 0);
    cycle->attempts = 0;
    window_absorb(&cycle->window, window);
    window_absorb(&cycle->window, &cycle->held_back);
    window_rank(&cycle->window);
    set_state(cycle, CYCLE_LOOKING);
    look(cycle);
    recorder_expect(&cycle->recorder, &cycle->window);
}

void cycle_clear(struct cycle *cycle)
{
    forget_decision(cycle);
    window_clear(&cycle->window);
    free(cycle->intent_ids);
    cycle->intent_ids = NULL;
    cycle->record_id[0] = '\0';
    cycle->state = CYCLE_IDLE;
}

void cycle_give_back(struct cycle *cycle, struct window *window)
{
    window_absorb(window, &cycle->window);
    window_absorb(window, &cycle->held_back);
    cycle_clear(cycle);
}

void cycle_lose(struct cycle *cycle)
{
    window_clear(&cycle->held_back);
    cycle->scope = LOOK_ALL;
    cycle->held_fits = false;
    if (cycle->state == CYCLE_COMMITTING)
        set_state(cycle, CYCLE_UNSETTLED);
    else if (cycle->state != CYCLE_UNSETTLED)
        cycle_clear(cycle);
}

/* Only the last commit is known. Where it is the one before ours or another in our place,
 * ours did not run; where it is a later one, ours may have run before it. */
static enum cycle_outcome ask_last_commit(const struct cycle *cycle, const struct last_commit *last)
{
    uint64_t seen = cycle->snapshot.sequence;

    if (strcmp(cycle->cycle_id, last->cycle_id) == 0)
        return CYCLE_DID_RUN;
    if (!last->fresh && (last->sequence == seen || last->sequence == seen + 1))
        return CYCLE_DID_NOT_RUN;
    return CYCLE_UNTOLD;
}

/* The ids live as long as the call. */
static void settle_as_run(struct cycle *cycle, const char *intent_ids, const char *record_id)
{
    cycle->intent_ids = memory_text(intent_ids);
    (void)snprintf(cycle->record_id, sizeof cycle->record_id, "%s", record_id);
    recorder_settled(&cycle->recorder, record_id);
    note_committed(cycle);
}

enum cycle_outcome cycle_settle(struct cycle *cycle, const struct last_commit *last)
{
    enum cycle_outcome outcome = ask_last_commit(cycle, last);

    assert(cycle->state == CYCLE_UNSETTLED);
    if (outcome == CYCLE_DID_RUN)
        settle_as_run(cycle, last->intent_ids, last->record_id);
    if (outcome != CYCLE_UNTOLD)
        set_state(cycle, CYCLE_IDLE);
    return outcome;
}

static void settle_by_record(struct cycle *cycle, const struct entry *record)
{
    const struct entry_field *field = entry_find(record, record_field_name(RECORD_INTENTS));
    char *ids = field ? memory_bytes(field->value, field->value_length) : memory_text("");
    char record_id[STREAM_ID_TEXT_MAX];

    stream_id_print(record->id, record_id);
    settle_as_run(cycle, ids, record_id);
    free(ids);
}

static void on_found(void *owner, enum record_found found, const struct entry *record)
{
    static const enum cycle_outcome outcomes[] = {[RECORD_FOUND] = CYCLE_DID_RUN,
                                                  [RECORD_OF_ANOTHER] = CYCLE_DID_NOT_RUN,
                                                  [RECORD_NOT_THERE] = CYCLE_UNTOLD};
    struct cycle *cycle = owner;

    if (cycle->state != CYCLE_UNSETTLED)
        return;
    if (found == RECORD_FOUND)
        settle_by_record(cycle, record);
    set_state(cycle, CYCLE_IDLE);
    cycle->events->settled(cycle->owner, outcomes[found]);
}

bool cycle_ask_records(struct cycle *cycle, bool is_fresh)
{
    const struct record_search search = {
        .cycle_id = cycle->cycle_id,
        .sequence = is_fresh ? 0 : cycle->snapshot.sequence + 1,
        .found = on_found,
        .owner = cycle,
    };

    assert(cycle->state == CYCLE_UNSETTLED);
    if (recorder_search(&cycle->recorder, &search))
        return true;
    set_state(cycle, CYCLE_IDLE);
    return false;
}
