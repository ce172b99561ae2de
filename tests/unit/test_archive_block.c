/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "ctl/past/archive_block.h"
#include "ctl/past/packing.h"
#include "tests/unit/support.h"

static void add_bytes(struct archive_block *block, const char *bytes, size_t length)
{
    archive_block_text(block, bytes, length);
}

static void expect_text(const char *bytes, size_t length, const char *expected, size_t count)
{
    assert_int_equal(length, count);
    assert_memory_equal(bytes, expected, count);
}

/* What is written is read, whatever bytes it has. */
static void test_there_and_back(void **state)
{
    static const char strange[] = "a\n:\0QRA1 7:\xff";
    struct archive_block block = {0};
    struct archive_entry entry = {0};
    size_t at = 0;

    (void)state;
    archive_block_add(&block, ARCHIVE_SIGNAL, (struct stream_id){7, 8}, 2);
    add_bytes(&block, "payload", 7);
    add_bytes(&block, strange, sizeof strange);
    add_bytes(&block, "", 0);
    add_bytes(&block, "", 0);
    archive_block_add(&block, ARCHIVE_GAP, (struct stream_id){UINT64_MAX, UINT64_MAX}, 0);
    assert_int_equal(block.entries, 2);

    assert_int_equal(archive_entry_read(block.bytes, block.length, &at, &entry), 0);
    assert_int_equal(entry.kind, ARCHIVE_SIGNAL);
    assert_int_equal(entry.id.ms, 7);
    assert_int_equal(entry.id.sequence, 8);
    assert_int_equal(entry.count, 2);
    expect_text(entry.fields[0].name, entry.fields[0].name_length, "payload", 7);
    expect_text(entry.fields[0].value, entry.fields[0].value_length, strange, sizeof strange);
    assert_int_equal(entry.fields[1].name_length + entry.fields[1].value_length, 0);
    assert_ptr_equal(archive_entry_find(&entry, "payload"), &entry.fields[0]);
    assert_null(archive_entry_find(&entry, "payloads"));
    assert_int_equal(archive_entry_read(block.bytes, block.length, &at, &entry), 0);
    assert_int_equal(entry.kind, ARCHIVE_GAP);
    assert_int_equal(archive_entry_read(block.bytes, block.length, &at, &entry), 1);
    archive_entry_release(&entry);
    archive_block_release(&block);
}

/* Cut at any byte an entry is none, and nothing is read beyond. */
static void test_an_entry_that_is_cut(void **state)
{
    struct archive_block block = {0};
    struct archive_entry entry = {0};

    (void)state;
    archive_block_add(&block, ARCHIVE_RESULT, (struct stream_id){12, 0}, 1);
    add_bytes(&block, "status", 6);
    add_bytes(&block, "filled", 6);
    for (size_t length = 1; length < block.length; length++) {
        char *cut = memory_bytes(block.bytes, length);
        size_t at = 0;
        assert_int_equal(archive_entry_read(cut, length, &at, &entry), -1);
        assert_int_equal(at, 0);
        free(cut);
    }
    archive_entry_release(&entry);
    archive_block_release(&block);
}

static void test_what_is_no_entry(void **state)
{
    static const char *const texts[] = {
        "result 1-0 x\n",
        "result 1 0\n",
        "result 1-0 -1\n",
        "result 1-0 1\n1:a\n",
        "result 1-0 1\n1:ab1:b\n",
        "result 1-0 1\n-1:\n0:\n",
        "result 1-0 99999999999",
        "result 1-0 5\n0:\n0:\n",
        "result 1-0 1\n0:\n99999:\n",
    };
    struct archive_entry entry = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        size_t at = 0;
        assert_int_equal(archive_entry_read(texts[i], strlen(texts[i]), &at, &entry), -1);
    }
    archive_entry_release(&entry);
}

/* A kind of the future is read, for its reader to pass over. */
static void test_another_kind(void **state)
{
    static const char text[] = "omen 1-0 1\n1:a\n1:b\n";
    struct archive_entry entry = {0};
    size_t at = 0;

    (void)state;
    assert_int_equal(archive_entry_read(text, sizeof text - 1, &at, &entry), 0);
    assert_int_equal(entry.kind, ARCHIVE_KINDS);
    archive_entry_release(&entry);
}

static void test_a_block(void **state)
{
    struct archive_block block = {0};
    struct archive_head head;
    size_t length;

    (void)state;
    for (size_t i = 0; i < 1000; i++)
        archive_block_add(&block, ARCHIVE_PRICES, (struct stream_id){i, 0}, 0);
    char *sealed = archive_block_seal(&block, &length);
    assert_int_equal(archive_head_read(sealed, length, &head), 0);
    assert_string_equal(head.packing, packing_name());
    assert_int_equal(head.line + archive_head_rest(&head), length);
    assert_int_equal(head.unpacked, block.length);
    assert_true(archive_head_agrees(&head, sealed, sealed + head.line));
    char *bytes = packing_unpack(head.packing, sealed + head.line, head.stored, head.unpacked);
    assert_memory_equal(bytes, block.bytes, block.length);
    free(bytes);
    sealed[length - 3] ^= 1;
    assert_false(archive_head_agrees(&head, sealed, sealed + head.line));
    free(sealed);
    archive_block_release(&block);
}

static void test_what_is_no_head(void **state)
{
    static const char *const texts[] = {
        "",
        "QRA1 ",
        "QRA2 plain 1 1 0123456789abcdef\n",
        "QRA1 plain 1 1 0123456789abcdef",
        "QRA1 plain 1 0123456789abcdef\n",
        "QRA1 plain -1 1 0123456789abcdef\n",
        "QRA1 plain 01 1 0123456789abcdef\n",
        "QRA1 plain 99999999999 1 0123456789abcdef\n",
        "QRA1 plain 1 99999999999 0123456789abcdef\n",
        "QRA1 plain 1 1 0123456789abcdef0\n",
        "QRA1 plain 1 1 0123456789abcde\n",
        "QRA1 a-packing-of-long-name 1 1 0123456789abcdef\n",
    };
    struct archive_head head;

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++)
        assert_int_equal(archive_head_read(texts[i], strlen(texts[i]), &head), 1);
}

static void test_what_cannot_be_unpacked(void **state)
{
    (void)state;
    assert_null(packing_unpack("plain", "abc", 3, 4));
    assert_null(packing_unpack(packing_name(), "abc", 3, 4));
    assert_null(packing_unpack("lzma", "abc", 3, 3));
    assert_false(packing_knows("lzma"));
    assert_true(packing_knows(PACKING_PLAIN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_an_entry_that_is_cut),
        cmocka_unit_test(test_what_is_no_entry),
        cmocka_unit_test(test_another_kind),
        cmocka_unit_test(test_a_block),
        cmocka_unit_test(test_what_is_no_head),
        cmocka_unit_test(test_what_cannot_be_unpacked),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
