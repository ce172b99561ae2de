/* SPDX-License-Identifier: MIT */
#include "common/base/spelling.h"

#include <stdint.h>
#include <string.h>

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The table of Levenshtein's distance, its last three rows: row i, column j is what it takes to
 * turn word[0..i) into other[0..j). Two neighbours that changed places are one edit. */
static size_t edits(const char *word, size_t word_length, const char *other, size_t other_length)
{
    size_t table[3][SPELLING_WORD_MAX + 1];

    for (size_t j = 0; j <= other_length; j++)
        table[0][j] = j;
    for (size_t i = 1; i <= word_length; i++) {
        size_t *row = table[i % 3];
        const size_t *above = table[(i + 2) % 3], *second_above = table[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= other_length; j++) {
            size_t replaced = above[j - 1] + (word[i - 1] != other[j - 1]);
            row[j] = least(replaced, least(row[j - 1], above[j]) + 1);
            if (i > 1 && j > 1 && word[i - 1] == other[j - 2] && word[i - 2] == other[j - 1])
                row[j] = least(row[j], second_above[j - 2] + 1);
        }
    }
    return table[word_length % 3][other_length];
}

size_t spelling_distance(const char *word, size_t word_length, const char *other,
                         size_t other_length)
{
    if (word_length > SPELLING_WORD_MAX || other_length > SPELLING_WORD_MAX)
        return SIZE_MAX;
    size_t distance = edits(word, word_length, other, other_length);
    return distance <= other_length / 3 ? distance : SIZE_MAX;
}

struct spelling_search spelling_search(const char *word)
{
    return (struct spelling_search){word, SIZE_MAX};
}

bool spelling_is_nearer(struct spelling_search *search, const char *other, size_t other_length)
{
    size_t distance = spelling_distance(search->word, strlen(search->word), other, other_length);

    if (distance >= search->least)
        return false;
    search->least = distance;
    return true;
}
