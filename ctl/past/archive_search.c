/* SPDX-License-Identifier: MIT */
#include "ctl/past/archive_search.h"

#include <errno.h>
#include <stdlib.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "ctl/past/archive_reader.h"
#include "ctl/past/archive_texts.h"

/* True: that is enough. */
static bool offer(struct record_search *search, const struct archive_entry *entry)
{
    struct entry fields;

    archive_entry_of_stream(entry, &fields);
    if (record_search_offer(search, &fields))
        return true;
    search->is_cut = search->bytes > ARCHIVE_SEARCH_BYTES_MAX;
    return search->is_cut;
}

static void note_texts(const struct record_place *place, const struct archive_entry *entry)
{
    if (place && place->texts)
        archive_texts_note(place->texts, entry);
}

/* --- forwards */

static int search_forwards(const struct record_place *place, struct record_search *search)
{
    struct archive_reader reader;
    int result = archive_reader_open(&reader, place->folder, stream_id_time_ms(search->from));
    bool is_over = false;

    while (result == 0 && !is_over && (result = archive_reader_next(&reader)) == 0) {
        const struct archive_entry *entry = &reader.entry;
        note_texts(place, entry);
        is_over = entry->kind == search->kind && stream_id_compare(entry->id, search->from) >= 0 &&
                  offer(search, entry);
    }
    archive_reader_close(&reader);
    return result;
}

/* --- backwards */

struct places {
    int64_t *list;
    size_t count;
};

static void add_place(struct places *places, int64_t at)
{
    places->list = memory_resize(places->list, places->count + 1, sizeof *places->list);
    places->list[places->count++] = at;
}

/* The settings of a block, and where its entries of the kind begin. No place: they are noted. */
static int look_at_block(const struct record_place *place, const struct record_search *search,
                         const struct archive_file *file, struct places *entries)
{
    struct archive_entry entry = {0};
    size_t at = 0, begin = 0;
    int result;

    entries->count = 0;
    while ((result = archive_entry_read(file->bytes, file->length, &at, &entry)) == 0) {
        note_texts(place, &entry);
        if (entry.kind == search->kind)
            add_place(entries, (int64_t)begin);
        begin = at;
    }
    archive_entry_release(&entry);
    return result < 0 ? -EBADMSG : 0;
}

/* A file's blocks, those alone that have such entries. */
static int find_blocks(const struct record_place *place, const struct record_search *search,
                       struct archive_file *file, struct places *blocks)
{
    struct places entries = {0};
    int64_t begin = 0;
    int result = 0;

    while (result == 0 && (result = archive_file_next(file)) == 0) {
        result = look_at_block(place, search, file, &entries);
        if (entries.count > 0)
            add_place(blocks, begin);
        begin = file->at;
    }
    free(entries.list);
    return result < 0 ? result : 0;
}

/* 1: that is enough. */
static int search_block(const struct archive_file *file, struct record_search *search)
{
    struct archive_entry entry = {0};
    struct places entries = {0};
    int result = look_at_block(NULL, search, file, &entries);

    for (size_t i = entries.count; i > 0 && result == 0; i--) {
        size_t at = (size_t)entries.list[i - 1];
        if (archive_entry_read(file->bytes, file->length, &at, &entry) == 0)
            result = offer(search, &entry) ? 1 : 0;
    }
    archive_entry_release(&entry);
    free(entries.list);
    return result;
}

static int search_blocks(struct archive_file *file, const struct places *blocks,
                         struct record_search *search)
{
    int result = 0;

    for (size_t i = blocks->count; i > 0 && result == 0; i--) {
        file->at = blocks->list[i - 1];
        result = archive_file_next(file);
        if (result == 0)
            result = search_block(file, search);
    }
    return result;
}

/* A file that was the oldest may have gone meanwhile. */
static int search_file(const struct record_place *place, const char *name,
                       struct record_search *search)
{
    struct archive_file file;
    struct places blocks = {0};
    char *path = memory_format("%s/%s", place->folder, name);
    int result = archive_file_open(path, &file);

    free(path);
    if (result < 0)
        return result == -ENOENT ? 0 : result;
    result = find_blocks(place, search, &file, &blocks);
    if (result == 0)
        result = search_blocks(&file, &blocks, search);
    archive_file_close(&file);
    free(blocks.list);
    return result;
}

static int search_backwards(const struct record_place *place, struct record_search *search)
{
    struct names names;
    int result = archive_names(place->folder, &names);

    if (result < 0)
        return result;
    if (names.count == 0)
        result = -ENOENT;
    for (size_t i = names.count; i > 0 && result == 0; i--)
        result = search_file(place, names.list[i - 1], search);
    names_free(&names);
    return result;
}

int archive_search(const struct record_place *place, struct record_search *search)
{
    int result =
        search->is_backwards ? search_backwards(place, search) : search_forwards(place, search);

    if (result >= 0)
        return 0;
    (void)command_fail(place->command, "%s: %s", escaped(place->folder).text,
                       archive_problem(result));
    return result;
}
