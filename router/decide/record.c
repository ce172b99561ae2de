/* SPDX-License-Identifier: MIT */
#include "router/decide/record.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/number.h"
#include "router/decide/notes.h"

/* A decision id of 128 bytes, each encoded, is the longest part of a row; a cycle id and an
 * instance are shorter. */
#define WORD_MAX (3 * DECISION_ID_MAX + 1)
#define ROW_MAX  1024

static_assert(WORD_MAX + STREAM_ID_TEXT_MAX + SYMBOL_MAX + 4 * 32 + 128 < ROW_MAX,
              "a row has room for the longest of all its parts");

const char *record_field_name(enum record_field field)
{
    static const char *const names[] = {
#define NAME(field, name) [RECORD_##field] = (name),
        RECORD_FIELDS(NAME)
#undef NAME
    };

    assert(field < RECORD_FIELD_COUNT);
    return names[field];
}

const char *quiet_name(enum quiet quiet)
{
    static const char *const names[] = {
#define NAME(quiet, name) [QUIET_##quiet] = (name),
        QUIETS(NAME)
#undef NAME
    };

    assert(quiet < QUIET_COUNT);
    return names[quiet];
}

const char *record_state_name(enum capacity_state state)
{
    static const char *const names[] = {
        [CAPACITY_UNKNOWN] = "capacity_unknown", [CAPACITY_UNPARSEABLE] = "capacity_unparseable",
        [CAPACITY_FULL] = "capacity_full",       [CAPACITY_TARGET] = "target_reached",
        [CAPACITY_OK] = "capacity_ok",
    };

    assert(state < sizeof names / sizeof *names);
    return names[state];
}

/* One that was weighed may turn out stale or without a size. */
bool record_tallies(enum fate fate)
{
    return fate_is_weighed(fate) || fate == FATE_STALE || fate == FATE_INVALID;
}

bool record_drops(enum fate fate)
{
    return !fate_is_weighed(fate) || fate == FATE_OUTRANKED;
}

/* --- a text that is written from its start to its end */

struct text {
    char *bytes;
    size_t length;
    size_t room;
};

static void grow(struct text *text, size_t more)
{
    enum { FIRST = 256 };

    if (text->room - text->length > more)
        return;
    text->room = 2 * (text->room + more + 1);
    if (text->room < FIRST)
        text->room = FIRST;
    text->bytes = memory_resize(text->bytes, text->room, 1);
}

static void put_bytes(struct text *text, const char *bytes, size_t length)
{
    grow(text, length);
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

static void put(struct text *text, const char *word)
{
    put_bytes(text, word, strlen(word));
}

static void put_count(struct text *text, uint64_t count)
{
    char digits[NUMBER_DIGITS_MAX];
    size_t length = number_print(count, digits);

    put_bytes(text, digits, length);
}

static void put_number(struct text *text, double value)
{
    char number[NUMBER_TEXT_MAX];

    number_shortest(value, number);
    put(text, number);
}

/* What would end a word, or a line, or say something else. */
static bool is_plain(char byte)
{
    return byte > ' ' && byte < 0x7f && byte != '%' && byte != '=';
}

static void put_encoded(struct text *text, const char *word)
{
    static const char digits[] = "0123456789ABCDEF";

    for (; *word; word++) {
        unsigned char byte = (unsigned char)*word;
        if (is_plain(*word))
            put_bytes(text, word, 1);
        else
            put_bytes(text, (char[]){'%', digits[byte >> 4], digits[byte & 15]}, 3);
    }
}

/* "name=", with a blank before it unless it is the first. */
static void put_name(struct text *text, const char *name)
{
    if (text->length > 0)
        put(text, " ");
    put(text, name);
    put(text, "=");
}

static void put_named_count(struct text *text, const char *name, int64_t count)
{
    put_name(text, name);
    if (count < 0)
        put(text, "-");
    put_count(text, count < 0 ? -(uint64_t)count : (uint64_t)count);
}

static void put_named(struct text *text, const char *name, const char *word)
{
    put_name(text, name);
    put_encoded(text, word);
}

static char *text_of_count(uint64_t count)
{
    struct text text = {0};

    put_count(&text, count);
    return text.bytes;
}

/* --- the world */

static void put_open(struct text *text, const struct open_orders *open)
{
    static const char *const words[] = {
        [OPEN_ORDERS_MISSING] = "missing", [OPEN_ORDERS_UNPARSEABLE] = "unparseable"};

    if (open->kind == OPEN_ORDERS_KNOWN)
        put_named_count(text, "open", open->count);
    else
        put_named(text, "open", words[open->kind]);
}

static char *world_of(const struct snapshot *snapshot, const struct plan *plan)
{
    const struct capacity *capacity = &snapshot->capacity;
    struct text text = {0};

    put_open(&text, &capacity->open);
    put_named_count(&text, "inflight", capacity->in_flight);
    put_named(&text, "state", record_state_name(plan->allowance.state));
    put_named_count(&text, "slots", plan->allowance.slots);
    put_named_count(&text, "allowed", plan->allowance.allowed);
    put_named_count(&text, "safe", snapshot->safe_mode);
    put_named_count(&text, "since", capacity->published_since);
    put_named_count(&text, "today", capacity->published_today);
    put_named_count(&text, "minute", capacity->published_minute);
    put_named_count(&text, "supers", notes_supers(snapshot->super_times, snapshot->now_ms));
    put_named_count(&text, "rolled", capacity->rolled_back);
    put_named(&text, "held", capacity->positions_unknown ? "unknown" : "known");
    put_named_count(&text, "held_symbols",
                    capacity->positions_unknown ? 0 : (int64_t)snapshot->holdings.symbols);
    return text.bytes;
}

/* --- what became of how many */

static char *tally_of(const struct tally *tally, bool (*counts)(enum fate fate))
{
    struct text text = {0};

    for (enum fate fate = 0; fate < FATE_COUNT; fate++)
        if (counts(fate))
            put_named_count(&text, fate_name(fate), (int64_t)tally->of[fate]);
    return text.bytes;
}

static char *quiet_of(const struct unrecorded *unrecorded)
{
    struct text text = {0};

    for (enum quiet quiet = 0; quiet < QUIET_COUNT; quiet++)
        put_named_count(&text, quiet_name(quiet), (int64_t)unrecorded->quiet[quiet]);
    return text.bytes;
}

/* --- the rows */

/* What was so, whatever the fate: in the order in which the README explains them. */
static void put_flags(struct text *row, const struct record_source *source, size_t index)
{
    const struct snapshot *snapshot = source->snapshot;
    const struct signal *signal = source->window->candidates[index].signal;
    char held = snapshot->held[index];
    const struct {
        bool holds;
        const char *flag;
    } flags[] = {
        {signal->gate_passed, "g"},
        {signal->regime_known, "r"},
        {snapshot->marked[index] == '1', "d"},
        {snapshot->cooling[index] == '1', "c"},
        {held == HELD_SAME || held == HELD_BOTH, "h"},
        {held == HELD_OPPOSITE || held == HELD_BOTH, "o"},
        {source->plan->verdicts[index].fate == FATE_STALE, "s"},
    };
    size_t before = row->length;

    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (flags[i].holds)
            put(row, flags[i].flag);
    if (row->length == before)
        put(row, "-");
}

static void put_beginning(struct text *row, const struct candidate *candidate)
{
    const struct signal *signal = candidate->signal;
    const double numbers[] = {signal->confidence, candidate->score, signal->position_size_usd,
                              signal->leverage};
    char entry_id[STREAM_ID_TEXT_MAX];

    stream_id_print(signal->id, entry_id);
    put(row, entry_id);
    put(row, " ");
    put_encoded(row, signal->symbol);
    put(row, " ");
    put(row, side_name(signal->side));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        put(row, " ");
        put_number(row, numbers[i]);
    }
}

/* What does not fit into the rows need not be drafted. */
void record_draft_make(const struct window *window, struct record_draft *ret_draft)
{
    size_t *ends = memory_array(window->count, sizeof *ends);
    struct text text = {0};
    size_t count = 0;

    while (count < window->count && text.length <= RECORD_ROWS_MAX) {
        put_beginning(&text, &window->candidates[count]);
        ends[count++] = text.length;
    }
    *ret_draft = (struct record_draft){text.bytes, ends, count, window->moves};
}

void record_draft_release(struct record_draft *draft)
{
    free(draft->bytes);
    free(draft->ends);
    *draft = (struct record_draft){0};
}

static bool is_drafted(const struct record_source *source, size_t index)
{
    const struct record_draft *draft = source->draft;

    return draft && draft->moves == source->window->moves && index < draft->count;
}

static void put_drafted(struct text *row, const struct record_draft *draft, size_t index)
{
    size_t from = index > 0 ? draft->ends[index - 1] : 0;

    put_bytes(row, draft->bytes + from, draft->ends[index] - from);
}

static void put_decision_id(struct text *row, const struct signal *signal)
{
    char entry_id[STREAM_ID_TEXT_MAX];

    stream_id_print(signal->id, entry_id);
    if (strcmp(signal->decision_id, entry_id) == 0)
        put(row, "=");
    else
        put_encoded(row, signal->decision_id);
}

static void put_row(struct text *row, const struct record_source *source, size_t index)
{
    const struct candidate *candidate = &source->window->candidates[index];
    const struct verdict *verdict = &source->plan->verdicts[index];

    if (is_drafted(source, index))
        put_drafted(row, source->draft, index);
    else
        put_beginning(row, candidate);
    put(row, " ");
    put_flags(row, source, index);
    put(row, " ");
    put(row, fate_name(verdict->fate));
    put(row, " ");
    put_count(row, verdict->rank);
    put(row, " ");
    put_decision_id(row, candidate->signal);
}

/* Each is judged by those above it alone, so that a cut at the end changes nothing of the rest.
 * Returns how many fit. */
static size_t put_rows(struct text *rows, const struct record_source *source)
{
    size_t count = source->window->count;

    for (size_t i = 0; i < count; i++) {
        size_t before = rows->length;
        if (i > 0)
            put(rows, "\n");
        put_row(rows, source, i);
        if (rows->length > RECORD_ROWS_MAX) {
            rows->length = before;
            rows->bytes[before] = '\0';
            return i;
        }
    }
    return count;
}

/* Of what is published, those that have a row. */
static char *sizes_of(const struct plan *plan, size_t rows)
{
    struct text sizes = {0};

    put(&sizes, "");
    for (size_t i = 0; i < plan->chosen && plan->choices[i].index < rows; i++) {
        const struct sizing *sizing = &plan->choices[i].sizing;
        put(&sizes, i > 0 ? "\n" : "");
        put_number(&sizes, sizing->size_usd);
        put(&sizes, " ");
        put_number(&sizes, sizing->factor);
    }
    return sizes.bytes;
}

/* --- the whole */

static char *router_of(const struct record_source *source)
{
    struct text text = {0};

    put_encoded(&text, source->instance);
    put(&text, " ");
    put_encoded(&text, source->version);
    return text.bytes;
}

void record_make(const struct record_source *source, struct record *ret_record)
{
    struct text rows = {0};

    assert(source->plan->count == source->window->count);
    grow(&rows, 0);
    rows.bytes[0] = '\0';
    size_t fitting = put_rows(&rows, source);
    *ret_record = (struct record){{
        [RECORD_V] = text_of_count(RECORD_VERSION),
        [RECORD_CORE] = text_of_count(DECISION_CORE),
        [RECORD_CYCLE_ID] = memory_text(source->cycle_id),
        [RECORD_AT] = text_of_count((uint64_t)source->snapshot->now_ms),
        [RECORD_ROUTER] = router_of(source),
        [RECORD_SETTINGS] = memory_text(source->settings),
        [RECORD_WORLD] = world_of(source->snapshot, source->plan),
        [RECORD_TALLY] = tally_of(&source->plan->tally, record_tallies),
        [RECORD_DROPS] = tally_of(&source->unrecorded->drops, record_drops),
        [RECORD_QUIET] = quiet_of(source->unrecorded),
        [RECORD_INTENTS] = memory_text(""),
        [RECORD_ROWS] = rows.bytes,
        [RECORD_ROWS_LEFT] = text_of_count(source->window->count - fitting),
        [RECORD_PREV] = memory_text(source->prev),
        [RECORD_SIZES] = sizes_of(source->plan, fitting),
    }};
}

void record_set(struct record *record, enum record_field field, const char *text)
{
    char *copy = memory_text(text);

    free(record->text[field]);
    record->text[field] = copy;
}

void record_release(struct record *record)
{
    for (size_t i = 0; i < RECORD_FIELD_COUNT; i++)
        free(record->text[i]);
    *record = (struct record){0};
}

static void put_part(struct text *text, const char *bytes, size_t length)
{
    put_count(text, length);
    put(text, ":");
    put_bytes(text, bytes, length);
}

void record_digest(const struct entry *entry, char ret_digest[static SHA256_TEXT_MAX])
{
    enum { LENGTHS_MAX = 2 * NUMBER_DIGITS_MAX };
    struct text text = {0};
    size_t length = 0;

    assert(entry->count <= ENTRY_FIELDS_MAX);
    for (size_t i = 0; i < entry->count; i++)
        length += entry->fields[i].name_length + entry->fields[i].value_length + LENGTHS_MAX;
    grow(&text, length);
    for (size_t i = 0; i < entry->count; i++) {
        const struct entry_field *field = &entry->fields[i];
        put_part(&text, field->name, field->name_length);
        put_part(&text, field->value, field->value_length);
    }
    sha256_text(text.bytes, text.length, ret_digest);
    free(text.bytes);
}

void record_digest_of(const struct record *record, char ret_digest[static SHA256_TEXT_MAX])
{
    struct entry entry = {.count = RECORD_FIELD_COUNT};

    for (enum record_field field = 0; field < RECORD_FIELD_COUNT; field++) {
        const char *name = record_field_name(field);
        entry.fields[field] = (struct entry_field){name, strlen(name), record->text[field],
                                                   strlen(record->text[field])};
    }
    record_digest(&entry, ret_digest);
}
