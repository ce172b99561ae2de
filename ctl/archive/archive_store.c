/* SPDX-License-Identifier: MIT */
#include "ctl/archive/archive_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/memory.h"
#include "ctl/past/archive_file.h"

static char *path_of(const struct archive_store *store, const char *name)
{
    return memory_format("%s/%s", store->path, name);
}

/* --- what is there */

static void note_position(const char *bytes, size_t length, struct archive_found *found)
{
    struct archive_entry entry = {0};
    size_t at = 0, before = 0;

    while (archive_entry_read(bytes, length, &at, &entry) == 0) {
        if (entry.kind == ARCHIVE_POSITION) {
            free(found->position);
            found->position = memory_bytes(bytes + before, at - before);
            found->position_bytes = at - before;
        }
        before = at;
    }
    archive_entry_release(&entry);
}

static int read_through(struct archive_file *file, struct archive_found *found)
{
    int result = archive_file_next(file);

    for (; result == 0; result = archive_file_next(file))
        note_position(file->bytes, file->length, found);
    return result < 0 ? result : 0;
}

/* Of the newest file that has a whole block: a newer one may have been torn at its first. */
static int find_position(const struct archive_store *store, const struct names *names,
                         struct archive_found *found)
{
    int result = 0;

    for (size_t i = names->count; result == 0 && i > 0 && !found->position; i--) {
        char *path = path_of(store, names->list[i - 1]);
        struct archive_file file;
        result = archive_file_open(path, &file);
        free(path);
        if (result < 0)
            return result;
        result = read_through(&file, found);
        found->damaged += file.damaged;
        archive_file_close(&file);
    }
    return result;
}

/* --- the file that is written */

static void close_file(struct archive_store *store)
{
    if (store->file >= 0)
        (void)close(store->file);
    store->file = -1;
}

static int whole_length(const char *path, int64_t *ret_length)
{
    struct archive_file file;
    int result = archive_file_open(path, &file);

    if (result < 0)
        return result;
    while ((result = archive_file_next(&file)) == 0)
        ;
    *ret_length = file.whole;
    archive_file_close(&file);
    return result < 0 ? result : 0;
}

/* Behind what is whole nothing is left. */
static int cut(struct archive_store *store, int64_t *ret_cut)
{
    struct stat status;

    if (fstat(store->file, &status) != 0)
        return -errno;
    *ret_cut = status.st_size - store->length;
    return *ret_cut == 0 || ftruncate(store->file, store->length) == 0 ? 0 : -errno;
}

static int open_file(struct archive_store *store, const char *day, int64_t *ret_cut)
{
    char *name = memory_format("%s" ARCHIVE_NAME_ENDING, day), *path = path_of(store, name);

    close_file(store);
    store->file = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0640);
    int result = store->file < 0 ? -errno : whole_length(path, &store->length);
    if (result == 0)
        result = cut(store, ret_cut);
    if (result == 0 && fsync(store->folder) != 0)
        result = -errno;
    if (result < 0)
        close_file(store);
    else
        memcpy(store->day, day, strlen(day) + 1);
    free(path);
    free(name);
    return result;
}

/* The newest one goes on, which may be of a day that a wrong clock has named. */
static int open_newest(struct archive_store *store, const struct names *names,
                       struct archive_found *found)
{
    char day[CALENDAR_DAY_MAX];
    const char *newest = names->list[names->count - 1];

    memcpy(day, newest, strlen(newest) + 1 - strlen(ARCHIVE_NAME_ENDING));
    day[strlen(newest) - strlen(ARCHIVE_NAME_ENDING)] = '\0';
    return open_file(store, day, &found->cut);
}

/* --- the folder */

static int lock(struct archive_store *store, const char *path)
{
    *store = (struct archive_store){.path = path, .folder = -1, .file = -1};
    if (mkdir(path, 0750) != 0 && errno != EEXIST)
        return -errno;
    store->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (store->folder < 0)
        return -errno;
    return flock(store->folder, LOCK_EX | LOCK_NB) == 0 ? 0 : -errno;
}

int archive_store_open(struct archive_store *store, const char *path,
                       struct archive_found *ret_found)
{
    struct archive_found found = {0};
    struct names names = {0};
    int result = lock(store, path);

    if (result == 0)
        result = archive_names(path, &names);
    if (result == 0)
        result = find_position(store, &names, &found);
    if (result == 0 && names.count > 0)
        result = open_newest(store, &names, &found);
    names_free(&names);
    if (result < 0) {
        archive_found_release(&found);
        archive_store_close(store);
        return result;
    }
    *ret_found = found;
    return 0;
}

void archive_found_release(struct archive_found *found)
{
    free(found->position);
    *found = (struct archive_found){0};
}

void archive_store_close(struct archive_store *store)
{
    close_file(store);
    if (store->folder >= 0)
        (void)close(store->folder);
    store->folder = -1;
}

/* --- a block more */

static int write_all(int file, int64_t at, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t put = pwrite(file, bytes, length, at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return put < 0 ? -errno : -ENOSPC;
        bytes += put;
        length -= (size_t)put;
        at += put;
    }
    return fdatasync(file) == 0 ? 0 : -errno;
}

int archive_store_append(struct archive_store *store, const char *day, const char *bytes,
                         size_t length)
{
    int64_t left;
    int result = 0;

    if (store->file < 0 || strcmp(store->day, day) < 0)
        result = open_file(store, day, &left);
    if (result == 0)
        result = write_all(store->file, store->length, bytes, length);
    if (result == 0)
        store->length += (int64_t)length;
    else if (store->file >= 0)
        (void)!ftruncate(store->file, store->length); /* else the next start cuts it */
    return result;
}

/* --- the oldest days */

static int64_t size_of(const struct archive_store *store, const char *name)
{
    struct stat status;

    return fstatat(store->folder, name, &status, 0) == 0 ? status.st_size : 0;
}

static int64_t size_of_all(const struct archive_store *store, const struct names *names)
{
    int64_t bytes = 0;

    for (size_t i = 0; i < names->count; i++)
        bytes += size_of(store, names->list[i]);
    return bytes;
}

int archive_store_trim(struct archive_store *store, int64_t bytes_max,
                       void (*removed)(const char *name))
{
    struct names names;
    int result = archive_names(store->path, &names);

    if (result < 0)
        return result;
    int64_t bytes = size_of_all(store, &names);
    for (size_t i = 0; result == 0 && i + 1 < names.count && bytes > bytes_max; i++) {
        bytes -= size_of(store, names.list[i]);
        if (unlinkat(store->folder, names.list[i], 0) != 0)
            result = -errno;
        else
            removed(names.list[i]);
    }
    names_free(&names);
    return result;
}
