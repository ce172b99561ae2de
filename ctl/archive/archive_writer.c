/* SPDX-License-Identifier: MIT */
#include "ctl/archive/archive_writer.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/monotonic.h"

enum { BLOCK_BYTES = 256 << 10 };

void archive_writer_add(struct archive_writer *writer, int64_t now_ms, enum archive_kind kind,
                        struct stream_id id, size_t fields)
{
    if (writer->block.entries == 0) {
        calendar_day(now_ms, writer->day);
        writer->begun_ms = monotonic_ms();
    }
    archive_block_add(&writer->block, kind, id, fields);
}

void archive_writer_text(struct archive_writer *writer, const char *text)
{
    archive_block_text(&writer->block, text, strlen(text));
}

void archive_writer_pair(struct archive_writer *writer, const char *name, const char *value)
{
    archive_writer_text(writer, name);
    archive_writer_text(writer, value);
}

bool archive_writer_is_full(const struct archive_writer *writer)
{
    return writer->block.length >= BLOCK_BYTES;
}

bool archive_writer_is_due(const struct archive_writer *writer, int64_t now_ms, int64_t wait_ms)
{
    char today[CALENDAR_DAY_MAX];

    calendar_day(now_ms, today);
    return archive_writer_has_block(writer) &&
           (monotonic_ms() - writer->begun_ms >= (uint64_t)wait_ms ||
            strcmp(today, writer->day) != 0);
}

bool archive_writer_has_block(const struct archive_writer *writer)
{
    return writer->block.entries > 0 && !writer->sealed;
}

void archive_writer_close_block(struct archive_writer *writer)
{
    writer->sealed = archive_block_seal(&writer->block, &writer->sealed_length);
    archive_block_clear(&writer->block);
}

int archive_writer_write(struct archive_writer *writer)
{
    int result = writer->sealed ? archive_store_append(&writer->store, writer->day, writer->sealed,
                                                       writer->sealed_length)
                                : 0;

    if (result == 0) {
        free(writer->sealed);
        writer->sealed = NULL;
    }
    return result;
}

void archive_writer_release(struct archive_writer *writer)
{
    archive_store_close(&writer->store);
    archive_block_release(&writer->block);
    free(writer->sealed);
}
