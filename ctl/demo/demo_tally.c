/* SPDX-License-Identifier: MIT */
#include "ctl/demo/demo_tally.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/number.h"
#include "common/base/stream_id.h"
#include "common/redis/reply.h"
#include "ctl/look/stream_look.h"

/* 0 stands for a digit. */
static const char head[] = "0000-00-00 00:00:00 [";

static bool has_head(const char *text)
{
    for (size_t i = 0; head[i] != '\0'; i++) {
        bool is_digit = text[i] >= '0' && text[i] <= '9';
        if (head[i] == '0' ? !is_digit : text[i] != head[i])
            return false;
    }
    return true;
}

/* Pictures are not ASCII, words are. */
static size_t skip_picture(const char *text, size_t at)
{
    if (((unsigned char)text[at] & 0x80) == 0)
        return at;
    size_t length = strcspn(text + at, " ");
    return at + length + (text[at + length] == ' ');
}

bool demo_line_read(const char *text, struct demo_line *ret_line)
{
    if (!has_head(text))
        return false;
    size_t level = sizeof head - 2;
    const char *end = strstr(text + level, "] ");
    if (!end)
        return false;
    size_t message = (size_t)(end - text) + 2;
    size_t word = skip_picture(text, message);
    *ret_line = (struct demo_line){
        .text = text,
        .level = level,
        .level_length = message - 1 - level,
        .message = message,
        .word = word,
        .word_length = strcspn(text + word, " :"),
    };
    return true;
}

bool demo_line_matches(const struct demo_line *line, const char *pattern)
{
    size_t length = strcspn(pattern, "*");
    bool fits = pattern[length] == '*' ? line->word_length >= length : line->word_length == length;

    return fits && strncmp(line->text + line->word, pattern, length) == 0;
}

struct demo_digits demo_line_digits(const struct demo_line *line, const char *key)
{
    const char *place = line->text + line->word + line->word_length;
    size_t length = strlen(key);

    for (; (place = strchr(place, ' ')) != NULL; place++)
        if (strncmp(place + 1, key, length) == 0 && place[1 + length] == '=')
            return (struct demo_digits){place + length + 2,
                                        strspn(place + length + 2, "0123456789")};
    return (struct demo_digits){line->text, 0};
}

uint64_t demo_line_number(const struct demo_line *line, const char *key)
{
    struct demo_digits digits = demo_line_digits(line, key);
    int64_t number;

    return number_read_integer(digits.bytes, digits.length, &number) ? (uint64_t)number : 0;
}

static const char *const state_words[] = {
    [DEMO_UNTOLD] = "(no state yet)",
    [DEMO_UNKNOWN] = "CAPACITY_UNKNOWN",
    [DEMO_UNPARSEABLE] = "CAPACITY_UNPARSEABLE",
    [DEMO_OK] = "CAPACITY_OK",
    [DEMO_TARGET] = "TARGET_REACHED",
    [DEMO_FULL] = "CAPACITY_FULL",
    [DEMO_SAFE_MODE] = "SAFE_MODE",
};

static_assert(sizeof state_words / sizeof *state_words == DEMO_STATE_COUNT, "a word for each");

/* What comes with every window, or with every bad signal. */
static const char *const routine_words[] = {
    "BEST_OF_PUBLISH",
    "RANK_*",
    "SIZE_*",
    "Trade",
    "DUPLICATE_SKIP",
    "INVALID_SIGNAL_DROP",
    "CLOSE_SIGNAL_DROP",
    "FATE",
    "CAPACITY_SUSPECT",
};

const char *demo_state_word(enum demo_state state)
{
    assert(state < DEMO_STATE_COUNT);
    return state_words[state];
}

static bool is_routine(const struct demo_line *line)
{
    for (size_t i = 0; i < sizeof routine_words / sizeof *routine_words; i++)
        if (demo_line_matches(line, routine_words[i]))
            return true;
    return false;
}

static enum demo_state capacity_of(const struct demo_line *line)
{
    for (enum demo_state state = DEMO_UNKNOWN; state < DEMO_SAFE_MODE; state++)
        if (demo_line_matches(line, state_words[state]))
            return state;
    return demo_line_matches(line, "SUPER_SIGNAL_BYPASS") ? DEMO_TARGET : DEMO_UNTOLD;
}

static bool enter(struct demo_tally *tally, enum demo_state capacity, const struct demo_line *line)
{
    struct demo_digits digits = demo_line_digits(line, "open");
    char open[DEMO_OPEN_ROOM] = "";

    memcpy(open, digits.bytes, digits.length < sizeof open ? digits.length : sizeof open - 1);
    bool is_change = tally->capacity != capacity || strcmp(tally->open, open) != 0;
    tally->capacity = capacity;
    memcpy(tally->open, open, sizeof open);
    return is_change;
}

static void add_cycle(struct demo_tally *tally, const struct demo_line *line)
{
    enum demo_state state = tally->is_safe ? DEMO_SAFE_MODE : tally->capacity;
    struct demo_counts *counts = &tally->of[state];

    tally->super_cycles += state == DEMO_TARGET && tally->has_super;
    tally->has_super = false;
    counts->cycles++;
    counts->read += demo_line_number(line, "read");
    counts->candidates += demo_line_number(line, "candidates");
    counts->published += demo_line_number(line, "published");
}

bool demo_tally_add(struct demo_tally *tally, const struct demo_line *line)
{
    enum demo_state capacity = capacity_of(line);
    bool was_safe = tally->is_safe;

    if (capacity != DEMO_UNTOLD) {
        tally->has_super = demo_line_matches(line, "SUPER_SIGNAL_BYPASS");
        return enter(tally, capacity, line);
    }
    if (demo_line_matches(line, "CYCLE")) {
        add_cycle(tally, line);
        return false;
    }
    if (demo_line_matches(line, "SAFE_MODE")) {
        tally->is_safe = true;
        return !was_safe;
    }
    if (demo_line_matches(line, "SAFE_MODE_CLEARED"))
        tally->is_safe = false;
    return !is_routine(line);
}

struct demo_counts demo_tally_sum(const struct demo_tally *tally)
{
    struct demo_counts sum = {0};

    for (size_t i = 0; i < DEMO_STATE_COUNT; i++) {
        sum.cycles += tally->of[i].cycles;
        sum.read += tally->of[i].read;
        sum.candidates += tally->of[i].candidates;
        sum.published += tally->of[i].published;
    }
    return sum;
}

double demo_reduction_percent(const struct demo_counts *counts)
{
    if (counts->candidates == 0)
        return 0;
    return 100.0 * (1.0 - (double)counts->published / (double)counts->candidates);
}

void demo_trades_follow(struct demo_trades *trades, const struct demo_line *line)
{
    bool is_change = demo_line_matches(line, "FILLED") || demo_line_matches(line, "CLOSED");

    if (!is_change || demo_line_digits(line, "open").length == 0)
        return;
    trades->open_last = demo_line_number(line, "open");
    if (trades->open_last > trades->open_most)
        trades->open_most = trades->open_last;
}

static void count_reason(struct demo_trades *trades, const char *reason)
{
    size_t at = 0;

    while (at < trades->reason_count && strcmp(trades->reasons[at].name, reason) != 0)
        at++;
    if (at == DEMO_REASONS_MAX)
        return;
    if (at == trades->reason_count) {
        (void)snprintf(trades->reasons[at].name, sizeof trades->reasons[at].name, "%s", reason);
        trades->reason_count++;
    }
    trades->reasons[at].count++;
}

static void add_delay(struct demo_trades *trades, const struct demo_result *result)
{
    struct stream_id id;

    if (!stream_id_read(result->intent_id, strlen(result->intent_id), &id))
        return;
    int64_t delay_ms = result->told_ms - (int64_t)id.ms;
    trades->delays_ms =
        memory_resize(trades->delays_ms, trades->delay_count + 1, sizeof *trades->delays_ms);
    trades->delays_ms[trades->delay_count++] = delay_ms > 0 ? (uint32_t)delay_ms : 0;
}

void demo_trades_add(struct demo_trades *trades, const struct demo_result *result)
{
    if (strcmp(result->status, "closed") == 0)
        trades->closed++;
    if (!result->intent_id[0])
        return;
    trades->results++;
    add_delay(trades, result);
    if (strcmp(result->status, "filled") == 0) {
        trades->executed++;
    } else if (strcmp(result->status, "closed") != 0) {
        trades->refused++;
        count_reason(trades, result->reason[0] ? result->reason : result->status);
    }
}

static int compare(const void *a, const void *b)
{
    const uint32_t *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

uint32_t demo_trades_delay_ms(struct demo_trades *trades, double percent)
{
    size_t count = trades->delay_count;

    if (count == 0)
        return 0;
    qsort(trades->delays_ms, count, sizeof *trades->delays_ms, compare);
    size_t at = (size_t)((double)count * percent / 100.0);
    return trades->delays_ms[at < count ? at : count - 1];
}

static void copy_field(const redisReply *fields, const char *name, char *ret_text, size_t room)
{
    if (!reply_copy_text(reply_named(fields, name), ret_text, room))
        ret_text[0] = '\0';
}

static void add_entry(void *trades, const redisReply *entry, struct stream_id id)
{
    char intent_id[STREAM_ID_TEXT_MAX], status[24], reason[24];
    const redisReply *fields = reply_element(entry, 1);

    copy_field(fields, "intent_id", intent_id, sizeof intent_id);
    copy_field(fields, "status", status, sizeof status);
    copy_field(fields, "reason", reason, sizeof reason);
    demo_trades_add(trades, &(struct demo_result){(int64_t)id.ms, intent_id, status, reason});
}

int demo_trades_read(struct demo_trades *trades, const struct ask *ask, const char *results)
{
    demo_trades_clear(trades);
    return stream_look_walk(ask, results, results, add_entry, trades);
}

void demo_trades_clear(struct demo_trades *trades)
{
    struct demo_trades cleared = {.open_most = trades->open_most, .open_last = trades->open_last};

    free(trades->delays_ms);
    *trades = cleared;
}
