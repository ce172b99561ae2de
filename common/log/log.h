/* SPDX-License-Identifier: MIT */
/*
 * The log: one event, one line, one place.
 *
 * A line is put together piece by piece and sent once. When stderr is the journal it goes there
 * natively, with the event's MESSAGE_ID and a field for every key=value that the line shows;
 * otherwise to stderr, with the time in UTC and the level in front. Text from outside enters
 * through log_foreign() alone, which escapes and cuts it. Sending never waits: what a full or
 * closed stderr does not take is counted and dropped.
 *
 * Only programs log; what lies in common/ reports to its caller. The log is one for the process, as
 * stderr is.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/options/options.h"

enum log_level { LEVEL_ERROR, LEVEL_WARN, LEVEL_INFO, LEVEL_DEBUG };

/* NULL-terminated, in the order of enum log_level: as the option log.level takes them. */
extern const char *const log_level_names[];

#define LOG_LINE_MAX   2048 /* below PIPE_BUF, so that a line is written whole or not at all */
#define LOG_FIELDS_MAX 2048

struct log_line {
    bool muted; /* below the level: every call is a no-op */
    bool cut;   /* the text was too long and ends with "…" */
    enum log_level level;
    const char *id; /* MESSAGE_ID; NULL: none, or not for the journal */
    size_t length;
    size_t fields_length;
    char text[LOG_LINE_MAX];
    char fields[LOG_FIELDS_MAX]; /* QUANTUM_X=value\n, as the journal takes them */
};

/* Where lines go is decided here, once: the journal if $JOURNAL_STREAM says that stderr is it. */
void log_init(const char *program);

/* The options that every service has for its log. Embedded in a program's settings. */
struct log_settings {
    int level; /* enum log_level */
    bool emoji;
    bool pipeline_diag; /* a line per entry with its fate */
};

/* The rows; the group's base is where the struct lies in the program's settings. */
enum { LOG_OPTION_COUNT = 3 };
extern const struct option_row log_option_rows[];

/* From here on the log obeys these. */
void log_adopt(const struct log_settings *settings);
void log_set(enum log_level level, bool pictures);
bool log_enabled(enum log_level level);

/* Starts "picture EVENT"; `picture` may be NULL, `event` is the word that operators grep for. */
void log_open(struct log_line *line, enum log_level level, const char *picture, const char *event);

/* Our own words, as they are. */
void log_text(struct log_line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* " key=value", and the field QUANTUM_KEY. */
void log_pair(struct log_line *line, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void log_pair_int(struct log_line *line, const char *key, int64_t value);

/* A field that the line already shows in other words. */
void log_field(struct log_line *line, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Text from outside: control characters, invalid UTF-8 and what turns text around become \xNN; cut
 * after `most` bytes. */
void log_foreign(struct log_line *line, const char *bytes, size_t length, size_t most);

/* " key=" and text from outside, with its field. */
void log_pair_foreign(struct log_line *line, const char *key, const char *bytes, size_t length,
                      size_t most);

void log_send(struct log_line *line);

/* A whole line at once, without pairs. */
void log_event(enum log_level level, const char *picture, const char *event, const char *format,
               ...) __attribute__((format(printf, 4, 5)));

/* Lines that could not be written so far. */
uint64_t log_dropped(void);

/* Lets `burst` lines of one kind pass per `window_ms` and counts the rest. */
struct log_limit {
    uint64_t window_start_ms;
    uint64_t suppressed;
    unsigned passed;
};

/* True: write the line, and say that `*ret_suppressed` before it were not written. */
bool log_limit_pass(struct log_limit *limit, uint64_t now_ms, unsigned burst, uint64_t window_ms,
                    uint64_t *ret_suppressed);

/* What was suppressed, once the window is over, for a line of its own that tells it and counts as
 * passed; 0: there is nothing to tell yet. */
uint64_t log_limit_take(struct log_limit *limit, uint64_t now_ms, uint64_t window_ms);
