/* SPDX-License-Identifier: MIT */
#include "ctl/check/input.h"

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/escape.h"
#include "common/base/file.h"
#include "common/base/memory.h"
#include "common/trade/number_words.h"

enum { INPUT_MAX = 256 << 20, CHUNK = 1 << 16 };

static char *read_stdin(const struct ctl_command *command, size_t *ret_length)
{
    char *text = NULL;
    size_t length = 0;
    ssize_t got;

    do {
        text = memory_resize(text, length + CHUNK, 1);
        got = read(STDIN_FILENO, text + length, CHUNK);
        length += got > 0 ? (size_t)got : 0;
    } while (got > 0 && length <= INPUT_MAX);
    if (got == 0) {
        *ret_length = length;
        return text;
    }
    (void)command_fail(command, "stdin: %s", got < 0 ? strerror(errno) : "there is too much of it");
    free(text);
    return NULL;
}

char *input_read(const struct ctl_command *command, const char *path, size_t *ret_length)
{
    char *text;

    if (strcmp(path, "-") == 0)
        return read_stdin(command, ret_length);
    int result = file_read(path, INPUT_MAX, &text, ret_length);
    if (result == 0)
        return text;
    (void)command_fail(command, "%s: %s", escaped(path).text, file_problem(result));
    return NULL;
}

/* What is still to be handed on. */
struct rest {
    const char *at;
    const char *end;
    input_take_fn *take;
    void *owner;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Nothing but blanks is no document. */
static void take_trimmed(const struct rest *rest, const char *end, const char *kind, size_t number)
{
    const char *at = rest->at;

    while (at < end && is_blank(*at))
        at++;
    while (end > at && is_blank(end[-1]))
        end--;
    if (at == end)
        return;
    char *place = memory_format("%s%zu", kind, number);
    rest->take(rest->owner, place, at, (size_t)(end - at));
    free(place);
}

static void take_lines(struct rest *rest)
{
    for (size_t number = 1; rest->at < rest->end; number++) {
        const char *end = memchr(rest->at, '\n', (size_t)(rest->end - rest->at));
        take_trimmed(rest, end ? end : rest->end, "line ", number);
        rest->at = end ? end + 1 : rest->end;
    }
}

static const char *behind_string(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++)
        at += *at == '\\';
    return at < end ? at + 1 : end;
}

/* The comma behind a member of a list that parses, or the bracket that ends the list. */
static const char *end_of_member(const char *at, const char *end)
{
    size_t depth = 0;

    while (at < end) {
        bool closes = *at == ']' || *at == '}';
        if (depth == 0 && (closes || *at == ','))
            return at;
        depth += *at == '[' || *at == '{';
        depth -= closes;
        at = *at == '"' ? behind_string(at, end) : at + 1;
    }
    return end;
}

static void take_list(struct rest *rest)
{
    rest->at = (const char *)memchr(rest->at, '[', (size_t)(rest->end - rest->at)) + 1;
    for (size_t number = 1; rest->at < rest->end; number++) {
        const char *end = end_of_member(rest->at, rest->end);
        take_trimmed(rest, end, "#", number);
        rest->at = end < rest->end && *end == ',' ? end + 1 : rest->end;
    }
}

void input_split(const char *text, size_t length, input_take_fn *take, void *owner)
{
    struct rest rest = {text, text + length, take, owner};
    json_t *whole = number_words_load(text, length, 0, NULL);

    if (json_is_array(whole))
        take_list(&rest);
    else if (whole)
        take_trimmed(&rest, rest.end, "#", 1);
    else
        take_lines(&rest);
    json_decref(whole);
}
