/* SPDX-License-Identifier: MIT */
#include "ctl/demo/demo_show.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <uv.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "ctl/demo/demo_line.h"

#define RULE "── "

enum {
    COLUMNS_USUAL = 80,
    COLUMNS_MIN = 20,      /* below, folding makes it worse */
    COLUMNS_WIDE = 110,    /* from here on, folded lines continue under the message */
    INDENT_NARROW = 4,     /* before, under the date */
    INDENT_NOTE = 3,       /* under the text behind the rule */
    POLL_MS = 100,         /* how soon a stop is noticed while the reader is slow */
    STOPPING_MS_MAX = 200, /* a reader that takes nothing for so long then is given up */
    PIECE_MAX = 4096,      /* a pipe that is ready takes this much without waiting */
    SPANS_MAX = 4,
};

/* From this byte on, these attributes. */
struct span {
    size_t start;
    const char *code;
};

/* Each ends what was before it. */
static const char plain[] = "\033[0m", strong[] = "\033[0;1m", faint[] = "\033[0;2m",
                  red[] = "\033[0;31m", green[] = "\033[0;32m", yellow[] = "\033[0;33m",
                  magenta[] = "\033[0;35m", cyan[] = "\033[0;36m", strong_red[] = "\033[0;1;31m",
                  strong_green[] = "\033[0;1;32m", strong_cyan[] = "\033[0;1;36m";

static const struct {
    const char *word, *code;
} word_colours[] = {
    {"CAPACITY_OK", green},
    {"CAPACITY_UNKNOWN", red},
    {"CAPACITY_UNPARSEABLE", red},
    {"CAPACITY_FULL", red},
    {"TARGET_REACHED", yellow},
    {"SUPER_SIGNAL_BYPASS", magenta},
    {"SAFE_MODE", strong_red},
    {"SAFE_MODE_CLEARED", green},
    {"BEST_OF_PUBLISH", strong_cyan},
    {"RANK_*", cyan},
    {"SIZE_*", cyan},
    {"Trade", strong_green},
    {"FILLED", green},
    {"CLOSED", cyan},
    {"REJECTED", yellow},
    {"CYCLE", faint},
};

void demo_show_init(struct demo_show *show, const volatile sig_atomic_t *stop)
{
    const char *no_colour = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");

    *show = (struct demo_show){.stop = stop, .is_terminal = isatty(STDOUT_FILENO) == 1};
    show->has_colour = show->is_terminal && (!no_colour || !*no_colour) &&
                       (!terminal || strcmp(terminal, "dumb") != 0);
}

void demo_show_deinit(struct demo_show *show)
{
    free(show->bytes);
    show->bytes = NULL;
}

static void put(struct demo_show *show, const char *bytes, size_t length)
{
    show->bytes = memory_resize(show->bytes, show->length + length + 1, 1);
    memcpy(show->bytes + show->length, bytes, length);
    show->length += length;
}

static void put_code(struct demo_show *show, const char *code)
{
    if (show->has_colour)
        put(show, code, strlen(code));
}

/* Unbounded where there is nothing to fit in. */
static size_t columns(const struct demo_show *show)
{
    struct winsize size;

    if (!show->is_terminal)
        return SIZE_MAX;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return COLUMNS_USUAL;
    return size.ws_col < COLUMNS_MIN ? SIZE_MAX : size.ws_col;
}

/* Columns of the character that begins here: pictures take two, and so do most that a selector
 * makes one. Inside a character: 0. */
static size_t width_at(const char *text)
{
    const unsigned char *bytes = (const unsigned char *)text;

    if ((bytes[0] & 0xc0) == 0x80)
        return 0;
    if (bytes[0] >= 0xf0)
        return 2;
    if (strncmp(text, "\xef\xb8\x8f", 3) == 0)
        return 1; /* it widens what stands in front of it */
    bool is_symbol = bytes[0] == 0xe2 && (bytes[1] == 0x9b || bytes[1] == 0x9c);
    return is_symbol ? 2 : 1;
}

static size_t width(const char *text, size_t length)
{
    size_t sum = 0;

    for (size_t i = 0; i < length; i++)
        sum += width_at(text + i);
    return sum;
}

/* Writes a piece with the codes that begin in it. */
static void put_piece(struct demo_show *show, const char *text, size_t start, size_t length,
                      const struct span *spans)
{
    for (size_t i = start; i < start + length; i++) {
        for (size_t k = 0; k < SPANS_MAX && spans[k].code; k++)
            if (spans[k].start == i)
                put_code(show, spans[k].code);
        put(show, text + i, 1);
    }
}

/* One line, broken between words where the terminal ends. */
static void put_folded(struct demo_show *show, const char *text, const struct span *spans,
                       size_t indent)
{
    size_t most = columns(show);
    size_t column = 0;

    for (size_t at = 0; text[at] != '\0';) {
        size_t blanks = strspn(text + at, " ");
        size_t length = strcspn(text + at + blanks, " ");
        size_t wanted = blanks + width(text + at + blanks, length);
        if (column > indent && column + wanted > most) {
            put(show, "\n", 1);
            for (size_t i = 0; i < indent; i++)
                put(show, " ", 1);
            put_piece(show, text, at + blanks, length, spans);
            column = indent + wanted - blanks;
        } else {
            put_piece(show, text, at, blanks + length, spans);
            column += wanted;
        }
        at += blanks + length;
    }
    put_code(show, plain);
    put(show, "\n", 1);
}

static const char *level_code(const struct demo_line *line)
{
    switch (line->text[line->level + 1]) {
    case 'E':
        return red;
    case 'W':
        return yellow;
    default:
        return plain;
    }
}

static const char *word_code(const struct demo_line *line)
{
    for (size_t i = 0; i < sizeof word_colours / sizeof *word_colours; i++)
        if (demo_line_matches(line, word_colours[i].word))
            return word_colours[i].code;
    return level_code(line);
}

void demo_show_log(struct demo_show *show, const char *text)
{
    struct span spans[SPANS_MAX + 1] = {{0}};
    struct demo_line line;

    if (!demo_line_read(text, &line)) {
        put_folded(show, escaped(text).text, spans, INDENT_NARROW);
        return;
    }
    spans[0] = (struct span){0, faint};
    spans[1] = (struct span){line.level, plain};
    spans[2] = (struct span){line.level + 1, level_code(&line)};
    spans[3] = (struct span){line.message, word_code(&line)};
    put_folded(show, text, spans, columns(show) < COLUMNS_WIDE ? INDENT_NARROW : line.message);
}

void demo_show_command(struct demo_show *show, const char *command, const char *meaning)
{
    size_t wanted = 2 * width(RULE, strlen(RULE)) + strlen(command) + 1 + strlen(meaning);
    const char *between = wanted > columns(show) ? "\n   " : " " RULE;

    put_code(show, strong);
    put(show, RULE, strlen(RULE));
    put(show, command, strlen(command));
    if (*meaning) {
        put(show, between, strlen(between));
        put(show, meaning, strlen(meaning));
    }
    put_code(show, plain);
    put(show, "\n", 1);
}

void demo_show_hint(struct demo_show *show, const char *label, const char *command)
{
    char *line = memory_format("   %-8s%s\n", label, command);

    put(show, line, strlen(line));
    free(line);
}

void demo_show_note(struct demo_show *show, enum demo_tone tone, const char *format, ...)
{
    static const char *const codes[] = {
        [TONE_PLAIN] = plain,    [TONE_STRONG] = strong, [TONE_GOOD] = green,
        [TONE_BAD] = strong_red, [TONE_FAINT] = faint,
    };
    const struct span spans[SPANS_MAX] = {{0, codes[tone]}};
    va_list arguments;

    va_start(arguments, format);
    char *line = memory_format_list(format, arguments);
    va_end(arguments);
    put_folded(show, line, spans, INDENT_NOTE);
    free(line);
}

/* Whether the reader takes something, now or in a while. */
static bool wait_ready(const struct demo_show *show)
{
    struct pollfd reader = {.fd = STDOUT_FILENO, .events = POLLOUT};
    int waited_ms = 0;

    while (poll(&reader, 1, POLL_MS) <= 0) {
        waited_ms = *show->stop ? waited_ms + POLL_MS : 0;
        if (waited_ms >= STOPPING_MS_MAX)
            return false;
    }
    return true;
}

static void write_out(struct demo_show *show)
{
    for (size_t at = 0; at < show->length && show->error == 0;) {
        size_t left = show->length - at;
        if (!wait_ready(show)) {
            show->error = ETIMEDOUT;
            break;
        }
        ssize_t written =
            write(STDOUT_FILENO, show->bytes + at, left < PIECE_MAX ? left : PIECE_MAX);
        if (written >= 0)
            at += (size_t)written;
        else if (errno != EINTR && errno != EAGAIN)
            show->error = errno;
    }
    show->length = 0;
}

uint64_t demo_show_flush(struct demo_show *show)
{
    if (show->length == 0)
        return 0;
    uint64_t start_ns = uv_hrtime();
    write_out(show);
    return uv_hrtime() - start_ns;
}
