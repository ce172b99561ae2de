/* SPDX-License-Identifier: MIT */
/*
 * The texts of a record as values of a document. New references; a text that is longer than our
 * router writes is cut.
 */
#pragma once

#include <jansson.h>

#include "router/decide/record_words.h"

json_t *record_text_json(struct recorded_text text);

/* A whole number, or the word that stands in its place. */
json_t *record_count_json(struct recorded_text text);

/* "name=value name=value" as an object. */
json_t *record_words_json(struct recorded_text words);
