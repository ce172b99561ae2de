/* SPDX-License-Identifier: MIT */
#include "ctl/frame/fold.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "ctl/frame/terminal.h"

enum {
    INDENT = 2, /* of what goes on behind a margin and no label */
    NOTE_COLUMNS_MAX = 100,
};

static bool has_ended(const char *at)
{
    return *at == '\0' || *at == '\n';
}

size_t fold_width(const char *text)
{
    size_t whole = 0, width;

    for (; !has_ended(text); whole += width)
        text += terminal_step(text, &width);
    return whole;
}

/* Where the words behind the label begin: behind the first two blanks or more. */
static size_t indent_of(const char *line, size_t columns)
{
    size_t margin = strspn(line, " "), at = margin, blanks = 0, width;

    line += margin;
    for (; !has_ended(line) && (*line == ' ' || blanks < 2); at += width) {
        blanks = *line == ' ' ? blanks + 1 : 0;
        line += terminal_step(line, &width);
    }
    if (!has_ended(line) && at <= columns / 2)
        return at;
    return margin > 0 && margin < columns / 2 ? margin + INDENT : 0;
}

/* As many bytes as fit, up to the last blank among them if there is one. */
static size_t bytes_that_fit(const char *line, size_t room)
{
    size_t at = 0, best = 0, used = 0, width;

    while (!has_ended(line + at)) {
        size_t bytes = terminal_step(line + at, &width);
        if (used + width > room)
            return best > 0 ? best : at > 0 ? at : bytes;
        if (line[at] == ' ' && used > 0)
            best = at;
        used += width;
        at += bytes;
    }
    return at;
}

void fold_print_under(FILE *out, const char *line, size_t columns, size_t indent)
{
    size_t room = columns;

    for (;;) {
        size_t bytes = fold_width(line) <= room ? strcspn(line, "\n") : bytes_that_fit(line, room);
        (void)fwrite(line, 1, bytes, out);
        (void)fputs("\n", out);
        line += bytes;
        if (has_ended(line))
            return;
        line += strspn(line, " ");
        (void)fprintf(out, "%*s", (int)indent, "");
        room = columns - indent;
    }
}

void fold_print(FILE *out, const char *text, size_t columns)
{
    while (*text) {
        fold_print_under(out, text, columns, indent_of(text, columns));
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
}

static bool begins_words(const char *line)
{
    return *line != '\0' && *line != '\n' && *line != ' ';
}

void fold_print_paragraphs(FILE *out, const char *text, size_t columns)
{
    char *joined = memory_text(text);
    size_t widest = 0;

    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n')
        widest = fold_width(line) > widest ? fold_width(line) : widest;
    for (size_t i = 0, begin = 0; widest > columns && joined[i]; i++) {
        if (joined[i] != '\n')
            continue;
        if (begins_words(joined + begin) && begins_words(joined + i + 1))
            joined[i] = ' ';
        else
            begin = i + 1;
    }
    fold_print(out, joined, columns);
    free(joined);
}

void fold_print_note(const char *text)
{
    const struct terminal terminal = terminal_look();

    fold_print_paragraphs(
        stdout, text, terminal.columns < NOTE_COLUMNS_MAX ? terminal.columns : NOTE_COLUMNS_MAX);
}
