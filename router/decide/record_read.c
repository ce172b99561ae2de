/* SPDX-License-Identifier: MIT */
#include "router/decide/record_read.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/number.h"
#include "common/trade/terms.h"
#include "router/decide/record.h"

enum {
    ROWS_BYTES_MAX = 2 * RECORD_ROWS_MAX, /* twice of what is written */
    RANK_MAX = 100000,                    /* no window holds so many */
    INTENTS_MAX = 1000,                   /* in a cycle */
    SUPERS_MAX = 2000,                    /* in an hour: its limit, and a cycle's */
    ROW_WORDS = 11,
};

/* Times before 1970 and beyond the year 9999 are no clock's. */
static const int64_t time_max_ms = INT64_C(253402300799999);

static bool fail(struct recorded *recorded, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool fail(struct recorded *recorded, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(recorded->why, sizeof recorded->why, format, arguments);
    va_end(arguments);
    recorded->state = RECORDED_MALFORMED;
    return false;
}

static bool find(const struct entry *entry, const char *name, struct recorded_text *ret_text)
{
    const struct entry_field *field = entry_find(entry, name);

    if (!field)
        return false;
    *ret_text = (struct recorded_text){field->value, field->value_length};
    return true;
}

static bool copy(struct recorded_text text, char *ret_text, size_t room)
{
    if (text.length >= room || memchr(text.bytes, '\0', text.length))
        return false;
    memcpy(ret_text, text.bytes, text.length);
    ret_text[text.length] = '\0';
    return true;
}

/* --- the world */

static bool read_world_count(const struct recorded *recorded, const char *name, int64_t least,
                             int64_t most, int64_t *ret_count)
{
    struct recorded_text value;

    return recorded_word(recorded->world, name, &value) &&
           recorded_count(value, least, most, ret_count);
}

static bool read_truth(const struct recorded *recorded, const char *name, bool *ret_truth)
{
    int64_t truth;

    if (!read_world_count(recorded, name, 0, 1, &truth))
        return false;
    *ret_truth = truth == 1;
    return true;
}

static bool read_open(struct recorded *recorded)
{
    struct open_orders *open = &recorded->snapshot.capacity.open;
    struct recorded_text value;

    if (!recorded_word(recorded->world, "open", &value))
        return false;
    if (recorded_is(value, "missing") || recorded_is(value, "unparseable")) {
        open->kind = recorded_is(value, "missing") ? OPEN_ORDERS_MISSING : OPEN_ORDERS_UNPARSEABLE;
        return true;
    }
    open->kind = OPEN_ORDERS_KNOWN;
    return recorded_count(value, 0, INT64_MAX, &open->count);
}

static bool read_state(struct recorded *recorded)
{
    struct recorded_text value;

    if (!recorded_word(recorded->world, "state", &value))
        return false;
    for (enum capacity_state state = CAPACITY_UNKNOWN; state <= CAPACITY_OK; state++)
        if (recorded_is(value, record_state_name(state))) {
            recorded->allowance.state = state;
            return true;
        }
    return false;
}

static bool read_held(struct recorded *recorded)
{
    struct recorded_text value;

    if (!recorded_word(recorded->world, "held", &value))
        return false;
    recorded->snapshot.capacity.positions_unknown = recorded_is(value, "unknown");
    return recorded_is(value, "unknown") || recorded_is(value, "known");
}

static bool read_world(struct recorded *recorded)
{
    struct capacity *capacity = &recorded->snapshot.capacity;
    struct recorded_allowance *allowance = &recorded->allowance;

    if (!read_open(recorded))
        return fail(recorded, "its world has no sound 'open'");
    if (!read_world_count(recorded, "inflight", -1, INT64_MAX, &capacity->in_flight))
        return fail(recorded, "its world has no sound 'inflight'");
    if (!read_state(recorded))
        return fail(recorded, "its world has no sound 'state'");
    if (!read_world_count(recorded, "slots", 0, RECORDED_COUNT_MAX, &allowance->slots) ||
        !read_world_count(recorded, "allowed", 0, RECORDED_COUNT_MAX, &allowance->allowed))
        return fail(recorded, "its world has no sound 'slots' and 'allowed'");
    if (!read_truth(recorded, "safe", &recorded->snapshot.safe_mode) ||
        !read_truth(recorded, "rolled", &capacity->rolled_back))
        return fail(recorded, "its world has no sound 'safe' and 'rolled'");
    if (!read_world_count(recorded, "since", 0, RECORDED_COUNT_MAX, &capacity->published_since) ||
        !read_world_count(recorded, "today", 0, RECORDED_COUNT_MAX, &capacity->published_today) ||
        !read_world_count(recorded, "minute", 0, RECORDED_COUNT_MAX, &capacity->published_minute) ||
        !read_world_count(recorded, "supers", 0, SUPERS_MAX, &recorded->supers))
        return fail(recorded, "its world has no sound counts");
    if (!read_held(recorded) ||
        !read_world_count(recorded, "held_symbols", 0, RECORDED_COUNT_MAX, &recorded->held_symbols))
        return fail(recorded, "its world has no sound 'held'");
    return true;
}

/* As many moments as had passed, all of them now: within the hour they count alike. */
static void note_supers(struct recorded *recorded)
{
    char moment[NUMBER_DIGITS_MAX];
    size_t length = number_print((uint64_t)recorded->snapshot.now_ms, moment) + 1;
    size_t count = (size_t)recorded->supers;
    char *text = memory_raw_resize(recorded->snapshot.super_times, count * length + 1);

    moment[length - 1] = ' ';
    for (size_t i = 0; i < count; i++)
        memcpy(text + i * length, moment, length);
    text[count > 0 ? count * length - 1 : 0] = '\0';
    recorded->snapshot.super_times = text;
}

/* --- counts of fates */

/* They mostly stand in their order: what came before is where to begin. */
static bool find_fate(struct recorded_text name, enum fate begin, enum fate *ret_fate)
{
    for (unsigned i = 0; i < FATE_COUNT; i++) {
        enum fate fate = (begin + i) % FATE_COUNT;
        if (recorded_is(name, fate_name(fate))) {
            *ret_fate = fate;
            return true;
        }
    }
    return false;
}

/* A fate that is not known here, and that nothing met, says nothing. */
static bool read_tally(struct recorded_text words, struct tally *ret_tally)
{
    struct recorded_text name, value;
    struct tally tally = {0};
    enum fate fate = 0;
    size_t at = 0;
    int64_t count;

    while (recorded_next_word(words, &at, &name, &value)) {
        if (!recorded_count(value, 0, RECORDED_COUNT_MAX, &count))
            return false;
        if (find_fate(name, fate, &fate))
            tally.of[fate] = (uint64_t)count;
        else if (count > 0)
            return false;
    }
    *ret_tally = tally;
    return true;
}

/* --- rows */

static int hex(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* "%20" is a blank; no NUL comes out of it. */
static bool decode(struct recorded_text text, char *ret_text, size_t room)
{
    size_t length = 0;

    for (size_t i = 0; i < text.length; i++) {
        char byte = text.bytes[i];
        if (byte == '%') {
            int high = i + 2 < text.length ? hex(text.bytes[i + 1]) : -1;
            int low = i + 2 < text.length ? hex(text.bytes[i + 2]) : -1;
            if (i + 2 >= text.length || high < 0 || low < 0)
                return false;
            byte = (char)(high << 4 | low);
            i += 2;
        }
        if (byte == '\0' || length + 1 >= room)
            return false;
        ret_text[length++] = byte;
    }
    ret_text[length] = '\0';
    return length > 0;
}

static bool read_symbol(struct recorded_text text, char ret_symbol[static SYMBOL_MAX + 1])
{
    return terms_take_symbol(text.bytes, text.length, ret_symbol) && recorded_is(text, ret_symbol);
}

static bool read_side(struct recorded_text text, enum side *ret_side)
{
    *ret_side = recorded_is(text, side_name(SIDE_SELL)) ? SIDE_SELL : SIDE_BUY;
    return recorded_is(text, side_name(*ret_side));
}

static bool read_number(struct recorded_text text, double least, double most, double *ret_number)
{
    double number;

    if (!number_read(text.bytes, text.length, &number) || number < least || number > most)
        return false;
    *ret_number = number;
    return true;
}

static char held_flag(bool same, bool opposite)
{
    if (same && opposite)
        return HELD_BOTH;
    if (same)
        return HELD_SAME;
    return opposite ? HELD_OPPOSITE : HELD_NOT;
}

/* Each once, and in their order. */
static bool read_flags(struct recorded *recorded, struct recorded_text text, size_t row)
{
    static const char flags[] = "grdchos";
    bool has[sizeof flags] = {false};
    const char *at = flags;
    size_t count = recorded_is(text, "-") ? 0 : text.length;

    if (text.length == 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *flag = text.bytes[i] ? strchr(at, text.bytes[i]) : NULL;
        if (!flag)
            return false;
        has[flag - flags] = true;
        at = flag + 1;
    }
    recorded->signals[row].gate_passed = has[0];
    recorded->signals[row].regime_known = has[1];
    recorded->snapshot.marked[row] = has[2] ? '1' : '0';
    recorded->snapshot.cooling[row] = has[3] ? '1' : '0';
    recorded->snapshot.held[row] = held_flag(has[4], has[5]);
    recorded->stale[row] = has[6];
    return true;
}

/* Without an id of its own the decision has the entry's. */
static bool read_decision(struct recorded_text text, struct signal *signal)
{
    char id[STREAM_ID_TEXT_MAX];

    if (!recorded_is(text, "="))
        return decode(text, signal->decision_id, sizeof signal->decision_id);
    stream_id_print(signal->id, id);
    memcpy(signal->decision_id, id, sizeof id);
    return true;
}

/* A score is a confidence and two bonuses of 1 at most. */
static bool read_figures(const struct recorded_text *words, struct signal *signal,
                         double *ret_score)
{
    static const double score_max = 4, leverage_max = 1e6;

    return read_number(words[0], 0, 1, &signal->confidence) &&
           read_number(words[1], 0, score_max, ret_score) &&
           read_number(words[2], 0, TERMS_NUMBER_MAX, &signal->position_size_usd) &&
           signal->position_size_usd > 0 &&
           read_number(words[3], 1, leverage_max, &signal->leverage);
}

static bool read_verdict(const struct recorded_text *words, struct verdict *ret_verdict)
{
    int64_t rank;

    if (!find_fate(words[0], FATE_PUBLISHED, &ret_verdict->fate) ||
        !recorded_count(words[1], 0, RANK_MAX, &rank))
        return false;
    ret_verdict->rank = (unsigned)rank;
    return true;
}

static bool read_row(struct recorded *recorded, struct recorded_text line, size_t row)
{
    struct recorded_text words[ROW_WORDS], more;
    struct signal *signal = &recorded->signals[row];
    size_t at = 0, count = 0;

    *signal = (struct signal){.timestamp_ms = INT64_MAX};
    while (count < ROW_WORDS && recorded_next(line, ' ', &at, &words[count]))
        count++;
    if (count < ROW_WORDS || recorded_next(line, ' ', &at, &more) ||
        !stream_id_read(words[0].bytes, words[0].length, &signal->id) ||
        !read_symbol(words[1], signal->symbol) || !read_side(words[2], &signal->side) ||
        !read_figures(words + 3, signal, &recorded->scores[row]) ||
        !read_flags(recorded, words[7], row) ||
        !read_verdict(words + 8, &recorded->verdicts[row]) || !read_decision(words[10], signal))
        return false;
    signal->asked_usd = signal->position_size_usd;
    recorded->window.candidates[row] = (struct candidate){.signal = signal};
    return true;
}

static size_t count_lines(struct recorded_text text)
{
    struct recorded_text line;
    size_t at = 0, count = 0;

    while (recorded_next(text, '\n', &at, &line))
        count++;
    return count;
}

static void make_room(struct recorded *recorded, size_t count)
{
    struct snapshot *snapshot = &recorded->snapshot;
    size_t room = count > 2 * recorded->room ? count : 2 * recorded->room;

    if (count <= recorded->room)
        return;
    recorded->room = room;
    recorded->signals = memory_resize(recorded->signals, room, sizeof *recorded->signals);
    recorded->scores = memory_resize(recorded->scores, room, sizeof *recorded->scores);
    recorded->stale = memory_resize(recorded->stale, room, sizeof *recorded->stale);
    recorded->verdicts = memory_resize(recorded->verdicts, room, sizeof *recorded->verdicts);
    recorded->window.candidates =
        memory_resize(recorded->window.candidates, room, sizeof *recorded->window.candidates);
    snapshot->marked = memory_resize(snapshot->marked, room, 1);
    snapshot->cooling = memory_resize(snapshot->cooling, room, 1);
    snapshot->held = memory_resize(snapshot->held, room, 1);
}

static bool read_rows(struct recorded *recorded, struct recorded_text text)
{
    struct recorded_text line;
    size_t at = 0, row = 0;

    if (text.length > ROWS_BYTES_MAX)
        return fail(recorded, "its rows are too long");
    make_room(recorded, count_lines(text));
    while (recorded_next(text, '\n', &at, &line)) {
        if (!read_row(recorded, line, row))
            return fail(recorded, "its row %zu cannot be read", row + 1);
        row++;
    }
    recorded->window.count = row;
    return true;
}

/* --- intents */

static bool next_intent(struct recorded_text ids, size_t *at, struct stream_id *ret_id)
{
    struct recorded_text word;

    return recorded_next(ids, ' ', at, &word) && stream_id_read(word.bytes, word.length, ret_id);
}

static bool read_intents(struct recorded *recorded)
{
    struct stream_id id;
    size_t at = 0, count = 0;

    while (at < recorded->intents.length) {
        if (!next_intent(recorded->intents, &at, &id) || ++count > INTENTS_MAX)
            return fail(recorded, "its intents are no list of ids");
    }
    recorded->intent_count = count;
    return true;
}

bool recorded_intent(const struct recorded *recorded, unsigned rank, struct stream_id *ret_id)
{
    struct stream_id id;
    size_t at = 0;

    for (unsigned i = 1; rank > 0 && next_intent(recorded->intents, &at, &id); i++)
        if (i == rank) {
            *ret_id = id;
            return true;
        }
    return false;
}

/* --- sizes */

bool recorded_size(const struct recorded *recorded, size_t *at, struct sizing *ret_sizing)
{
    struct recorded_text line, size, factor, more;
    size_t in = 0;

    return recorded_next(recorded->sizes, '\n', at, &line) &&
           recorded_next(line, ' ', &in, &size) && recorded_next(line, ' ', &in, &factor) &&
           !recorded_next(line, ' ', &in, &more) &&
           read_number(size, 0, TERMS_NUMBER_MAX, &ret_sizing->size_usd) &&
           read_number(factor, 0, TERMS_NUMBER_MAX, &ret_sizing->factor);
}

static bool read_sizes(struct recorded *recorded, const struct entry *entry)
{
    struct sizing sizing;
    size_t at = 0;

    recorded->has_sizes = find(entry, "sizes", &recorded->sizes);
    while (at < recorded->sizes.length)
        if (!recorded_size(recorded, &at, &sizing))
            return fail(recorded, "its sizes cannot be read");
    return true;
}

/* --- all of it */

static bool read_number_of(struct recorded *recorded, const struct entry *entry, const char *name,
                           int64_t most, int64_t *ret_number)
{
    struct recorded_text text;

    if (!find(entry, name, &text))
        return fail(recorded, "it has no '%s'", name);
    if (!recorded_count(text, 0, most, ret_number))
        return fail(recorded, "its '%s' is no sound number", name);
    return true;
}

static bool read_version(struct recorded *recorded, const struct entry *entry)
{
    if (entry->count > ENTRY_FIELDS_MAX)
        return fail(recorded, "it has too many fields");
    if (!read_number_of(recorded, entry, "v", RECORDED_COUNT_MAX, &recorded->version))
        return false;
    if (recorded->version > RECORD_VERSION) {
        (void)fail(recorded, "a newer program wrote it, as version %lld",
                   (long long)recorded->version);
        recorded->state = RECORDED_NEWER;
        return false;
    }
    if (recorded->version < 1)
        return fail(recorded, "its version is %lld", (long long)recorded->version);
    return read_number_of(recorded, entry, "core", RECORDED_COUNT_MAX, &recorded->core);
}

static bool read_digest(struct recorded_text text, char ret_digest[static SHA256_TEXT_MAX])
{
    return copy(text, ret_digest, SHA256_TEXT_MAX) && text.length == SHA256_TEXT_MAX - 1 &&
           strspn(ret_digest, "0123456789abcdef") == text.length;
}

static bool read_names(struct recorded *recorded, const struct entry *entry)
{
    struct recorded_text text;

    if (!find(entry, "cycle_id", &text) ||
        !copy(text, recorded->cycle_id, sizeof recorded->cycle_id))
        return fail(recorded, "it has no sound 'cycle_id'");
    if (!find(entry, "settings", &text) || !read_digest(text, recorded->settings))
        return fail(recorded, "it has no sound 'settings'");
    (void)find(entry, "router", &recorded->router);
    (void)find(entry, "quiet", &recorded->quiet);
    return read_number_of(recorded, entry, "at", time_max_ms, &recorded->snapshot.now_ms);
}

static bool read_counts(struct recorded *recorded, const struct entry *entry)
{
    struct recorded_text text;
    int64_t left = 0;

    if (!find(entry, "tally", &text) || !read_tally(text, &recorded->tally))
        return fail(recorded, "it has no sound 'tally'");
    if (!find(entry, "drops", &text) || !read_tally(text, &recorded->drops))
        return fail(recorded, "it has no sound 'drops'");
    if (!read_number_of(recorded, entry, "rows_left", RECORDED_COUNT_MAX, &left))
        return false;
    recorded->rows_left = (size_t)left;
    return true;
}

static bool read_all(struct recorded *recorded, const struct entry *entry)
{
    struct recorded_text rows;

    if (!read_version(recorded, entry) || !read_names(recorded, entry))
        return false;
    if (!find(entry, "world", &recorded->world))
        return fail(recorded, "it has no 'world'");
    if (!find(entry, "intents", &recorded->intents))
        return fail(recorded, "it has no 'intents'");
    if (!find(entry, "rows", &rows))
        return fail(recorded, "it has no 'rows'");
    if (!read_world(recorded) || !read_counts(recorded, entry) || !read_intents(recorded) ||
        !read_rows(recorded, rows) || !read_sizes(recorded, entry))
        return false;
    note_supers(recorded);
    return true;
}

/* What is kept of the one before it: memory alone. */
static void forget(struct recorded *recorded)
{
    struct recorded fresh = {
        .window = {.candidates = recorded->window.candidates},
        .scores = recorded->scores,
        .stale = recorded->stale,
        .verdicts = recorded->verdicts,
        .signals = recorded->signals,
        .room = recorded->room,
    };

    fresh.snapshot.marked = recorded->snapshot.marked;
    fresh.snapshot.cooling = recorded->snapshot.cooling;
    fresh.snapshot.held = recorded->snapshot.held;
    fresh.snapshot.super_times = recorded->snapshot.super_times;
    *recorded = fresh;
}

void recorded_read(struct recorded *recorded, const struct entry *entry)
{
    static char nothing[] = "";

    forget(recorded);
    recorded->id = entry->id;
    recorded->snapshot.day_counts = nothing;
    recorded->snapshot.minute_counts = nothing;
    if (!read_all(recorded, entry))
        recorded->window.count = 0;
}

void recorded_release(struct recorded *recorded)
{
    free(recorded->window.candidates);
    free(recorded->scores);
    free(recorded->stale);
    free(recorded->verdicts);
    free(recorded->signals);
    free(recorded->snapshot.marked);
    free(recorded->snapshot.cooling);
    free(recorded->snapshot.held);
    free(recorded->snapshot.super_times);
    *recorded = (struct recorded){0};
}

enum record_link recorded_link(const struct entry *entry, const char *digest)
{
    struct recorded_text prev;

    if (!find(entry, record_field_name(RECORD_PREV), &prev) || prev.length == 0)
        return LINK_GAP;
    return recorded_is(prev, digest) ? LINK_WHOLE : LINK_BROKEN;
}
