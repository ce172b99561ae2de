/* SPDX-License-Identifier: MIT */
#include "ctl/demo/demo_show.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "ctl/demo/demo_tally.h"
#include "ctl/frame/fold.h"

#define RULE "── "

enum {
    COLUMNS_MIN = 20,      /* below, folding makes it worse */
    COLUMNS_WIDE = 110,    /* from here on, folded lines continue under the message */
    INDENT_NARROW = 4,     /* before, under the date */
    INDENT_NOTE = 3,       /* under the text behind the rule */
    POLL_MS = 100,         /* how soon a stop is noticed while the reader is slow */
    STOPPING_MS_MAX = 200, /* a reader that takes nothing for so long then is given up */
    PIECE_MAX = 4096,      /* a pipe that is ready takes this much without waiting */
};

/* Of log lines; each one ends the one before it. */
#define PLAIN      "\033[0m"
#define FAINT      "\033[0;2m"
#define RED        "\033[0;31m"
#define GREEN      "\033[0;32m"
#define YELLOW     "\033[0;33m"
#define CYAN       "\033[0;36m"
#define STRONG_RED "\033[0;1;31m"

static const struct {
    const char *word, *code;
} word_colours[] = {
    {"CAPACITY_OK", GREEN},
    {"CAPACITY_UNKNOWN", RED},
    {"CAPACITY_UNPARSEABLE", RED},
    {"CAPACITY_FULL", RED},
    {"TARGET_REACHED", YELLOW},
    {"SUPER_SIGNAL_BYPASS", "\033[0;35m"},
    {"SAFE_MODE", STRONG_RED},
    {"SAFE_MODE_CLEARED", GREEN},
    {"BEST_OF_PUBLISH", "\033[0;1;36m"},
    {"RANK_*", CYAN},
    {"SIZE_*", CYAN},
    {"Trade", "\033[0;1;32m"},
    {"FILLED", GREEN},
    {"CLOSED", CYAN},
    {"REJECTED", YELLOW},
    {"CYCLE", FAINT},
};

/* Where what is shown next goes. */
static FILE *page(struct demo_show *show)
{
    if (!show->page) {
        show->page = open_memstream(&show->bytes, &show->length);
        show->terminal = terminal_look();
        if (show->terminal.columns < COLUMNS_MIN)
            show->terminal.columns = SIZE_MAX;
    }
    assert(show->page && "memory never fails");
    return show->page;
}

static const char *code(const struct demo_show *show, const char *code)
{
    return show->terminal.has_colors ? code : "";
}

static const char *level_code(const struct demo_line *line)
{
    char first = line->text[line->level + 1];

    return first == 'E' ? RED : first == 'W' ? YELLOW : PLAIN;
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
    FILE *out = page(show);
    size_t columns = show->terminal.columns, indent = INDENT_NARROW;
    struct demo_line line;
    char *shown;

    if (demo_line_read(text, &line)) {
        size_t level = line.level + 1;
        shown = memory_format("%s%.*s%s[%s%.*s%s%s%s", code(show, FAINT), (int)line.level, text,
                              code(show, PLAIN), code(show, level_code(&line)),
                              (int)(line.message - level), text + level,
                              code(show, word_code(&line)), text + line.message, code(show, PLAIN));
        if (columns >= COLUMNS_WIDE)
            indent = line.message;
    } else {
        shown = memory_format("%s%s", escaped(text).text, code(show, PLAIN));
    }
    fold_print_under(out, shown, columns, indent);
    free(shown);
}

void demo_show_command(struct demo_show *show, const char *command, const char *meaning)
{
    FILE *out = page(show);
    size_t wanted = 2 * terminal_width(RULE) + strlen(command) + 1 + terminal_width(meaning);
    const char *between = wanted > show->terminal.columns ? "\n   " : " " RULE;

    (void)fprintf(out, "%s" RULE "%s%s%s%s\n", terminal_on(&show->terminal, COLOR_BOLD), command,
                  *meaning ? between : "", meaning, terminal_off(&show->terminal, COLOR_BOLD));
}

void demo_show_note(struct demo_show *show, enum color color, const char *format, ...)
{
    FILE *out = page(show);
    va_list arguments;

    va_start(arguments, format);
    char *note = memory_format_list(format, arguments);
    va_end(arguments);
    char *line = memory_format("%s%s%s", terminal_on(&show->terminal, color), note,
                               terminal_off(&show->terminal, color));
    fold_print_under(out, line, show->terminal.columns, INDENT_NOTE);
    free(line);
    free(note);
}

void demo_show_copy(struct demo_show *show, const char *lines)
{
    (void)fputs(lines, page(show));
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
}

uint64_t demo_show_flush(struct demo_show *show)
{
    if (!show->page)
        return 0;
    uint64_t start_ns = uv_hrtime();
    (void)fclose(show->page);
    write_out(show);
    free(show->bytes);
    show->page = NULL;
    return uv_hrtime() - start_ns;
}
