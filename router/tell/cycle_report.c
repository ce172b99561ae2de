/* SPDX-License-Identifier: MIT */
#include "router/tell/cycle_report.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "common/base/calendar.h"
#include "common/log/log.h"

enum {
    MINUTE_MS = 60000,
    DUPLICATES_SHOWN = 3,
    TOP_SHOWN = 10,
    SAFE_REASON_SHOWN = 320, /* that a person wrote, and who and when behind it */
};

static void group_unknown(const struct cycle_report *report)
{
    const struct keys *keys = &report->settings->keys;
    struct log_line line;

    log_open(&line, LEVEL_ERROR, "🔴", "CAPACITY_UNKNOWN:");
    log_text(&line, " group ");
    log_foreign(&line, keys->in_flight_group, strlen(keys->in_flight_group), KEY_MAX);
    log_text(&line, " missing on ");
    log_foreign(&line, keys->intents, strlen(keys->intents), KEY_MAX);
    log_text(&line, " → fail-closed");
    log_send(&line);
}

static void capacity_unknown(const struct cycle_report *report, const struct snapshot *snapshot)
{
    const char *key = report->settings->keys.open_orders;
    bool missing = snapshot->capacity.open.kind == OPEN_ORDERS_MISSING;
    struct log_line line;

    log_open(&line, LEVEL_ERROR, "🔴", missing ? "CAPACITY_UNKNOWN:" : "CAPACITY_UNPARSEABLE:");
    log_text(&line, " ");
    log_foreign(&line, key, strlen(key), KEY_MAX);
    if (missing) {
        log_text(&line, " missing");
    } else {
        log_text(&line, "='");
        log_foreign(&line, snapshot->open_text, strlen(snapshot->open_text), SNAPSHOT_TEXT_MAX);
        log_text(&line, "'");
    }
    log_text(&line, " → fail-closed");
    log_send(&line);
}

static void pair_open(struct log_line *line, const struct cycle *cycle)
{
    log_pair_int(line, "open", cycle->snapshot.capacity.open.count);
}

/* What the executor has not finished stands behind every line in which it counts. */
static void pair_in_flight(struct log_line *line, const struct plan *plan)
{
    if (plan->allowance.in_flight > 0)
        log_pair_int(line, "inflight", plan->allowance.in_flight);
}

static void send_known(struct log_line *line, const struct plan *plan)
{
    pair_in_flight(line, plan);
    log_send(line);
}

static void pair_record(struct log_line *line, const struct cycle *cycle)
{
    if (cycle->record_id[0])
        log_pair(line, "record", "%s", cycle->record_id);
}

static void capacity_full(const struct cycle_report *report, const struct cycle *cycle)
{
    struct log_line line;

    log_open(&line, LEVEL_WARN, "🔴", "CAPACITY_FULL");
    pair_open(&line, cycle);
    log_pair_int(&line, "max", report->settings->plan.capacity.max_open);
    send_known(&line, &cycle->plan);
}

static void target_reached(const struct cycle_report *report, const struct cycle *cycle)
{
    struct log_line line;

    log_open(&line, LEVEL_INFO, "⏸️", "TARGET_REACHED");
    pair_open(&line, cycle);
    log_pair_int(&line, "target", report->settings->plan.capacity.target_open);
    log_text(&line, " (awaiting super-signal)");
    send_known(&line, &cycle->plan);
}

static void super_bypass(const struct cycle_report *report, const struct cycle *cycle)
{
    struct log_line line;

    log_open(&line, LEVEL_INFO, "🌟", "SUPER_SIGNAL_BYPASS");
    pair_open(&line, cycle);
    log_pair_int(&line, "target", report->settings->plan.capacity.target_open);
    log_pair_int(&line, "count", (int64_t)cycle->plan.fresh_supers);
    log_pair_int(&line, "allowed", cycle->plan.allowance.allowed);
    send_known(&line, &cycle->plan);
}

static void capacity_ok(const struct cycle_report *report, const struct cycle *cycle)
{
    struct log_line line;

    log_open(&line, LEVEL_INFO, "🟢", "CAPACITY_OK");
    pair_open(&line, cycle);
    log_pair_int(&line, "target", report->settings->plan.capacity.target_open);
    log_pair_int(&line, "allowed", cycle->plan.allowance.allowed);
    send_known(&line, &cycle->plan);
}

static void tell_capacity(const struct cycle_report *report, const struct cycle *cycle)
{
    bool entering = !report->told || report->state != CAPACITY_TARGET;

    switch (cycle->plan.allowance.state) {
    case CAPACITY_UNKNOWN:
        if (cycle->snapshot.capacity.open.kind == OPEN_ORDERS_KNOWN) {
            group_unknown(report);
            break;
        }
        capacity_unknown(report, &cycle->snapshot);
        break;
    case CAPACITY_UNPARSEABLE:
        capacity_unknown(report, &cycle->snapshot);
        break;
    case CAPACITY_FULL:
        capacity_full(report, cycle);
        break;
    case CAPACITY_TARGET:
        if (entering || cycle->plan.fresh_supers == 0)
            target_reached(report, cycle);
        if (cycle->plan.fresh_supers > 0)
            super_bypass(report, cycle);
        break;
    case CAPACITY_OK:
        capacity_ok(report, cycle);
        break;
    }
}

static void tell_safe_mode(const struct cycle_report *report, const struct snapshot *snapshot)
{
    const struct router_settings *settings = report->settings;
    char key[KEY_MAX + 1];
    struct log_line line;

    halts_key(&settings->halts, (size_t)snapshot->halt_number, settings->keys.safe_mode, key);
    log_open(&line, LEVEL_WARN, "⛔", "SAFE_MODE:");
    log_text(&line, " ");
    log_foreign(&line, key, strlen(key), KEY_MAX);
    log_text(&line, " is set → publishing nothing value='");
    log_foreign(&line, snapshot->safe_text, strlen(snapshot->safe_text), SNAPSHOT_TEXT_MAX);
    log_text(&line, "'");
    if (snapshot->safe_ttl_sec >= 0)
        log_pair(&line, "ttl", "%llds", (long long)snapshot->safe_ttl_sec);
    else
        log_pair(&line, "ttl", "none");
    if (snapshot->safe_reason[0]) {
        log_text(&line, " reason='");
        log_foreign(&line, snapshot->safe_reason, strlen(snapshot->safe_reason), SAFE_REASON_SHOWN);
        log_text(&line, "'");
    }
    log_send(&line);
}

static bool capacity_changed(const struct cycle_report *report, const struct cycle *cycle)
{
    return !report->told || report->state != cycle->plan.allowance.state ||
           report->in_flight != cycle->plan.allowance.in_flight ||
           strcmp(report->open_text, cycle->snapshot.open_text) != 0;
}

static bool is_closed(const struct cycle *cycle)
{
    return cycle->plan.safe_mode || cycle->plan.allowance.state == CAPACITY_UNKNOWN ||
           cycle->plan.allowance.state == CAPACITY_UNPARSEABLE;
}

/* Tells the state when it is due; true when it changed, or was told again for a minute in it. */
static bool tell_state(struct cycle_report *report, const struct cycle *cycle)
{
    bool safe = cycle->plan.safe_mode;
    bool cleared = report->told && report->safe_mode && !safe;
    bool capacity = capacity_changed(report, cycle) || cleared;
    bool explained = safe && !report->safe_reasoned && cycle->snapshot.safe_reason[0];
    bool entered = safe && (!report->told || !report->safe_mode ||
                            report->halt_number != cycle->snapshot.halt_number);
    bool reminded =
        report->told && is_closed(cycle) && monotonic_ms() - report->told_at_ms >= MINUTE_MS;
    bool always = reminded || cycle->plan.count > 0;

    if (cleared)
        log_event(LEVEL_INFO, "🟢", "SAFE_MODE_CLEARED", "%s", "");
    if (capacity || (always && !safe))
        tell_capacity(report, cycle);
    if (safe && (entered || explained || always))
        tell_safe_mode(report, &cycle->snapshot);
    if (capacity || entered || always)
        report->told_at_ms = monotonic_ms();
    report->told = true;
    report->state = cycle->plan.allowance.state;
    report->in_flight = cycle->plan.allowance.in_flight;
    report->safe_mode = safe;
    report->safe_reasoned = safe && cycle->snapshot.safe_reason[0];
    report->halt_number = cycle->snapshot.halt_number;
    (void)snprintf(report->open_text, sizeof report->open_text, "%s", cycle->snapshot.open_text);
    return capacity || entered || reminded;
}

static void tell_suspect(struct cycle_report *report, const struct cycle *cycle)
{
    int64_t since = cycle->snapshot.capacity.published_since;
    bool suspect = cycle->plan.allowance.suspect;
    struct log_line line;

    if (suspect && report->suspect_since != since) {
        log_open(&line, LEVEL_WARN, "🟠", "CAPACITY_SUSPECT");
        log_pair_int(&line, "open", cycle->snapshot.capacity.open.count);
        log_pair_int(&line, "published_since_change", since);
        if (report->settings->plan.capacity.suspect_closes)
            log_text(&line, " → publishing nothing until it changes");
        log_send(&line);
    }
    report->suspect_since = suspect ? since : 0;
}

static void pair_group(struct log_line *line, const struct cycle_report *report)
{
    const char *group = report->settings->keys.in_flight_group;

    log_pair_foreign(line, "group", group, strlen(group), KEY_MAX);
}

static void tell_group(struct cycle_report *report, const struct cycle *cycle)
{
    int64_t silent_ms = cycle->snapshot.group_silent_ms;
    bool dead = silent_ms != 0;
    struct log_line line;

    if (dead && !report->group_dead) {
        log_open(&line, LEVEL_WARN, "💀", "INFLIGHT_GROUP_DEAD");
        pair_group(&line, report);
        if (silent_ms > 0)
            log_pair_int(&line, "silent_sec", silent_ms / 1000);
        else
            log_pair_int(&line, "consumers", 0);
        log_text(&line, " → what it has not finished does not count as open; name it in "
                        "capacity.inflight_group to count it always");
        log_send(&line);
    }
    if (!dead && report->group_dead) {
        log_open(&line, LEVEL_INFO, "🟢", "INFLIGHT_GROUP_BACK");
        pair_group(&line, report);
        log_text(&line, " what it has not finished counts as open");
        log_send(&line);
    }
    report->group_dead = dead;
}

/* Once for each count of what was published that lowers what is allowed; kept with one more, so
 * that 0 is not told. */
static bool limit_is_news(int64_t *told, bool limited, int64_t published)
{
    int64_t counted = limited ? published + 1 : 0;
    bool news = limited && *told != counted;

    *told = counted;
    return news;
}

static void tell_daily_limit(struct cycle_report *report, const struct cycle *cycle)
{
    int64_t trades = cycle->snapshot.capacity.published_today;
    bool limited = cycle->plan.allowance.daily_limit;
    struct log_line line;

    if (limit_is_news(&report->daily_limit_told, limited, trades)) {
        log_open(&line, LEVEL_WARN, "🛑", "DAILY_LIMIT");
        log_pair_int(&line, "trades", trades);
        log_pair_int(&line, "max", report->settings->plan.capacity.max_daily);
        log_pair_int(&line, "allowed", cycle->plan.allowance.allowed);
        log_send(&line);
    }
}

static void tell_pace_limit(struct cycle_report *report, const struct cycle *cycle)
{
    int64_t published = cycle->snapshot.capacity.published_minute;
    bool limited = cycle->plan.allowance.pace_limit;
    struct log_line line;

    if (limit_is_news(&report->pace_limit_told, limited, published)) {
        log_open(&line, LEVEL_INFO, "🚦", "PACE_LIMIT");
        log_pair_int(&line, "published", published);
        log_pair_int(&line, "max", report->settings->plan.capacity.max_per_minute);
        log_pair_int(&line, "allowed", cycle->plan.allowance.allowed);
        log_send(&line);
    }
}

static void tell_rolled_back(struct cycle_report *report, const struct cycle *cycle)
{
    const struct snapshot *snapshot = &cycle->snapshot;
    bool rolled_back = snapshot->capacity.rolled_back;
    struct log_line line;

    if (rolled_back && !report->rolled_back) {
        log_open(&line, LEVEL_ERROR, "⏪", "STATE_ROLLED_BACK");
        log_pair(&line, "seq", "%llu", (unsigned long long)snapshot->sequence);
        log_pair(&line, "expected", "%llu", (unsigned long long)snapshot->sequence_expected);
        log_text(&line, " → publishing nothing until `quantumctl resume`");
        log_send(&line);
    }
    if (!rolled_back && report->rolled_back)
        log_event(LEVEL_INFO, "🟢", "STATE_RESUMED",
                  "the state that was found is taken as it is");
    report->rolled_back = rolled_back;
}

/* Once for each server that was found. */
static void tell_unsure(struct cycle_report *report, const struct cycle *cycle)
{
    int64_t since_ms = cycle->snapshot.unsure_since_ms;
    char since[CALENDAR_ISO_MAX];
    struct log_line line;

    if (cycle->held_back.count > 0 && report->unsure_since_ms != since_ms) {
        calendar_iso(since_ms, since);
        log_open(&line, LEVEL_WARN, "⏸️", "STATE_UNSURE");
        log_pair_int(&line, "held", (int64_t)cycle->held_back.count);
        log_pair(&line, "older_than", "%s", since);
        log_text(&line, " → Redis is another server and may lack its last seconds: pending until "
                        "`quantumctl resume`, or until they are stale");
        log_send(&line);
        report->unsure_since_ms = since_ms;
    }
    if (since_ms == 0 && report->unsure_since_ms != 0) {
        log_event(LEVEL_INFO, "🟢", "STATE_RESUMED", "what was held back is decided");
        report->unsure_since_ms = 0;
    }
}

static void tell_limits(struct cycle_report *report, const struct cycle *cycle)
{
    tell_rolled_back(report, cycle);
    tell_unsure(report, cycle);
    tell_group(report, cycle);
    positions_report_tell(&report->positions, report->settings, &cycle->snapshot);
    tell_suspect(report, cycle);
    tell_daily_limit(report, cycle);
    tell_pace_limit(report, cycle);
}

static const struct candidate *chosen(const struct cycle *cycle, size_t choice)
{
    return &cycle->window.candidates[cycle->plan.choices[choice].index];
}

static void name_trade(struct log_line *line, const struct signal *signal)
{
    log_text(line, " %s %s", signal->symbol, side_name(signal->side));
    log_field(line, "symbol", "%s", signal->symbol);
    log_field(line, "side", "%s", side_name(signal->side));
}

static void tell_best(const struct cycle *cycle)
{
    const struct plan *plan = &cycle->plan;
    struct log_line line;

    log_open(&line, LEVEL_INFO, "📤", "BEST_OF_PUBLISH");
    log_pair_int(&line, "count", (int64_t)plan->chosen);
    log_pair_int(&line, "allowed", plan->allowance.allowed);
    log_pair_int(&line, "open", cycle->snapshot.capacity.open.count);
    log_pair_int(&line, "slots", plan->allowance.slots);
    log_text(&line, " top=[");
    for (size_t i = 0; i < plan->chosen && i < TOP_SHOWN; i++) {
        const struct candidate *candidate = chosen(cycle, i);
        log_text(&line, "%s%s %s %.3f", i ? ", " : "", candidate->signal->symbol,
                 side_name(candidate->signal->side), candidate->score);
    }
    if (plan->chosen > TOP_SHOWN)
        log_text(&line, ", +%zu more", plan->chosen - TOP_SHOWN);
    log_text(&line, "]");
    pair_in_flight(&line, plan);
    pair_record(&line, cycle);
    log_send(&line);
}

static void tell_rank(const struct cycle *cycle, size_t choice)
{
    const struct candidate *candidate = chosen(cycle, choice);
    char word[32];
    struct log_line line;

    (void)snprintf(word, sizeof word, "RANK_%u", cycle->plan.choices[choice].rank);
    log_open(&line, LEVEL_INFO, "📥", word);
    name_trade(&line, candidate->signal);
    log_pair(&line, "conf", "%.2f%%", candidate->signal->confidence * 100.0);
    log_pair(&line, "score", "%.3f", candidate->score);
    log_send(&line);
}

static void tell_clamp(unsigned rank, double from_usd, double to_usd)
{
    struct log_line line;

    log_open(&line, LEVEL_INFO, "💰", "SIZE_CLAMP");
    log_pair_int(&line, "rank", rank);
    log_pair(&line, "size", "$%.2f→$%.2f", from_usd, to_usd);
    log_send(&line);
}

/* Where the boost is clamped, too, that line is enough. */
static void tell_size(const struct cycle *cycle, size_t choice)
{
    const struct choice *chosen_one = &cycle->plan.choices[choice];
    const struct sizing *sizing = &chosen_one->sizing;
    const struct signal *signal = chosen(cycle, choice)->signal;
    struct log_line line;

    if (sizing->boost > 1.0 || sizing->boost < 1.0) {
        log_open(&line, LEVEL_INFO, "💰", "SIZE_BOOST");
        log_pair_int(&line, "rank", chosen_one->rank);
        log_pair(&line, "factor", "%.2f", sizing->boost);
        log_pair(&line, "conf", "%.2f%%", signal->confidence * 100.0);
        log_pair(&line, "size", "$%.2f→$%.2f", sizing->base_usd, sizing->boosted_usd);
        log_send(&line);
    }
    if (sizing->clamped)
        tell_clamp(chosen_one->rank, sizing->boosted_usd, sizing->size_usd);
    else if (signal->asked_usd > signal->position_size_usd)
        tell_clamp(chosen_one->rank, signal->asked_usd, sizing->size_usd);
}

/* Takes the next of the ids, which are separated by blanks. */
static void tell_published(const struct cycle *cycle, size_t choice, const char **ids)
{
    size_t length = strcspn(*ids, " ");
    struct log_line line;

    log_open(&line, LEVEL_INFO, "🚀", "Trade Intent published:");
    name_trade(&line, chosen(cycle, choice)->signal);
    log_pair(&line, "id", "%.*s", (int)length, *ids);
    log_send(&line);
    *ids += length + ((*ids)[length] == ' ');
}

static void tell_published_all(const struct cycle *cycle)
{
    const char *ids = cycle->intent_ids;

    if (cycle->plan.chosen == 0)
        return;
    tell_best(cycle);
    for (size_t i = 0; i < cycle->plan.chosen; i++)
        tell_rank(cycle, i);
    for (size_t i = 0; i < cycle->plan.chosen; i++)
        tell_size(cycle, i);
    for (size_t i = 0; i < cycle->plan.chosen; i++)
        tell_published(cycle, i, &ids);
}

static void tell_duplicates(const struct cycle *cycle)
{
    uint64_t more = cycle->plan.tally.of[FATE_DUPLICATE];
    struct log_line line;

    for (size_t i = 0, shown = 0; i < cycle->plan.count && shown < DUPLICATES_SHOWN; i++) {
        const struct signal *signal = cycle->window.candidates[i].signal;
        if (cycle->plan.verdicts[i].fate != FATE_DUPLICATE)
            continue;
        log_open(&line, LEVEL_INFO, "🔁", "DUPLICATE_SKIP");
        name_trade(&line, signal);
        log_pair_foreign(&line, "key", signal->decision_id, strlen(signal->decision_id),
                         DECISION_ID_MAX);
        log_send(&line);
        shown++;
        more--;
    }
    if (more > 0)
        log_event(LEVEL_INFO, "🔁", "DUPLICATE_SKIP", "+%llu more", (unsigned long long)more);
}

static void pair_rank(struct log_line *line, const struct cycle *cycle, size_t index)
{
    const struct plan *plan = &cycle->plan;

    if (plan->verdicts[index].rank > 0)
        log_pair_int(line, "rank", plan->verdicts[index].rank);
    if (plan->verdicts[index].fate == FATE_OUTRANKED)
        log_pair(line, "cut", "%.3f", chosen(cycle, plan->chosen - 1)->score);
}

static void tell_fate(const struct candidate *candidate, enum fate fate, const struct cycle *cycle,
                      size_t index)
{
    char id[STREAM_ID_TEXT_MAX];
    struct log_line line;

    stream_id_print(candidate->signal->id, id);
    log_open(&line, LEVEL_INFO, "🔎", "FATE");
    log_pair(&line, "id", "%s", id);
    name_trade(&line, candidate->signal);
    log_pair(&line, "conf", "%.2f%%", candidate->signal->confidence * 100.0);
    log_pair(&line, "score", "%.3f", candidate->score);
    log_pair(&line, "fate", "%s", fate_name(fate));
    if (cycle)
        pair_rank(&line, cycle, index);
    log_send(&line);
}

void cycle_report_thinned(const struct cycle_report *report, const struct candidate *candidate)
{
    if (report->settings->log.pipeline_diag)
        tell_fate(candidate, FATE_OUTRANKED, NULL, 0);
}

/* A size of 0.00 shows only when the rank is known, so this rule speaks here and not at the door.
 */
static void tell_invalid(struct drop_report *drops, const struct cycle *cycle)
{
    for (size_t i = 0; i < cycle->plan.count; i++)
        if (cycle->plan.verdicts[i].fate == FATE_INVALID)
            drop_report_size_zero(drops, cycle->window.candidates[i].signal);
}

static void tell_fates(const struct cycle_report *report, const struct cycle *cycle)
{
    if (!report->settings->log.pipeline_diag)
        return;
    for (size_t i = 0; i < cycle->plan.count; i++)
        if (cycle->plan.verdicts[i].fate != FATE_INVALID)
            tell_fate(&cycle->window.candidates[i], cycle->plan.verdicts[i].fate, cycle, i);
}

static void tell_tally(const struct cycle *cycle, const struct tally *tally)
{
    struct log_line line;

    log_open(&line, LEVEL_INFO, "📦", "CYCLE");
    log_pair(&line, "read", "%llu", (unsigned long long)tally_total(tally));
    log_pair(&line, "candidates", "%llu", (unsigned long long)tally_candidates(tally));
    for (unsigned fate = 0; fate < FATE_COUNT; fate++)
        log_pair(&line, fate_name((enum fate)fate), "%llu", (unsigned long long)tally->of[fate]);
    pair_record(&line, cycle);
    log_send(&line);
}

void cycle_report_decided(struct cycle_report *report, struct drop_report *drops,
                          const struct cycle *cycle, const struct tally *tally)
{
    bool changed = tell_state(report, cycle);

    tell_limits(report, cycle);
    tell_published_all(cycle);
    tell_duplicates(cycle);
    tell_invalid(drops, cycle);
    tell_fates(report, cycle);
    if (changed || tally_total(tally) > 0)
        tell_tally(cycle, tally);
}
