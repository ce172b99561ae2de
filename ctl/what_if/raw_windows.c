/* SPDX-License-Identifier: MIT */
#include "ctl/what_if/raw_windows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/text_set.h"
#include "common/trade/gate.h"

/* --- the world */

static void forget_world(struct raw_world *world)
{
    free(world->snapshot.super_times);
    *world = (struct raw_world){0};
}

static void take_world(struct raw_windows *raw, const struct recorded *recorded)
{
    forget_world(&raw->before);
    raw->before = raw->now;
    raw->now =
        (struct raw_world){recorded->snapshot.now_ms, recorded->snapshot, recorded->held_symbols};
    raw->now.snapshot.super_times = memory_text(recorded->snapshot.super_times);
}

static const struct raw_world *nearest(const struct raw_windows *raw, int64_t at_ms)
{
    bool is_before =
        raw->before.at_ms > 0 && llabs(at_ms - raw->before.at_ms) < llabs(raw->now.at_ms - at_ms);

    return is_before ? &raw->before : &raw->now;
}

static void note_row(struct raw_windows *raw, const struct recorded *recorded, size_t row)
{
    const struct signal *signal = recorded->window.candidates[row].signal;
    size_t number = price_book_symbol(&raw->book->prices, signal->symbol);
    char held = recorded->snapshot.held[row];

    if (number == PRICE_SYMBOL_NONE)
        return;
    struct raw_symbol *symbol = &raw->symbols[number];
    *symbol = (struct raw_symbol){.is_cooling = recorded->snapshot.cooling[row] == '1',
                                  .at_ms = recorded->snapshot.now_ms};
    symbol->is_held[signal->side] = held == HELD_SAME || held == HELD_BOTH;
    symbol->is_held[1 - signal->side] = held == HELD_OPPOSITE || held == HELD_BOTH;
}

/* --- a window that is over */

static void make_room(struct recorded *laid, size_t count)
{
    if (laid->room >= count)
        return;
    laid->room = count;
    laid->scores = memory_resize(laid->scores, count, sizeof *laid->scores);
    laid->stale = memory_resize(laid->stale, count, sizeof *laid->stale);
    laid->verdicts = memory_resize(laid->verdicts, count, sizeof *laid->verdicts);
    laid->window.candidates =
        memory_resize(laid->window.candidates, count, sizeof *laid->window.candidates);
    laid->snapshot.marked = memory_resize(laid->snapshot.marked, count, 1);
    laid->snapshot.cooling = memory_resize(laid->snapshot.cooling, count, 1);
    laid->snapshot.held = memory_resize(laid->snapshot.held, count, 1);
}

static struct stream_id mark_of(const struct signal *signal, size_t variant)
{
    return (struct stream_id){text_hash(signal->decision_id), variant};
}

/* Published before, by the live router or by this policy. */
static bool is_marked(const struct raw_windows *raw, const struct signal *signal, size_t variant,
                      int64_t end_ms)
{
    const struct trade_book *trades = &raw->book->trades;
    size_t place;

    if (id_map_find(&raw->marks, mark_of(signal, variant), &place))
        return true;
    return id_map_find(&trades->by_decision, (struct stream_id){mark_of(signal, 0).ms, 0},
                       &place) &&
           trades->trades[place].at_ms < end_ms &&
           stream_id_time_ms(signal->id) > trades->trades[place].at_ms;
}

static void set_flags(struct raw_windows *raw, const struct raw_world *world, size_t at,
                      size_t variant, int64_t end_ms)
{
    struct recorded *laid = &raw->laid;
    const struct signal *signal = laid->window.candidates[at].signal;
    size_t number = price_book_symbol(&raw->book->prices, signal->symbol);
    struct raw_symbol symbol = {0};

    if (number != PRICE_SYMBOL_NONE)
        symbol = raw->symbols[number];
    bool same = world->held_symbols > 0 && symbol.is_held[signal->side];
    bool opposite = world->held_symbols > 0 && symbol.is_held[1 - signal->side];
    laid->snapshot.marked[at] = is_marked(raw, signal, variant, end_ms) ? '1' : '0';
    laid->snapshot.cooling[at] = symbol.is_cooling && symbol.at_ms >= world->at_ms ? '1' : '0';
    laid->snapshot.held[at] = same && opposite ? HELD_BOTH
                              : same           ? HELD_SAME
                              : opposite       ? HELD_OPPOSITE
                                               : HELD_NOT;
}

/* As a record would have had it. */
static void lay(struct raw_windows *raw, size_t variant, int64_t end_ms)
{
    const struct raw_window *window = &raw->windows[variant];
    const struct decisive_settings *own = &raw->variants->list[variant].own;
    const struct raw_world *world = nearest(raw, end_ms);
    struct recorded *laid = &raw->laid;

    make_room(laid, window->count);
    char *marked = laid->snapshot.marked, *cooling = laid->snapshot.cooling,
         *held = laid->snapshot.held;
    laid->state = RECORDED_READ;
    laid->snapshot = world->snapshot;
    laid->snapshot.now_ms = end_ms;
    laid->snapshot.marked = marked;
    laid->snapshot.cooling = cooling;
    laid->snapshot.held = held;
    laid->window.count = window->count;
    for (size_t i = 0; i < window->count; i++)
        laid->window.candidates[i] = ranking_score(&own->rules.score, &window->signals[i]);
    ranking_sort(laid->window.candidates, window->count);
    for (size_t i = 0; i < window->count; i++) {
        const struct signal *signal = laid->window.candidates[i].signal;
        laid->stale[i] = signal_is_stale(signal->dated_ms, end_ms, own->rules.plan.max_age_ms);
        set_flags(raw, world, i, variant, end_ms);
    }
}

static void publish(struct raw_windows *raw, const struct plan *plan, size_t variant,
                    int64_t end_ms)
{
    for (size_t i = 0; i < plan->chosen; i++) {
        const struct signal *signal = raw->laid.window.candidates[plan->choices[i].index].signal;
        (void)id_map_add(&raw->marks, mark_of(signal, variant), 0);
        what_if_book_choose(raw->book, signal, end_ms, variant);
    }
}

static void decide(struct raw_windows *raw, size_t variant, int64_t end_ms)
{
    struct raw_window *window = &raw->windows[variant];
    struct plan plan;

    if (window->count > 0 && !window->is_over_full) {
        lay(raw, variant, end_ms);
        again_decide(&raw->laid, &raw->variants->list[variant].own.rules, &plan);
        publish(raw, &plan, variant, end_ms);
        plan_release(&plan);
    }
    window->count = 0;
    window->is_over_full = false;
}

static int64_t length_of(const struct raw_windows *raw, size_t variant)
{
    return (int64_t)raw->variants->list[variant].own.settings.window_ms;
}

/* Ends windows up to that moment, of which all but the first are empty. */
static void advance(struct raw_windows *raw, size_t variant, int64_t now_ms)
{
    struct raw_window *window = &raw->windows[variant];
    int64_t length = length_of(raw, variant);

    if (window->end_ms >= now_ms)
        return;
    decide(raw, variant, window->end_ms);
    window->end_ms += (now_ms - window->end_ms + length - 1) / length * length;
}

/* --- signals */

static void add(struct raw_windows *raw, size_t variant, const struct signal *signal)
{
    struct raw_window *window = &raw->windows[variant];
    const struct router_settings *own = &raw->variants->list[variant].own.settings;

    if (signal->confidence < own->signal.min_confidence ||
        (own->symbols.count > 0 && !names_has(&own->symbols, signal->symbol)))
        return;
    advance(raw, variant, stream_id_time_ms(signal->id));
    window->is_over_full = window->count == RAW_CANDIDATES_MAX;
    if (window->is_over_full)
        return;
    if (window->count == window->room) {
        window->room = window->room ? 2 * window->room : 16;
        window->signals = memory_resize(window->signals, window->room, sizeof *window->signals);
    }
    window->signals[window->count++] = *signal;
}

/* What ranks and decides of it, without memory of its own. */
static struct signal bare(const struct signal *signal)
{
    struct signal copy = *signal;

    copy.trace_id = copy.correlation_id = (struct trace){0};
    copy.timestamp = copy.source = NULL;
    copy.carried = NULL;
    copy.weight = 0;
    return copy;
}

static bool is_approximate(const struct raw_windows *raw, size_t variant)
{
    return raw->variants->list[variant].is_approximate;
}

/* Of the time, but open to all that one of the policies lets in. */
static struct signal_rules rules_of(const struct raw_windows *raw,
                                    const struct router_settings *live)
{
    struct signal_rules rules = live->signal;

    rules.only = NULL;
    for (size_t i = 0; i < raw->variants->count; i++)
        if (is_approximate(raw, i))
            rules.min_confidence = fmin(rules.min_confidence,
                                        raw->variants->list[i].own.settings.signal.min_confidence);
    return rules;
}

static void take_signal(struct raw_windows *raw, const struct signal_rules *rules,
                        const struct archive_entry *kept)
{
    struct signal_draft draft;
    struct entry entry;
    double confidence;

    archive_entry_of_stream(kept, &entry);
    if (gate_is_surely_low(&entry, rules->min_confidence, &confidence) ||
        signal_judge(rules, &entry, stream_id_time_ms(kept->id), &draft).drop != DROP_NONE)
        return;
    struct signal *signal = signal_make(rules, &draft);
    const struct signal own = bare(signal);
    signal_free(signal);
    for (size_t i = 0; i < raw->variants->count; i++)
        if (is_approximate(raw, i))
            add(raw, i, &own);
}

/* Up to that moment; `rules` NULL: they are passed over. */
static int read_signals(struct raw_windows *raw, const struct signal_rules *rules, int64_t until_ms)
{
    const struct archive_entry *entry = &raw->reader.entry;

    while (!raw->is_over) {
        if (!raw->has_entry) {
            int result = archive_reader_next(&raw->reader);
            if (result < 0)
                return result;
            raw->is_over = result > 0;
            raw->has_entry = result == 0 && entry->kind == ARCHIVE_SIGNAL;
            continue;
        }
        if (stream_id_time_ms(entry->id) > until_ms)
            break;
        raw->has_entry = false;
        raw->ids[raw->id_count++ % RAW_IDS_KEPT] = entry->id;
        if (rules)
            take_signal(raw, rules, entry);
    }
    return 0;
}

/* --- records */

static bool was_read(const struct raw_windows *raw, struct stream_id id)
{
    uint64_t first = raw->id_count > RAW_IDS_KEPT ? raw->id_count - RAW_IDS_KEPT : 0;
    uint64_t low = first, high = raw->id_count;

    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (stream_id_compare(raw->ids[middle % RAW_IDS_KEPT], id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < raw->id_count && stream_id_compare(raw->ids[low % RAW_IDS_KEPT], id) == 0;
}

static bool is_covered(const struct raw_windows *raw, const struct recorded *recorded)
{
    for (size_t i = 0; i < recorded->window.count; i++)
        if (!was_read(raw, recorded->window.candidates[i].signal->id))
            return false;
    return true;
}

/* The nearest end is moved there: a window of the same length ended with the record. */
static int64_t in_phase(int64_t end_ms, int64_t at_ms, int64_t length_ms)
{
    int64_t off_ms = (at_ms - end_ms) % length_ms;

    if (off_ms > length_ms / 2)
        off_ms -= length_ms;
    else if (off_ms < -length_ms / 2)
        off_ms += length_ms;
    return end_ms + off_ms;
}

/* The first record's window is the first. */
static void begin_windows(struct raw_windows *raw, int64_t at_ms, int64_t live_ms)
{
    for (size_t i = 0; i < raw->variants->count; i++) {
        struct raw_window *window = &raw->windows[i];
        if (!is_approximate(raw, i))
            continue;
        if (window->end_ms == 0)
            window->end_ms = at_ms;
        else if (length_of(raw, i) == live_ms)
            window->end_ms = in_phase(window->end_ms, at_ms, live_ms);
    }
}

/* Those that are over by then, while the record's world is the nearest. */
static void end_windows(struct raw_windows *raw, int64_t at_ms)
{
    for (size_t i = 0; i < raw->variants->count; i++)
        if (is_approximate(raw, i))
            advance(raw, i, at_ms + 1);
}

int raw_windows_follow(struct raw_windows *raw, const struct recorded *recorded,
                       const struct router_settings *live, bool *ret_covered)
{
    const struct signal_rules rules = rules_of(raw, live);
    int64_t at_ms = recorded->snapshot.now_ms, live_ms = (int64_t)live->window_ms;

    if (raw->now.at_ms == 0) { /* what came before the first window is not in it */
        int result = read_signals(raw, NULL, at_ms - live_ms);
        if (result < 0)
            return result;
    }
    take_world(raw, recorded);
    begin_windows(raw, at_ms, live_ms);
    int result = read_signals(raw, &rules, at_ms);
    if (result < 0)
        return result;
    for (size_t row = 0; row < recorded->window.count; row++)
        note_row(raw, recorded, row);
    end_windows(raw, at_ms);
    *ret_covered = is_covered(raw, recorded);
    raw->covered += *ret_covered;
    return 0;
}

int raw_windows_pass(struct raw_windows *raw, const struct recorded *recorded)
{
    for (size_t i = 0; i < raw->variants->count; i++)
        raw->windows[i].count = 0;
    return read_signals(raw, NULL, recorded->snapshot.now_ms);
}

void raw_windows_end(struct raw_windows *raw)
{
    for (size_t i = 0; i < raw->variants->count && raw->now.at_ms > 0; i++)
        if (is_approximate(raw, i))
            decide(raw, i, raw->windows[i].end_ms);
}

int raw_windows_init(struct raw_windows *raw, const char *folder, int64_t from_ms,
                     struct variants *variants, struct what_if_book *book)
{
    *raw = (struct raw_windows){.variants = variants, .book = book};
    raw->symbols = memory_array(PRICE_SYMBOLS_MAX, sizeof *raw->symbols);
    raw->ids = memory_array(RAW_IDS_KEPT, sizeof *raw->ids);
    return archive_reader_open(&raw->reader, folder, from_ms);
}

void raw_windows_release(struct raw_windows *raw)
{
    for (size_t i = 0; i < WHAT_IF_VARIANTS_MAX; i++)
        free(raw->windows[i].signals);
    forget_world(&raw->before);
    forget_world(&raw->now);
    raw->laid.snapshot.super_times = NULL; /* a world's */
    recorded_release(&raw->laid);
    id_map_release(&raw->marks);
    archive_reader_close(&raw->reader);
    free(raw->symbols);
    free(raw->ids);
}
