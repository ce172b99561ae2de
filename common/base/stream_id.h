/* SPDX-License-Identifier: MIT */
/*
 * The id of a stream entry: milliseconds and a sequence number. Passed by value. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stream_id {
    uint64_t ms;
    uint64_t sequence;
};

/* "18446744073709551615-18446744073709551615" and its NUL. */
#define STREAM_ID_TEXT_MAX 42

/* "ms-sequence", both canonical and within 64 bits. */
bool stream_id_read(const char *bytes, size_t length, struct stream_id *ret_id);

void stream_id_print(struct stream_id id, char ret_text[static STREAM_ID_TEXT_MAX]);

/* Negative, zero or positive, as a comes before, is, or comes after b. */
int stream_id_compare(struct stream_id a, struct stream_id b);

/* The last id before this one; before the first of all it is itself. */
struct stream_id stream_id_before(struct stream_id id);

/* When the entry was written; ids beyond the range of time itself count as just that. */
int64_t stream_id_time_ms(struct stream_id id);
