/* SPDX-License-Identifier: MIT */
/*
 * How similar the spelling of two words is, for "did you mean". Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Words longer than this are like no other. */
#define SPELLING_WORD_MAX 64

/* The letters to insert, delete or replace, and neighbours to swap, to get from one word to the
 * other; SIZE_MAX when that says nothing: one word is too long, or more than a third of its letters
 * would change. */
size_t spelling_distance(const char *word, size_t word_length, const char *other,
                         size_t other_length);

/* Which of many words is the most similar to one; of several alike the first. */
struct spelling_search {
    const char *word;
    size_t least; /* of the distances so far */
};

struct spelling_search spelling_search(const char *word);

/* Whether this one is nearer than all before. */
bool spelling_is_nearer(struct spelling_search *search, const char *other, size_t other_length);
