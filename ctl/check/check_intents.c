/* SPDX-License-Identifier: MIT */
/*
 * quantumctl check intents: documents in a file or from stdin, one in each line, or one alone, or a
 * list of them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/escape.h"
#include "common/base/file.h"
#include "common/base/memory.h"
#include "common/options/program.h"
#include "common/trade/number_words.h"
#include "ctl/check/proof.h"

enum { INPUT_MAX = 256 << 20, CHUNK = 1 << 16 };

enum { READ_FLAGS = JSON_REJECT_DUPLICATES };

/* Bounded; NULL: it could not be read, which was told. */
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

static char *read_input(const struct ctl_command *command, const char *path, size_t *ret_length)
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

static void take_list(struct proof *proof, const json_t *list)
{
    const json_t *one;
    size_t i;

    json_array_foreach(list, i, one)
    {
        char *place = memory_format("#%zu", i + 1);
        proof_take(proof, place, one, NULL);
        free(place);
    }
}

static bool is_blank(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!strchr(" \t\r", text[i]))
            return false;
    return true;
}

static void take_line(struct proof *proof, size_t number, const char *text, size_t length)
{
    json_error_t error;

    if (is_blank(text, length))
        return;
    json_t *document = number_words_load(text, length, READ_FLAGS | JSON_DECODE_ANY, &error);
    char *place = memory_format("line %zu", number);
    char *why_not = document ? NULL : memory_format("is no JSON: %s", error.text);
    proof_take(proof, place, document, why_not);
    free(why_not);
    free(place);
    json_decref(document);
}

static void take_lines(struct proof *proof, const char *text, size_t length)
{
    size_t number = 0;

    while (length > 0) {
        const char *end = memchr(text, '\n', length);
        size_t line = end ? (size_t)(end - text) : length;
        take_line(proof, ++number, text, line);
        line += end != NULL;
        text += line;
        length -= line;
    }
}

static void take_input(struct proof *proof, const char *text, size_t length)
{
    json_t *whole = number_words_load(text, length, READ_FLAGS, NULL);

    if (json_is_array(whole))
        take_list(proof, whole);
    else if (whole)
        proof_take(proof, "#1", whole, NULL);
    else
        take_lines(proof, text, length);
    json_decref(whole);
}

int check_intents(const struct invocation *invocation)
{
    size_t length;
    char *text = read_input(invocation->command, invocation->words->list[1], &length);
    struct proof proof;

    if (!text)
        return EXIT_FAILED;
    proof_open(&proof, invocation->command, "the executor");
    take_input(&proof, text, length);
    int status = proof_conclude(&proof, invocation->values);
    proof_close(&proof);
    free(text);
    return status;
}
