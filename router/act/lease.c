/* SPDX-License-Identifier: MIT */
/*
 * What the lease is for, and what it is not.
 *
 * The lease is liveness. It sees to it that one router works and the others rest, and that a dead
 * one is replaced within the lease's life. It cannot see to it that two never work at once: a
 * holder that is stopped for longer than the lease lives, by SIGSTOP, by swap, by a switch that
 * holds its packets, wakes up and believes what it knew before. No clock helps: between looking at
 * it and the arrival of the commit any time can pass.
 *
 * The fence is safety. The one who takes the lease writes a new random epoch into the commit hash
 * in the same script, and each commit names the epoch, the sequence and the lease that it was
 * decided under. The commit script compares all three in the moment in which it writes. So a late
 * commit, from a lost connection, a stopped process or another router, finds another epoch and is
 * refused; and because the epoch is raised before the pending entries are read, what that commit
 * would have published is decided again, by one router, once.
 *
 * What remains for our own clock is courtesy: at two thirds of the life that the last renewal gave,
 * counted from when it was sent, a holder that has heard nothing stops by itself and does not go on
 * to collect refusals.
 */
#include "router/act/lease.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "common/redis/clock.h"
#include "common/redis/reply.h"
#include "router/act/scripts.h"

static void on_timer(uv_timer_t *timer);

static void start_timer(struct lease *lease, uint64_t delay_ms)
{
    uv_update_time(lease->timer.loop);
    (void)uv_timer_start(&lease->timer, on_timer, delay_ms, 0);
}

static uint64_t life_ms(const struct lease *lease)
{
    return (uint64_t)lease->settings->lease_ms;
}

static uint64_t pause_ms(const struct lease *lease)
{
    return (uint64_t)lease->settings->lease_renew_ms;
}

/* A lease that was given back is to be noticed within a window, however short. */
static uint64_t asking_ms(const struct lease *lease)
{
    enum { SHORTEST_MS = 50 };
    uint64_t window_ms = lease->settings->window_ms / 2;

    if (window_ms < SHORTEST_MS)
        window_ms = SHORTEST_MS;
    return window_ms < pause_ms(lease) ? window_ms : pause_ms(lease);
}

static void hold(struct lease *lease)
{
    lease->good_until_ms = lease->sent_ms + life_ms(lease) * 2 / 3;
    lease->past->held_until_ms = lease->sent_ms + life_ms(lease);
    lease->sent_ms = 0;
}

static void lose(struct lease *lease, const char *why)
{
    lease_forget(lease);
    lease->events->lost(lease->owner, why);
}

static void on_taken(struct lease *lease, const redisReply *reply)
{
    memcpy(lease->value, lease->asking, sizeof lease->value);
    lease->state = LEASE_HELD;
    hold(lease);
    start_timer(lease, pause_ms(lease));
    lease->events->taken(lease->owner, reply);
}

/* A renewal is another text. One that stands still for as long as it lives is a dead holder's, even
 * where the key still lives, because Redis' clock was set back. */
static void watch(struct lease *lease, const redisReply *seen, int64_t left_ms)
{
    if (reply_is_text(seen, lease->seen))
        return;
    if (!reply_copy_text(seen, lease->seen, sizeof lease->seen) || left_ms < 0)
        lease->seen[0] = '\0';
    lease->seen_until_ms = monotonic_ms() + (uint64_t)(left_ms > 0 ? left_ms : 0);
}

static const char *found_dead(const struct lease *lease)
{
    return monotonic_ms() > lease->seen_until_ms ? lease->seen : "";
}

/* Asks again when it may have run out, and now and then before: its holder may have given it back.
 */
static void on_held(struct lease *lease, const redisReply *reply)
{
    char holder[LEASE_VALUE_MAX] = "somebody";
    int64_t left_ms = -1;

    past_forget(lease->past);
    (void)reply_copy_text(reply_element(reply, 1), holder, sizeof holder);
    (void)reply_read_integer(reply_element(reply, 2), &left_ms);
    watch(lease, reply_element(reply, 3), left_ms);
    uint64_t delay_ms = asking_ms(lease);
    if (left_ms >= 0 && (uint64_t)left_ms < delay_ms)
        delay_ms = (uint64_t)left_ms + 1;
    start_timer(lease, delay_ms);
    lease->sent_ms = 0;
    lease->events->elsewhere(lease->owner, holder);
}

static void on_answer(void *data, const redisReply *reply)
{
    struct lease *lease = data;

    if (!reply || lease->state != LEASE_WAITING)
        return;
    lease->asked_before = true;
    if (reply_is_text(reply_element(reply, 0), "taken"))
        on_taken(lease, reply);
    else if (reply_is_text(reply_element(reply, 0), "held"))
        on_held(lease, reply);
    else
        lease->events->failed(lease->owner, reply_complaint(reply));
}

static void ask(struct lease *lease)
{
    const struct router_settings *settings = lease->settings;
    char token[TOKEN_MAX], last[PAST_LAST_MAX];
    struct command command;

    token_draw(token);
    token_draw(lease->epoch);
    (void)snprintf(lease->asking, sizeof lease->asking, "%s:%s", settings->instance, token);
    script_command(&lease->take, 3, &command);
    command_add_all(&command, settings->keys.leader, settings->keys.commit, settings->keys.signals,
                    lease->asking, NULL);
    command_add_int(&command, settings->lease_ms);
    command_add_all(&command, lease->value, lease->epoch, NULL);
    if (lease->asked_before)
        command_add(&command, "");
    else
        command_add_format(&command, "%s:", settings->instance);
    past_last(lease->past, monotonic_ms(), last);
    command_add_all(&command, settings->keys.group, settings->keys.consumer, found_dead(lease),
                    last, NULL);
    lease->sent_ms = monotonic_ms();
    (void)!script_call(&lease->take, lease->link, &command, link_reply_timeout_ms(lease->link),
                       on_answer, lease);
}

static void on_renewed(void *data, const redisReply *reply)
{
    struct lease *lease = data;
    char why[LEASE_VALUE_MAX + 32];
    struct reply_text holder;

    if (!reply || lease->state != LEASE_HELD)
        return;
    if (!reply_read_text(reply, &holder)) {
        lease->sent_ms = 0; /* an error: the next renewal may go through, or the lease runs out */
        return;
    }
    if (holder.length == 0) {
        hold(lease);
        return;
    }
    if (!reply_is_text(reply, "nobody"))
        past_forget(lease->past);
    (void)snprintf(why, sizeof why, "%.*s holds it now", (int)holder.length, holder.bytes);
    lose(lease, why);
}

static void renew(struct lease *lease)
{
    struct command command;

    script_command(&lease->renew, 2, &command);
    command_add_all(&command, lease->settings->keys.leader, lease->settings->keys.commit,
                    lease->value, NULL);
    command_add_int(&command, lease->settings->lease_ms);
    lease->sent_ms = monotonic_ms();
    (void)!script_call(&lease->renew, lease->link, &command, link_reply_timeout_ms(lease->link),
                       on_renewed, lease);
}

static void on_timer(uv_timer_t *timer)
{
    struct lease *lease = timer->data;

    if (lease->state == LEASE_WAITING) {
        ask(lease);
    } else if (!lease_is_good(lease)) {
        lose(lease, "it could not be renewed in time");
    } else {
        if (lease->sent_ms == 0)
            renew(lease);
        uint64_t left_ms = lease->good_until_ms - monotonic_ms();
        start_timer(lease, left_ms < pause_ms(lease) ? left_ms + 1 : pause_ms(lease));
    }
}

void lease_init(struct lease *lease, uv_loop_t *loop, const struct router_settings *settings,
                struct link *link, struct past *past, const struct lease_events *events,
                void *owner)
{
    *lease = (struct lease){
        .settings = settings,
        .events = events,
        .owner = owner,
        .link = link,
        .past = past,
        .take = {.source = lease_take_lua},
        .renew = {.source = lease_renew_lua},
        .release = {.source = lease_release_lua},
    };
    (void)uv_timer_init(loop, &lease->timer);
    lease->timer.data = lease;
}

void lease_ask(struct lease *lease)
{
    assert(lease->state == LEASE_NONE);
    lease->state = LEASE_WAITING;
    ask(lease);
}

void lease_forget(struct lease *lease)
{
    lease->state = LEASE_NONE;
    lease->sent_ms = 0;
    (void)uv_timer_stop(&lease->timer);
}

bool lease_is_good(const struct lease *lease)
{
    return lease->state == LEASE_HELD && monotonic_ms() < lease->good_until_ms;
}

static void on_released(void *data, const redisReply *reply)
{
    const struct lease *lease = data;

    if (reply)
        lease->events->released(lease->owner);
}

void lease_release(struct lease *lease)
{
    struct command command;

    assert(lease->state == LEASE_HELD);
    lease_forget(lease);
    script_command(&lease->release, 2, &command);
    command_add_all(&command, lease->settings->keys.leader, lease->settings->keys.commit,
                    lease->value, NULL);
    (void)!script_call(&lease->release, lease->link, &command, link_reply_timeout_ms(lease->link),
                       on_released, lease);
    link_flush(lease->link);
}

void lease_close(struct lease *lease)
{
    lease_forget(lease);
    uv_close((uv_handle_t *)&lease->timer, NULL);
}
