/* SPDX-License-Identifier: MIT */
#include "ctl/past/archive_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/calendar.h"
#include "common/base/memory.h"

static char *path_of(const struct archive_reader *reader, size_t number)
{
    return memory_format("%s/%s", reader->folder, reader->names.list[number]);
}

/* What is written meanwhile comes on top, and a file that goes meanwhile is not missed: it is for
 * people who wait. */
static int64_t bytes_to_read(const struct archive_reader *reader)
{
    int64_t bytes = 0;

    for (size_t i = reader->next; i < reader->names.count; i++) {
        char *path = path_of(reader, i);
        struct stat status;
        if (stat(path, &status) == 0)
            bytes += status.st_size;
        free(path);
    }
    return bytes;
}

int archive_reader_open(struct archive_reader *reader, const char *folder, int64_t since_ms)
{
    char day[CALENDAR_DAY_MAX];

    *reader = (struct archive_reader){.folder = folder};
    int result = archive_names(folder, &reader->names);
    if (result == 0 && reader->names.count == 0)
        result = -ENOENT;
    calendar_day(since_ms, day);
    while (reader->next < reader->names.count &&
           strncmp(reader->names.list[reader->next], day, strlen(day)) < 0)
        reader->next++;
    reader->bytes = bytes_to_read(reader);
    return result;
}

static void close_file(struct archive_reader *reader)
{
    if (!reader->is_open)
        return;
    reader->damaged += reader->file.damaged;
    reader->passed += reader->file.at;
    archive_file_close(&reader->file);
    reader->is_open = false;
}

void archive_reader_close(struct archive_reader *reader)
{
    close_file(reader);
    archive_entry_release(&reader->entry);
    names_free(&reader->names);
}

/* A file that was the oldest may have gone meanwhile. */
static int open_next(struct archive_reader *reader)
{
    int result = -ENOENT;

    while (result == -ENOENT && reader->next < reader->names.count) {
        char *path = path_of(reader, reader->next++);
        result = archive_file_open(path, &reader->file);
        free(path);
    }
    reader->is_open = result == 0;
    return result == -ENOENT ? 1 : result;
}

static int next_block(struct archive_reader *reader)
{
    int result = reader->is_open ? archive_file_next(&reader->file) : 1;

    while (result == 1) {
        close_file(reader);
        if ((result = open_next(reader)) != 0)
            return result;
        result = archive_file_next(&reader->file);
    }
    reader->at = 0;
    return result;
}

int archive_reader_next(struct archive_reader *reader)
{
    int result = reader->is_open && reader->file.bytes
                     ? archive_entry_read(reader->file.bytes, reader->file.length, &reader->at,
                                          &reader->entry)
                     : 1;

    while (result == 1) {
        if ((result = next_block(reader)) != 0)
            return result;
        result = archive_entry_read(reader->file.bytes, reader->file.length, &reader->at,
                                    &reader->entry);
    }
    return result < 0 ? -EBADMSG : 0;
}

int64_t archive_reader_damaged(const struct archive_reader *reader)
{
    return reader->damaged + (reader->is_open ? reader->file.damaged : 0);
}

double archive_reader_share(const struct archive_reader *reader)
{
    int64_t read = reader->passed + (reader->is_open ? reader->file.at : 0);

    if (reader->bytes <= 0)
        return 1;
    return read < reader->bytes ? (double)read / (double)reader->bytes : 1;
}

const char *archive_problem(int error)
{
    switch (error) {
    case -ENOENT:
        return "there is no archive in it";
    case -ENOTSUP:
        return "a block is packed in a way that this program cannot unpack; one that is built "
               "with zstd can";
    case -EBADMSG:
        return "a block holds something else than entries, in spite of its checksum";
    case -ENXIO:
        return "what is called as one of its files is none: it is a folder, a pipe or a device";
    case -ELOOP:
        return "the file to be written is a link, which is not followed";
    default:
        return strerror(-error);
    }
}
