/* SPDX-License-Identifier: MIT */
/*
 * The texts of settings that were passed in an archive, by their digests: each day's file has those
 * that its decisions name, before the first that does. Bounded: the oldest goes. Zeroed: it is
 * empty; embedded, its texts are released by archive_texts_release().
 */
#pragma once

#include <stddef.h>

#include "ctl/past/archive_block.h"
#include "ctl/past/records.h"

enum { ARCHIVE_TEXTS_MAX = 256 };

struct archive_text {
    char *digest; /* and its text, one piece of memory each */
    char *bytes;
    size_t length;
};

struct archive_texts {
    struct records source; /* first, for its way back; of who asked for it */
    struct archive_text list[ARCHIVE_TEXTS_MAX];
    size_t count, next;
};

/* Keeps the text, where the entry is one of settings. */
void archive_texts_note(struct archive_texts *texts, const struct archive_entry *entry);

/* 0, with a copy for the caller to free; 1: it was not passed, or long ago. */
int archive_texts_find(const struct archive_texts *texts, const char *digest, char **ret_text,
                       size_t *ret_length);

/* They alone, where a source of records is asked for settings: it has no record. Its close()
 * releases them. */
struct records *archive_texts_source(struct archive_texts *texts);

void archive_texts_release(struct archive_texts *texts);
