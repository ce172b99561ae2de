/* SPDX-License-Identifier: MIT */
/* Records out of an archive, as their readers see them, and looked through. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/memory.h"
#include "ctl/archive/archive_store.h"
#include "ctl/past/archive_file.h"
#include "ctl/past/archive_texts.h"
#include "ctl/past/record_archive.h"
#include "ctl/past/record_search.h"
#include "tests/unit/support.h"

#define DAY       "20260119"
#define DAY_AFTER "20260120"

static const struct ctl_command command = {.name = "test"};
static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/test_records.XXXXXX");
    assert_non_null(mkdtemp(folder));
    return 0;
}

static int remove_folder(void **state)
{
    struct names names;

    (void)state;
    assert_int_equal(archive_names(folder, &names), 0);
    for (size_t i = 0; i < names.count; i++) {
        char *path = memory_format("%s/%s", folder, names.list[i]);
        assert_int_equal(unlink(path), 0);
        free(path);
    }
    names_free(&names);
    return rmdir(folder);
}

static void add(struct archive_block *block, enum archive_kind kind, uint64_t number,
                const char *name, const char *value)
{
    archive_block_add(block, kind, (struct stream_id){(uint64_t)NOW_MS + number, 0}, 1);
    archive_block_text(block, name, strlen(name));
    archive_block_text(block, value, strlen(value));
}

static void append(struct archive_block *block, const char *day)
{
    struct archive_store store;
    struct archive_found found;
    size_t length;
    char *sealed = archive_block_seal(block, &length);

    assert_int_equal(archive_store_open(&store, folder, &found), 0);
    assert_int_equal(archive_store_append(&store, day, sealed, length), 0);
    archive_found_release(&found);
    archive_store_close(&store);
    free(sealed);
    archive_block_release(block);
}

/* Two days: 1 and 2, and behind a gap 3; 4, and behind a gap of the signals 5. */
static void fill(void)
{
    struct archive_block block = {0};

    add(&block, ARCHIVE_SETTINGS, 1, "digest", "text");
    add(&block, ARCHIVE_DECISION, 1, "n", "1");
    add(&block, ARCHIVE_SIGNAL, 1, "n", "1");
    add(&block, ARCHIVE_DECISION, 2, "n", "2");
    add(&block, ARCHIVE_GAP, 3, "kind", "decision");
    add(&block, ARCHIVE_DECISION, 3, "n", "3");
    append(&block, DAY);
    add(&block, ARCHIVE_DECISION, 4, "n", "4");
    add(&block, ARCHIVE_GAP, 5, "kind", "signal");
    add(&block, ARCHIVE_DECISION, 5, "n", "5");
    append(&block, DAY_AFTER);
}

static struct records *open_from(uint64_t first, uint64_t last)
{
    const struct record_range range = {{(uint64_t)NOW_MS + first, 0}, {(uint64_t)NOW_MS + last, 0}};
    struct records *source = record_archive_open(&command, folder, &range);

    assert_non_null(source);
    return source;
}

static void expect_next(struct records *source, const char *number, bool is_before, bool follows)
{
    struct record_item item;

    assert_int_equal(source->next(source, &item), 0);
    const struct entry_field *field = entry_find(&item.entry, "n");
    assert_non_null(field);
    assert_memory_equal(field->value, number, field->value_length);
    assert_int_equal(item.is_before, is_before);
    assert_int_equal(item.follows, follows);
}

static void expect_end(struct records *source)
{
    struct record_item item;

    assert_int_equal(source->next(source, &item), 1);
    source->close(source);
}

static void test_all(void **state)
{
    const struct record_range range = record_range_all();

    (void)state;
    fill();
    struct records *source = record_archive_open(&command, folder, &range);
    assert_non_null(source);
    expect_next(source, "1", false, false);
    expect_next(source, "2", false, true);
    expect_next(source, "3", false, false);
    expect_next(source, "4", false, true);
    expect_next(source, "5", false, true);
    expect_end(source);
}

/* By the bytes of the files, which stand for the work that is left. */
static void test_how_much_was_read(void **state)
{
    const struct record_range range = record_range_all();
    struct record_item item;
    double share = 0;

    (void)state;
    fill();
    struct records *source = record_archive_open(&command, folder, &range);
    assert_non_null(source);
    assert_true(source->share(source) == 0);
    while (source->next(source, &item) == 0) {
        assert_true(source->share(source) >= share);
        share = source->share(source);
        if (item.entry.id.ms == 1)
            assert_true(share > 0 && share < 1);
    }
    assert_true(source->share(source) == 1);
    source->close(source);
}

static void test_a_range_has_the_one_before_it(void **state)
{
    (void)state;
    fill();
    struct records *source = open_from(2, 4);
    expect_next(source, "1", true, false);
    expect_next(source, "2", false, true);
    expect_next(source, "3", false, false);
    expect_next(source, "4", false, true);
    expect_end(source);
    source = open_from(5, 9);
    expect_next(source, "4", true, false);
    expect_next(source, "5", false, true);
    expect_end(source);
    source = open_from(8, 9);
    expect_end(source);
}

static void test_settings(void **state)
{
    char *text;
    size_t length;

    (void)state;
    fill();
    const struct record_range range = record_range_all();
    struct records *source = record_archive_open(&command, folder, &range);
    assert_non_null(source);
    expect_next(source, "1", false, false);
    assert_int_equal(source->settings(source, "digest", &text, &length), 0);
    assert_int_equal(length, 4);
    assert_memory_equal(text, "text", 4);
    free(text);
    assert_int_equal(source->settings(source, "other", &text, &length), 1);
    source->close(source);
}

/* --- looked through */

struct seen {
    char numbers[16];
    size_t count;
    const char *enough; /* the number that ends it */
};

static bool see(void *owner, const struct entry *entry)
{
    struct seen *seen = owner;
    const struct entry_field *field = entry_find(entry, "n");

    assert_non_null(field);
    assert_in_range(seen->count, 0, sizeof seen->numbers - 2);
    seen->numbers[seen->count++] = field->value[0];
    return seen->enough && field->value[0] == seen->enough[0];
}

static void expect_seen(struct record_search search, const char *enough, const char *numbers)
{
    struct archive_texts texts = {0};
    const struct record_place place = {.command = &command, .folder = folder, .texts = &texts};
    struct seen seen = {.enough = enough};
    char *why = NULL, *text;
    size_t length;

    search.take = see;
    search.owner = &seen;
    assert_int_equal(record_search(&place, &search, &why), 0);
    assert_string_equal(seen.numbers, numbers);
    assert_int_equal(search.looked, strlen(numbers));
    assert_false(search.is_cut);
    if (strchr(numbers, '1')) {
        assert_int_equal(archive_texts_find(&texts, "digest", &text, &length), 0);
        free(text);
    }
    archive_texts_release(&texts);
}

static void test_looked_through_both_ways(void **state)
{
    struct record_search search = {.kind = ARCHIVE_DECISION};

    (void)state;
    fill();
    fill(); /* further blocks, all behind the newest day */
    expect_seen(search, NULL, "1234512345");
    expect_seen(search, "2", "12");
    search.from = (struct stream_id){(uint64_t)NOW_MS + 4, 0};
    expect_seen(search, NULL, "4545");
    search = (struct record_search){.kind = ARCHIVE_DECISION, .is_backwards = true};
    expect_seen(search, NULL, "5432154321");
    expect_seen(search, "2", "5432");
    search.kind = ARCHIVE_SIGNAL;
    expect_seen(search, NULL, "11");
    search.kind = ARCHIVE_RESULT;
    expect_seen(search, NULL, "");
}

int main(void)
{
#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        IN_A_FOLDER(test_all),
        IN_A_FOLDER(test_how_much_was_read),
        IN_A_FOLDER(test_a_range_has_the_one_before_it),
        IN_A_FOLDER(test_settings),
        IN_A_FOLDER(test_looked_through_both_ways),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
