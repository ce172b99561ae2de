/* SPDX-License-Identifier: MIT */
#include "ctl/drain/decide/drain_symbols.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/file.h"
#include "common/base/memory.h"
#include "common/trade/terms.h"

enum { FILE_BYTES_MAX = 4 * 1024 * 1024 };

/* By the rule for a signal's symbol. */
bool drain_symbols_take(struct drain_symbols *symbols, const char *bytes, size_t length)
{
    char symbol[SYMBOL_MAX + 1];

    if (symbols->count >= DRAIN_SYMBOLS_MAX || !terms_take_symbol(bytes, length, symbol))
        return false;
    symbols->list = memory_resize(symbols->list, symbols->count + 1, sizeof *symbols->list);
    symbols->list[symbols->count++] = memory_text(symbol);
    return true;
}

static char *take_line(struct drain_symbols *symbols, const char *line, size_t length)
{
    static const char separators[] = " \t\r,";
    char *text = memory_bytes(line, length);
    char *complaint = NULL;

    text[strcspn(text, "#")] = '\0';
    for (char *word = text + strspn(text, separators); *word && !complaint;) {
        size_t bytes = strcspn(word, separators);
        if (!drain_symbols_take(symbols, word, bytes)) {
            char *wrong = memory_bytes(word, bytes);
            complaint = memory_format("'%s' is no symbol", escaped(wrong).text);
            free(wrong);
        }
        word += bytes;
        word += strspn(word, separators);
    }
    free(text);
    return complaint;
}

char *drain_symbols_take_file(struct drain_symbols *symbols, const char *path)
{
    char *bytes, *complaint = NULL;
    size_t length, number = 1, before = symbols->count;
    int error = file_read(path, FILE_BYTES_MAX, &bytes, &length);

    if (error < 0)
        return memory_format("%s: %s", escaped(path).text, file_problem(error));
    for (size_t at = 0; at < length && !complaint; number++) {
        const char *end = memchr(bytes + at, '\n', length - at);
        size_t line = end ? (size_t)(end - bytes) - at : length - at;
        char *wrong = take_line(symbols, bytes + at, line);
        if (wrong)
            complaint = memory_format("%s:%zu: %s", escaped(path).text, number, wrong);
        free(wrong);
        at += line + 1;
    }
    free(bytes);
    if (!complaint && symbols->count == before)
        complaint = memory_format("%s has no symbols", escaped(path).text);
    return complaint;
}

void drain_symbols_seal(struct drain_symbols *symbols)
{
    text_set_init(&symbols->set, symbols->count);
    for (size_t i = 0; i < symbols->count; i++)
        (void)text_set_add(&symbols->set, symbols->list[i]);
}

bool drain_symbols_has(const struct drain_symbols *symbols, const char *symbol)
{
    return text_set_has(&symbols->set, symbol);
}

void drain_symbols_free(struct drain_symbols *symbols)
{
    for (size_t i = 0; i < symbols->count; i++)
        free(symbols->list[i]);
    free(symbols->list);
    text_set_deinit(&symbols->set);
    *symbols = (struct drain_symbols){0};
}
