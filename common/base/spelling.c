/* SPDX-License-Identifier: MIT */
#include "common/base/spelling.h"

#include <stdint.h>

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein's distance, with one row of his table: costs[j] turns what was read of `word` into
 * other[0..j). */
static size_t edits(const char *word, size_t word_length, const char *other, size_t other_length)
{
    size_t costs[SPELLING_WORD_MAX + 1];
    for (size_t j = 0; j <= other_length; j++)
        costs[j] = j;
    for (size_t i = 0; i < word_length; i++) {
        size_t diagonal = costs[0];
        costs[0] = i + 1;
        for (size_t j = 0; j < other_length; j++) {
            size_t replaced = diagonal + (word[i] != other[j]);
            diagonal = costs[j + 1];
            costs[j + 1] = least(replaced, least(costs[j], diagonal) + 1);
        }
    }
    return costs[other_length];
}

size_t spelling_distance(const char *word, size_t word_length, const char *other,
                         size_t other_length)
{
    if (word_length > SPELLING_WORD_MAX || other_length > SPELLING_WORD_MAX)
        return SIZE_MAX;
    size_t distance = edits(word, word_length, other, other_length);
    return distance <= other_length / 3 ? distance : SIZE_MAX;
}
