/* SPDX-License-Identifier: MIT */
#include "ctl/past/archive_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/calendar.h"
#include "common/base/memory.h"
#include "ctl/past/archive_block.h"
#include "ctl/past/packing.h"

enum { SEARCH_BYTES = 64 << 10, DAY_DIGITS = 8 };

int archive_file_open(const char *path, struct archive_file *ret_file)
{
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* a pipe is not waited for */
    struct stat status;

    if (descriptor < 0)
        return -errno;
    bool is_file = fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
    FILE *file = is_file ? fdopen(descriptor, "r") : NULL;
    if (!file) {
        (void)close(descriptor);
        return is_file ? -ENOMEM : -ENXIO;
    }
    *ret_file = (struct archive_file){.file = file};
    return 0;
}

void archive_file_close(struct archive_file *file)
{
    (void)fclose(file->file);
    free(file->bytes);
    *file = (struct archive_file){0};
}

/* As many as there are, up to that. What was behind the end before is asked for again. */
static int read_at(FILE *file, int64_t at, char *buffer, size_t most, size_t *ret_length)
{
    if (fseeko(file, at, SEEK_SET) != 0)
        return -errno;
    *ret_length = fread(buffer, 1, most, file);
    return ferror(file) ? -EIO : 0;
}

/* --- a block at a place */

enum { FOUND, NO_BLOCK };

static int unpack(const struct archive_head *head, const char *rest, char **ret_bytes)
{
    if (!packing_knows(head->packing))
        return -ENOTSUP;
    *ret_bytes = packing_unpack(head->packing, rest, head->stored, head->unpacked);
    return *ret_bytes ? FOUND : NO_BLOCK;
}

static int read_rest(FILE *file, int64_t at, const struct archive_head *head, const char *line,
                     char **ret_bytes)
{
    size_t length, whole = archive_head_rest(head);
    char *rest = memory_raw(whole);
    int result = read_at(file, at + (int64_t)head->line, rest, whole, &length);

    if (result == 0)
        result = length == whole && archive_head_agrees(head, line, rest)
                     ? unpack(head, rest, ret_bytes)
                     : NO_BLOCK;
    free(rest);
    return result;
}

/* FOUND, NO_BLOCK, or a negative errno. */
static int read_block(FILE *file, int64_t at, struct archive_head *ret_head, char **ret_bytes)
{
    char line[ARCHIVE_HEAD_MAX];
    size_t length;
    int result = read_at(file, at, line, sizeof line, &length);

    if (result < 0)
        return result;
    if (archive_head_read(line, length, ret_head) != 0)
        return NO_BLOCK;
    return read_rest(file, at, ret_head, line, ret_bytes);
}

/* --- the next one */

/* The next place from there on where a block may begin; negative: none. */
static int64_t find_start(FILE *file, int64_t from)
{
    static const size_t start = sizeof ARCHIVE_HEAD_START - 1;
    char *buffer = memory_raw(SEARCH_BYTES);
    int64_t found = -1;
    size_t length = SEARCH_BYTES;

    while (found < 0 && length >= start &&
           read_at(file, from, buffer, SEARCH_BYTES, &length) == 0) {
        const char *place = memmem(buffer, length, ARCHIVE_HEAD_START, start);
        if (place)
            found = from + (place - buffer);
        else if (length < SEARCH_BYTES)
            break;
        from += (int64_t)(SEARCH_BYTES - start + 1);
    }
    free(buffer);
    return found;
}

static void take(struct archive_file *file, int64_t at, const struct archive_head *head,
                 char *bytes)
{
    free(file->bytes);
    file->bytes = bytes;
    file->length = head->unpacked;
    file->damaged += at - file->at;
    file->at = at + (int64_t)head->line + (int64_t)archive_head_rest(head);
    file->whole = file->at;
}

int archive_file_next(struct archive_file *file)
{
    for (int64_t at = file->at; at >= 0; at = find_start(file->file, at + 1)) {
        struct archive_head head;
        char *bytes;
        int result = read_block(file->file, at, &head, &bytes);
        if (result < 0)
            return result;
        if (result == FOUND) {
            take(file, at, &head, bytes);
            return 0;
        }
    }
    return 1;
}

/* --- the files of a folder */

static bool is_name(const char *name)
{
    char day[CALENDAR_ISO_MAX];
    int64_t ms;

    if (strspn(name, "0123456789") != DAY_DIGITS ||
        strcmp(name + DAY_DIGITS, ARCHIVE_NAME_ENDING) != 0)
        return false;
    int length = snprintf(day, sizeof day, "%.4s-%.2s-%.2s 00:00", name, name + 4, name + 6);
    return calendar_read_iso(day, (size_t)length, &ms);
}

static int compare_names(const void *a, const void *b)
{
    const char *const *first = a, *const *second = b;

    return strcmp(*first, *second);
}

static void add_name(struct names *names, const char *name)
{
    names->list = memory_resize(names->list, names->count + 1, sizeof *names->list);
    names->list[names->count++] = memory_text(name);
}

int archive_names(const char *folder, struct names *ret_names)
{
    DIR *directory = opendir(folder);

    if (!directory)
        return -errno;
    *ret_names = (struct names){0};
    for (const struct dirent *entry = readdir(directory); entry; entry = readdir(directory))
        if (is_name(entry->d_name))
            add_name(ret_names, entry->d_name);
    (void)closedir(directory);
    if (ret_names->count > 1)
        qsort(ret_names->list, ret_names->count, sizeof *ret_names->list, compare_names);
    return 0;
}
