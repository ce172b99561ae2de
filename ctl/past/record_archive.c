/* SPDX-License-Identifier: MIT */
#include "ctl/past/record_archive.h"

#include <stdlib.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "ctl/past/archive_reader.h"
#include "ctl/past/archive_texts.h"

struct record_archive {
    struct records source; /* first, for its way back */
    const struct ctl_command *command;
    struct record_range range;
    struct archive_reader reader;
    struct archive_texts texts;

    struct archive_block before; /* the last record before the range, as it was read */
    struct archive_entry before_entry;
    bool has_before, has_entry; /* to be given */
    bool was_given;             /* a record, of which the next is asked whether it follows */
    bool is_apart;              /* something stood, or may have stood, behind the last one */
    int64_t damaged;
};

static struct record_archive *of(struct records *source)
{
    return (struct record_archive *)source;
}

static int fail(const struct record_archive *archive, int error)
{
    (void)command_fail(archive->command, "%s: %s", escaped(archive->reader.folder).text,
                       archive_problem(error));
    return -1;
}

/* --- settings */

static int settings(struct records *source, const char *digest, char **ret_text, size_t *ret_length)
{
    return archive_texts_find(&of(source)->texts, digest, ret_text, ret_length);
}

/* --- entries */

/* It is given only once it is known that the next one is in the range. */
static void keep_before(struct record_archive *archive)
{
    const struct archive_entry *entry = &archive->reader.entry;
    size_t at = 0;

    archive_block_clear(&archive->before);
    archive_block_add(&archive->before, entry->kind, entry->id, entry->count);
    for (size_t i = 0; i < entry->count; i++) {
        archive_block_text(&archive->before, entry->fields[i].name, entry->fields[i].name_length);
        archive_block_text(&archive->before, entry->fields[i].value, entry->fields[i].value_length);
    }
    archive->has_before = archive_entry_read(archive->before.bytes, archive->before.length, &at,
                                             &archive->before_entry) == 0;
}

/* Whether it is one of the range. */
static bool look_at(struct record_archive *archive)
{
    const struct archive_entry *entry = &archive->reader.entry;

    archive_texts_note(&archive->texts, entry);
    if (entry->kind == ARCHIVE_GAP &&
        archive_entry_has(entry, "kind", archive_kind_name(ARCHIVE_DECISION)))
        archive->is_apart = true;
    if (entry->kind != ARCHIVE_DECISION)
        return false;
    if (stream_id_compare(entry->id, archive->range.from) < 0) {
        keep_before(archive);
        archive->is_apart = false;
        return false;
    }
    return stream_id_compare(entry->id, archive->range.to) <= 0;
}

static int find(struct record_archive *archive)
{
    int result;

    do {
        if ((result = archive_reader_next(&archive->reader)) < 0)
            return fail(archive, result);
        int64_t damaged = archive_reader_damaged(&archive->reader);
        archive->is_apart = archive->is_apart || damaged != archive->damaged;
        archive->damaged = damaged;
    } while (result == 0 && !look_at(archive));
    return result;
}

static void give(struct record_archive *archive, const struct archive_entry *entry, bool is_before,
                 struct record_item *ret_item)
{
    archive_entry_of_stream(entry, &ret_item->entry);
    ret_item->is_before = is_before;
    ret_item->follows = archive->was_given && !archive->is_apart;
    archive->was_given = true;
}

static int next(struct records *source, struct record_item *ret_item)
{
    struct record_archive *archive = of(source);
    int result = archive->has_entry ? 0 : find(archive);

    if (result != 0)
        return result;
    if (archive->has_before) {
        archive->has_before = false;
        archive->has_entry = true;
        give(archive, &archive->before_entry, true, ret_item);
        return 0;
    }
    archive->has_entry = false;
    give(archive, &archive->reader.entry, false, ret_item);
    archive->is_apart = false;
    return 0;
}

static double share(const struct records *source)
{
    return archive_reader_share(&((const struct record_archive *)source)->reader);
}

static void close_archive(struct records *source)
{
    struct record_archive *archive = of(source);

    archive_texts_release(&archive->texts);
    archive_entry_release(&archive->before_entry);
    archive_block_release(&archive->before);
    archive_reader_close(&archive->reader);
    free(archive);
}

struct records *record_archive_open(const struct ctl_command *command, const char *folder,
                                    const struct record_range *range)
{
    struct record_archive *archive = memory_new(sizeof *archive);

    *archive = (struct record_archive){
        .source = {.next = next, .settings = settings, .share = share, .close = close_archive},
        .command = command,
        .range = *range,
    };
    int result = archive_reader_open(&archive->reader, folder, stream_id_time_ms(range->from));
    if (result == 0)
        return &archive->source;
    (void)fail(archive, result);
    close_archive(&archive->source);
    return NULL;
}
