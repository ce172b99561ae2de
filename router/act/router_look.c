/* SPDX-License-Identifier: MIT */
#include "router/act/router_look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/calendar.h"
#include "common/base/memory.h"
#include "common/base/number.h"
#include "common/redis/clock.h"
#include "common/redis/reply.h"
#include "common/redis/seen.h"
#include "common/trade/order.h"
#include "router/decide/notes.h"

/* What snapshot.lua returns, in its order. */
enum {
    TIME,
    MICROSECONDS,
    OPEN_ORDERS,
    SAFE_MODE,
    SAFE_TTL,
    EPOCH,
    SEQUENCE,
    MARKS,
    COOLDOWNS,
    IN_FLIGHT,
    TRADES,
    KEPT_SEEN,
    KEPT_SINCE,
    SUPERS,
    RESUMED,
    DAY_COUNTS,
    MINUTE_COUNTS,
    UNSURE_SINCE,
    ASKED,
    SILENCE,
    HALT_NUMBER,
    HELD,
    FLYING,
    INTENTS_END,
    ELEMENTS,
};

static void add_cooldowns(struct command *command, const struct router_settings *settings,
                          const struct window *window)
{
    if (settings->cooldown_sec == 0)
        return;
    for (size_t i = 0; i < window->count; i++)
        command_add_format(command, "%s%s", settings->keys.cooldown,
                           window->candidates[i].signal->symbol);
}

void router_look_command(const struct script *script, const struct router_settings *settings,
                         const struct window *window, int64_t now_ms, enum look_scope scope,
                         struct command *ret_command)
{
    enum { KEYS_BEFORE_HELD = 5 };
    static const char *const asked[] = {
        [LOOK_ALL] = "hash", [LOOK_WITHOUT_HELD] = "flight", [LOOK_MARKS] = ""};
    const struct keys *keys = &settings->keys;
    size_t cooldowns = settings->cooldown_sec > 0 ? window->count : 0;
    size_t names_held = scope == LOOK_ALL ? 1 : 0;
    char day[CALENDAR_DAY_MAX];

    calendar_day(now_ms, day);
    script_command(script,
                   KEYS_BEFORE_HELD + names_held + window->count + cooldowns +
                       settings->halts.also.count,
                   ret_command);
    command_add_all(ret_command, keys->open_orders, keys->safe_mode, keys->commit, keys->intents,
                    NULL);
    command_add_format(ret_command, "%s%s", keys->daily_trades, day);
    if (names_held)
        command_add(ret_command, keys->held);
    for (size_t i = 0; i < window->count; i++)
        command_add_format(ret_command, "%s%s", keys->dedup,
                           window->candidates[i].signal->decision_id);
    add_cooldowns(ret_command, settings, window);
    halts_add_keys(&settings->halts, ret_command);
    command_add_int(ret_command, SNAPSHOT_TEXT_MAX - 1);
    command_add_int(ret_command, (int64_t)window->count);
    command_add(ret_command, keys->in_flight_group);
    command_add_int(ret_command, settings->in_flight_max_age_sec * 1000);
    command_add_int(ret_command, settings->plan.capacity.max_open + 1);
    command_add_int(ret_command, SAFE_TEXT_MAX - 1);
    command_add_int(ret_command, settings->in_flight_idle_ms);
    halts_add_words(&settings->halts, ret_command);
    command_add(ret_command, asked[scope]);
    command_add_int(ret_command, HELD_SYMBOLS_MAX);
}

/* HGETALL, if it knew a bound: where there are no more, HRANDFIELD tells of all in their order. */
void router_look_beside(const struct keys *keys, struct command *ret_command)
{
    command_add_all(ret_command, "HRANDFIELD", keys->held, NULL);
    command_add_int(ret_command, HELD_SYMBOLS_MAX);
    command_add(ret_command, "WITHVALUES");
}

void router_look_reason_command(const struct keys *keys, struct command *ret_command)
{
    command_add(ret_command, "GETRANGE");
    command_add_format(ret_command, "%s" HALTS_REASON, keys->safe_mode);
    command_add(ret_command, "0");
    command_add_int(ret_command, SAFE_TEXT_MAX - 1);
}

static void copy(const char *bytes, size_t length, size_t most, char *ret_text)
{
    if (length > most)
        length = most;
    memcpy(ret_text, bytes, length);
    ret_text[length] = '\0';
}

/* The text, or "(list)"; `most` bytes of it and a NUL. */
static void show(const struct seen *seen, size_t most, char *ret_text)
{
    if (seen->kind == SEEN_OTHER_TYPE)
        (void)snprintf(ret_text, most + 1, "(%.*s)", (int)seen->text.length, seen->text.bytes);
    else
        copy(seen->text.bytes, seen->text.length, most, ret_text);
}

static bool read_open(const redisReply *reply, struct snapshot *snapshot)
{
    struct reply_text said;
    struct seen seen;

    if (!seen_read(reply, &seen) || !reply_read_text(reply, &said) ||
        said.length >= sizeof snapshot->open_seen)
        return false;
    memcpy(snapshot->open_seen, said.bytes, said.length);
    snapshot->open_seen_length = said.length;
    show(&seen, SNAPSHOT_TEXT_MAX, snapshot->open_text);
    if (seen.kind == SEEN_TEXT)
        snapshot->capacity.open = open_orders_read(seen.text.bytes, seen.text.length);
    else
        snapshot->capacity.open.kind =
            seen.kind == SEEN_MISSING ? OPEN_ORDERS_MISSING : OPEN_ORDERS_UNPARSEABLE;
    return true;
}

static bool read_safe_mode(const redisReply *reply, struct snapshot *snapshot)
{
    struct seen seen;

    if (!seen_read(reply_element(reply, SAFE_MODE), &seen) ||
        !reply_read_integer(reply_element(reply, SAFE_TTL), &snapshot->safe_ttl_sec) ||
        !reply_read_integer(reply_element(reply, HALT_NUMBER), &snapshot->halt_number))
        return false;
    snapshot->safe_mode = seen.kind != SEEN_MISSING;
    show(&seen, SAFE_TEXT_MAX, snapshot->safe_text);
    return true;
}

void router_look_read_reason(const redisReply *reply, struct snapshot *snapshot)
{
    struct reply_text reason = {"", 0};

    (void)reply_read_text(reply, &reason);
    copy(reason.bytes, reason.length, SAFE_TEXT_MAX, snapshot->safe_reason);
}

/* No sequence, or a malformed one, is none: the commit will refuse it. */
static void read_fence(const redisReply *reply, struct snapshot *snapshot)
{
    int64_t sequence = 0;

    (void)reply_copy_text(reply_element(reply, EPOCH), snapshot->epoch, sizeof snapshot->epoch);
    if (reply_read_integer(reply_element(reply, SEQUENCE), &sequence) && sequence >= 0)
        snapshot->sequence = (uint64_t)sequence;
}

/* As many '0' and '1' as were asked for, or none where nothing was asked: then all are '0'. */
static bool read_flags(const redisReply *reply, size_t count, char **ret_flags)
{
    struct reply_text flags;

    if (!reply_read_text(reply, &flags) || (flags.length != count && flags.length != 0))
        return false;
    if (flags.length == count) {
        *ret_flags = memory_bytes(flags.bytes, flags.length);
        return true;
    }
    *ret_flags = memory_new(count + 1);
    memset(*ret_flags, '0', count);
    return true;
}

/* A malformed counter or note counts as 0: the commit checks the counter, and a note is our own.
 * Beyond what a double holds neither can be sound, and sums with it could overflow. */
static int64_t kept_count(const redisReply *reply)
{
    static const int64_t exact_max = INT64_C(1) << 53;
    int64_t count;

    return reply_read_integer(reply, &count) && count >= 0 && count <= exact_max ? count : 0;
}

/* Where the clock was set back across midnight, today's counter may be gone, and the one that
 * counted just now is tomorrow's: the limit does not begin again by that. */
static int64_t published_today(const redisReply *reply, const struct snapshot *snapshot)
{
    static const int64_t day_ms = INT64_C(86400000);
    int64_t count = kept_count(reply_element(reply, TRADES));

    for (int ahead = 0; ahead <= 1; ahead++) {
        char day[CALENDAR_DAY_MAX];
        calendar_day(snapshot->now_ms + ahead * day_ms, day);
        int64_t noted = notes_day(snapshot->day_counts, day);
        count = noted > count ? noted : count;
    }
    return count;
}

/* None where it lacks; the caller frees it. */
static char *copy_note(const redisReply *reply)
{
    struct reply_text note = {"", 0};

    (void)reply_read_text(reply, &note);
    return memory_bytes(note.bytes, note.length);
}

static void read_kept(const redisReply *reply, struct snapshot *snapshot)
{
    snapshot->super_times = copy_note(reply_element(reply, SUPERS));
    snapshot->day_counts = copy_note(reply_element(reply, DAY_COUNTS));
    snapshot->minute_counts = copy_note(reply_element(reply, MINUTE_COUNTS));
    snapshot->capacity.published_today = published_today(reply, snapshot);
    snapshot->capacity.published_minute = notes_minute(snapshot->minute_counts, snapshot->now_ms);
    snapshot->kept_published_since = kept_count(reply_element(reply, KEPT_SINCE));
    snapshot->unsure_since_ms = kept_count(reply_element(reply, UNSURE_SINCE));
    snapshot->asked_ms = kept_count(reply_element(reply, ASKED));
    (void)reply_copy_text(reply_element(reply, KEPT_SEEN), snapshot->kept_seen,
                          sizeof snapshot->kept_seen);
    (void)reply_copy_text(reply_element(reply, RESUMED), snapshot->resumed,
                          sizeof snapshot->resumed);
}

static void hold_nothing(struct snapshot *snapshot, size_t candidates)
{
    snapshot->held = memory_new(candidates + 1);
    memset(snapshot->held, HELD_NOT, candidates);
    snapshot->held_values = memory_array(candidates, sizeof *snapshot->held_values);
}

bool router_look_read(const redisReply *reply, size_t candidates, struct snapshot *ret_snapshot)
{
    struct snapshot snapshot = {0};

    if (!reply_is_array(reply, ELEMENTS) || !redis_clock_read(reply, TIME, &snapshot.now_ms) ||
        !read_open(reply_element(reply, OPEN_ORDERS), &snapshot) ||
        !read_safe_mode(reply, &snapshot) ||
        !reply_read_integer(reply_element(reply, IN_FLIGHT), &snapshot.capacity.in_flight) ||
        !reply_read_integer(reply_element(reply, SILENCE), &snapshot.group_silent_ms) ||
        !reply_read_stream_id(reply_element(reply, INTENTS_END), &snapshot.intents_end))
        return false;
    if (!read_flags(reply_element(reply, MARKS), candidates, &snapshot.marked) ||
        !read_flags(reply_element(reply, COOLDOWNS), candidates, &snapshot.cooling)) {
        snapshot_release(&snapshot);
        return false;
    }
    hold_nothing(&snapshot, candidates);
    read_fence(reply, &snapshot);
    read_kept(reply, &snapshot);
    *ret_snapshot = snapshot;
    return true;
}

/* --- what is held and in flight */

/* What is no text leaves an empty field, which is no symbol. */
static struct held_field *read_fields(const redisReply *fields, size_t *ret_count)
{
    struct held_field *held = memory_array(fields->elements / 2, sizeof *held);

    for (size_t i = 0; i < fields->elements / 2; i++) {
        struct reply_text name = {"", 0}, value = {"", 0};
        (void)reply_read_text(fields->element[2 * i], &name);
        (void)reply_read_text(fields->element[2 * i + 1], &value);
        held[i] = (struct held_field){name.bytes, value.bytes, name.length, value.length};
    }
    *ret_count = fields->elements / 2;
    return held;
}

/* `type` gets a copy. */
static void read_kind(const redisReply *reply, size_t type_size, char *ret_type,
                      struct holdings_seen *seen)
{
    static const enum holdings_state states[] = {[SEEN_MISSING] = HOLDINGS_MISSING,
                                                 [SEEN_OTHER_TYPE] = HOLDINGS_WRONG_TYPE,
                                                 [SEEN_TEXT] = HOLDINGS_KNOWN};
    struct seen said = {.text = {"", 0}};

    if (seen_read(reply, &said))
        seen->state = states[said.kind];
    else if (reply_is_text(reply, "too many"))
        seen->state = HOLDINGS_TOO_MANY;
    else
        seen->state = reply_is_text(reply, "too large") ? HOLDINGS_TOO_LARGE : HOLDINGS_FORBIDDEN;
    copy(said.text.bytes, said.text.length, type_size - 1, ret_type);
}

bool router_look_count_held(const redisReply *reply, size_t *ret_count)
{
    const redisReply *held = reply_element(reply, HELD);
    struct seen said = {.text = {"", 0}};
    int64_t count;

    *ret_count = 0;
    if (seen_read(held, &said) && said.kind == SEEN_TEXT &&
        number_read_integer(said.text.bytes, said.text.length, &count) && count > 0)
        *ret_count = (size_t)count;
    return held && !reply_is_text(held, "too many") && !reply_is_text(held, "too large");
}

static struct held_field *read_hash(const redisReply *beside, struct holdings_seen *seen)
{
    struct held_field *fields = NULL;

    if (seen->state != HOLDINGS_KNOWN)
        return NULL;
    if (reply_is_array(beside, 1))
        seen->fields = fields = read_fields(beside, &seen->field_count);
    else
        seen->state = HOLDINGS_FORBIDDEN;
    return fields;
}

/* An order that breaks a rule may be opened by somebody who is less strict, as long as it says
 * which symbol, and which way. */
static bool is_opening(const struct order *order)
{
    return order->symbol[0] && !order->has_no_action && !order->closes;
}

static struct opening *read_openings(const redisReply *flying, size_t *ret_count)
{
    struct opening *openings = memory_array(flying->elements, sizeof *openings);
    struct entry entry;
    struct order order;

    *ret_count = 0;
    for (size_t i = 0; i < flying->elements; i++) {
        if (!reply_read_entry(flying->element[i], &entry))
            continue;
        (void)!order_read(&entry, &order);
        if (is_opening(&order)) {
            struct opening *opening = &openings[(*ret_count)++];
            memcpy(opening->symbol, order.symbol, sizeof opening->symbol);
            opening->side = order.side;
        }
    }
    return openings;
}

void router_look_read_held(const redisReply *reply, const redisReply *beside,
                           const struct window *window, struct snapshot *snapshot)
{
    const redisReply *flying = reply_element(reply, FLYING);
    char type[HOLDINGS_TEXT_MAX + 1] = "";
    struct holdings_seen seen = {.type = type};
    struct opening *openings = NULL;

    read_kind(reply_element(reply, HELD), sizeof type, type, &seen);
    struct held_field *fields = read_hash(beside, &seen);
    if (reply_is_array(flying, 0))
        seen.openings = openings = read_openings(flying, &seen.opening_count);
    else
        seen.state = HOLDINGS_FLIGHT_TOO_MUCH;
    snapshot->holdings = holdings_judge(&seen, &snapshot->capacity.open, window, snapshot->held,
                                        snapshot->held_values);
    snapshot->capacity.positions_unknown = snapshot->holdings.state != HOLDINGS_KNOWN;
    free(fields);
    free(openings);
}

void snapshot_release(struct snapshot *snapshot)
{
    free(snapshot->marked);
    free(snapshot->cooling);
    free(snapshot->held);
    free(snapshot->held_values);
    free(snapshot->super_times);
    free(snapshot->day_counts);
    free(snapshot->minute_counts);
    *snapshot = (struct snapshot){0};
}
