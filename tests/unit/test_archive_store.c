/* SPDX-License-Identifier: MIT */
/* An archive that is killed, cut and damaged at every byte of a block, and goes on. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/file.h"
#include "common/base/memory.h"
#include "ctl/archive/archive_store.h"
#include "ctl/past/archive_reader.h"
#include "tests/unit/support.h"

#define DAY    "20260119"
#define DAY_MS NOW_MS

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/test_archive.XXXXXX");
    assert_non_null(mkdtemp(folder));
    return 0;
}

static char *path_of(const char *name)
{
    return memory_format("%s/%s", folder, name);
}

static int remove_folder(void **state)
{
    struct names names;

    (void)state;
    assert_int_equal(archive_names(folder, &names), 0);
    for (size_t i = 0; i < names.count; i++) {
        char *path = path_of(names.list[i]);
        assert_int_equal(unlink(path), 0);
        free(path);
    }
    names_free(&names);
    return rmdir(folder);
}

/* A block of one signal and a position, both of this number. */
static char *block_of(uint64_t number, size_t *ret_length)
{
    struct archive_block block = {0};
    char text[NUMBER_DIGITS_MAX];
    size_t length = number_print(number, text);

    archive_block_add(&block, ARCHIVE_SIGNAL, (struct stream_id){number, 0}, 1);
    archive_block_text(&block, "number", 6);
    archive_block_text(&block, text, length);
    archive_block_add(&block, ARCHIVE_POSITION, (struct stream_id){number, 0}, 0);
    char *sealed = archive_block_seal(&block, ret_length);
    archive_block_release(&block);
    return sealed;
}

static void must_open(struct archive_store *store, struct archive_found *found)
{
    assert_int_equal(archive_store_open(store, folder, found), 0);
}

static int append(struct archive_store *store, const char *day, uint64_t number)
{
    size_t length;
    char *block = block_of(number, &length);
    int result = archive_store_append(store, day, block, length);

    free(block);
    return result;
}

/* Blocks of these numbers, from 1 on. */
static void must_write(const char *day, uint64_t first, uint64_t last)
{
    struct archive_store store;
    struct archive_found found;

    must_open(&store, &found);
    for (uint64_t number = first; number <= last; number++)
        assert_int_equal(append(&store, day, number), 0);
    archive_found_release(&found);
    archive_store_close(&store);
}

static void read_day(char **ret_bytes, size_t *ret_length)
{
    char *path = path_of(DAY ".qra");

    assert_int_equal(file_read(path, 1 << 20, ret_bytes, ret_length), 0);
    free(path);
}

static void write_day(const char *bytes, size_t length)
{
    char *path = path_of(DAY ".qra");
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    free(path);
}

/* The numbers of the signals, in order, ended by 0. */
static void expect_signals(const uint64_t *numbers)
{
    struct archive_reader reader;
    int result;

    assert_int_equal(archive_reader_open(&reader, folder, 0), 0);
    while ((result = archive_reader_next(&reader)) == 0) {
        if (reader.entry.kind == ARCHIVE_SIGNAL)
            assert_int_equal(reader.entry.id.ms, *numbers++);
    }
    assert_int_equal(result, 1);
    assert_int_equal(*numbers, 0);
    archive_reader_close(&reader);
}

/* That the next start finds the position behind this number, and has cut so much. */
static void expect_found(uint64_t number, int64_t cut)
{
    struct archive_store store;
    struct archive_found found;
    struct archive_entry entry = {0};
    size_t at = 0;

    must_open(&store, &found);
    assert_int_equal(found.cut, cut);
    assert_non_null(found.position);
    assert_int_equal(archive_entry_read(found.position, found.position_bytes, &at, &entry), 0);
    assert_int_equal(entry.kind, ARCHIVE_POSITION);
    assert_int_equal(entry.id.ms, number);
    archive_entry_release(&entry);
    archive_found_release(&found);
    archive_store_close(&store);
}

/* --- */

/* Three blocks of one length, as they stand in the file. */
static size_t three_blocks(char **ret_bytes, size_t *ret_length)
{
    size_t block;

    must_write(DAY, 1, 3);
    read_day(ret_bytes, ret_length);
    free(block_of(3, &block));
    return block;
}

static void test_a_kill_at_every_byte(void **state)
{
    static const uint64_t two[] = {1, 2, 0}, again[] = {1, 2, 3, 0};
    char *bytes;
    size_t length, block = three_blocks(&bytes, &length);

    (void)state;
    for (size_t cut = 1; cut < block; cut++) {
        size_t torn = block - cut;
        write_day(bytes, length - cut);
        expect_signals(two);
        expect_found(2, (int64_t)torn);
        must_write(DAY, 3, 3);
        expect_signals(again);
    }
    free(bytes);
}

/* As where a file was made longer before its bytes were there. */
static void test_a_byte_that_was_never_written(void **state)
{
    static const uint64_t two[] = {1, 2, 0};
    char *bytes;
    size_t length, block = three_blocks(&bytes, &length);

    (void)state;
    for (size_t from = length - block; from < length; from++) {
        char *torn = memory_bytes(bytes, length);
        memset(torn + from, 0, length - from);
        write_day(torn, length);
        expect_signals(two);
        expect_found(2, (int64_t)block);
        free(torn);
    }
    free(bytes);
}

/* Any bit of a block in the middle may turn: the others are read, and nothing is cut. */
static void test_damage_in_the_middle(void **state)
{
    static const uint64_t rest[] = {1, 3, 0};
    char *bytes;
    size_t length, block = three_blocks(&bytes, &length);

    (void)state;
    for (size_t at = block; at < 2 * block; at++) {
        bytes[at] ^= 4;
        write_day(bytes, length);
        expect_signals(rest);
        expect_found(3, 0);
        bytes[at] ^= 4;
    }
    free(bytes);
}

static void test_a_day_after_the_other(void **state)
{
    static const uint64_t all[] = {1, 2, 3, 4, 0};
    struct archive_store store;
    struct archive_found found;

    (void)state;
    must_open(&store, &found);
    assert_null(found.position);
    assert_int_equal(append(&store, "20260118", 1), 0);
    assert_int_equal(append(&store, DAY, 2), 0);
    assert_int_equal(append(&store, DAY, 3), 0);
    /* A clock that was set back goes on in the file that there is. */
    assert_int_equal(append(&store, "20260101", 4), 0);
    assert_string_equal(store.day, DAY);
    archive_store_close(&store);
    expect_signals(all);
    expect_found(4, 0);
}

/* The first block of a day is torn: the position is the day's before. */
static void test_a_day_that_has_no_block_yet(void **state)
{
    (void)state;
    must_write("20260118", 1, 2);
    write_day("QRA1 zs", 7);
    expect_found(2, 7);
}

static void test_one_writer(void **state)
{
    struct archive_store store, other;
    struct archive_found found;

    (void)state;
    must_open(&store, &found);
    assert_int_equal(archive_store_open(&other, folder, &found), -EWOULDBLOCK);
    archive_store_close(&store);
    must_open(&store, &found);
    archive_store_close(&store);
}

static size_t removed_count;

static void note_removed(const char *name)
{
    assert_int_equal(strncmp(name, "2026010", 7), 0);
    removed_count++;
}

static void test_the_oldest_days_go(void **state)
{
    static const uint64_t last[] = {4, 5, 0};
    struct archive_store store;
    struct archive_found found;
    size_t block;

    (void)state;
    free(block_of(1, &block));
    must_open(&store, &found);
    assert_int_equal(append(&store, "20260101", 1), 0);
    assert_int_equal(append(&store, "20260102", 2), 0);
    assert_int_equal(append(&store, "20260103", 3), 0);
    assert_int_equal(append(&store, "20260104", 4), 0);
    assert_int_equal(append(&store, "20260104", 5), 0);
    removed_count = 0;
    assert_int_equal(archive_store_trim(&store, (int64_t)(5 * block), note_removed), 0);
    assert_int_equal(removed_count, 0);
    assert_int_equal(archive_store_trim(&store, (int64_t)(3 * block), note_removed), 0);
    assert_int_equal(removed_count, 2);
    /* The day that is written stays, however large it is. */
    assert_int_equal(archive_store_trim(&store, 1, note_removed), 0);
    assert_int_equal(removed_count, 3);
    archive_store_close(&store);
    expect_signals(last);
}

/* As a full disk: nothing of the block stays, and it may be tried again. */
static void test_what_the_disk_does_not_take(void **state)
{
    static const uint64_t one[] = {1, 0}, both[] = {1, 2, 0};
    struct archive_store store;
    struct archive_found found;
    struct rlimit before, tight;
    size_t block;

    (void)state;
    free(block_of(1, &block));
    must_open(&store, &found);
    assert_int_equal(append(&store, DAY, 1), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    for (size_t room = 0; room < block; room++) {
        tight = (struct rlimit){block + room, before.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
        assert_int_equal(append(&store, DAY, 2), -EFBIG);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        expect_signals(one);
    }
    assert_int_equal(append(&store, DAY, 2), 0);
    archive_store_close(&store);
    expect_signals(both);
}

static void test_days_before_are_left_out(void **state)
{
    struct archive_reader reader;

    (void)state;
    must_write("20260118", 1, 1);
    must_write(DAY, 2, 2);
    assert_int_equal(archive_reader_open(&reader, folder, DAY_MS), 0);
    assert_int_equal(archive_reader_next(&reader), 0);
    assert_int_equal(reader.entry.id.ms, 2);
    archive_reader_close(&reader);
}

static void test_where_there_is_none(void **state)
{
    struct archive_reader reader;

    (void)state;
    assert_int_equal(archive_reader_open(&reader, folder, 0), -ENOENT);
    archive_reader_close(&reader);
    assert_int_equal(archive_reader_open(&reader, "/nowhere", 0), -ENOENT);
    archive_reader_close(&reader);
}

int main(void)
{
#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        IN_A_FOLDER(test_a_kill_at_every_byte),
        IN_A_FOLDER(test_a_byte_that_was_never_written),
        IN_A_FOLDER(test_damage_in_the_middle),
        IN_A_FOLDER(test_a_day_after_the_other),
        IN_A_FOLDER(test_a_day_that_has_no_block_yet),
        IN_A_FOLDER(test_one_writer),
        IN_A_FOLDER(test_the_oldest_days_go),
        IN_A_FOLDER(test_what_the_disk_does_not_take),
        IN_A_FOLDER(test_days_before_are_left_out),
        IN_A_FOLDER(test_where_there_is_none),
    };

    (void)signal(SIGXFSZ, SIG_IGN);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
