/* SPDX-License-Identifier: MIT */
#include "ctl/past/archive_block.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/number.h"
#include "ctl/past/packing.h"

static const char *const names[] = {
    [ARCHIVE_DECISION] = "decision", [ARCHIVE_SIGNAL] = "signal",     [ARCHIVE_RESULT] = "result",
    [ARCHIVE_PRICES] = "prices",     [ARCHIVE_SETTINGS] = "settings", [ARCHIVE_GAP] = "gap",
    [ARCHIVE_POSITION] = "position",
};
static_assert(sizeof names / sizeof *names == ARCHIVE_KINDS, "each kind has a name");

const char *archive_kind_name(enum archive_kind kind)
{
    return names[kind];
}

/* --- written */

static void put(struct archive_block *block, const char *bytes, size_t length)
{
    if (block->room - block->length < length) {
        block->room = 2 * (block->length + length);
        block->bytes = memory_resize(block->bytes, block->room, 1);
    }
    memcpy(block->bytes + block->length, bytes, length);
    block->length += length;
}

void archive_block_add(struct archive_block *block, enum archive_kind kind, struct stream_id id,
                       size_t fields)
{
    char head[ARCHIVE_HEAD_MAX], text[STREAM_ID_TEXT_MAX];

    stream_id_print(id, text);
    int length = snprintf(head, sizeof head, "%s %s %zu\n", names[kind], text, fields);
    put(block, head, (size_t)length);
    block->entries++;
}

void archive_block_text(struct archive_block *block, const char *bytes, size_t length)
{
    char digits[NUMBER_DIGITS_MAX];

    put(block, digits, number_print(length, digits));
    put(block, ":", 1);
    put(block, bytes, length);
    put(block, "\n", 1);
}

/* The start of the SHA-256, which is checksum enough against what a disk does: over the line up to
 * it, then the stored bytes. */
static void sum(const char *line, size_t line_length, const char *stored, size_t length,
                char ret_checksum[static ARCHIVE_CHECKSUM + 1])
{
    char digest[SHA256_TEXT_MAX];
    char *bytes = memory_raw(line_length + length);

    memcpy(bytes, line, line_length);
    memcpy(bytes + line_length, stored, length);
    sha256_text(bytes, line_length + length, digest);
    memcpy(ret_checksum, digest, ARCHIVE_CHECKSUM);
    ret_checksum[ARCHIVE_CHECKSUM] = '\0';
    free(bytes);
}

char *archive_block_seal(const struct archive_block *block, size_t *ret_length)
{
    size_t stored;
    char *packed = packing_pack(block->bytes, block->length, &stored);
    char head[ARCHIVE_HEAD_MAX], checksum[ARCHIVE_CHECKSUM + 1];

    int line = snprintf(head, sizeof head, ARCHIVE_HEAD_START "%s %zu %zu ", packing_name(), stored,
                        block->length);
    sum(head, (size_t)line, packed, stored, checksum);
    line += snprintf(head + line, sizeof head - (size_t)line, "%s\n", checksum);
    *ret_length = (size_t)line + stored + 1;
    char *sealed = memory_raw(*ret_length);
    memcpy(sealed, head, (size_t)line);
    memcpy(sealed + line, packed, stored);
    sealed[*ret_length - 1] = '\n';
    free(packed);
    return sealed;
}

void archive_block_clear(struct archive_block *block)
{
    block->length = 0;
    block->entries = 0;
}

void archive_block_release(struct archive_block *block)
{
    free(block->bytes);
    *block = (struct archive_block){0};
}

/* --- read: a line of words */

struct words {
    const char *at, *end;
};

/* The word before that character, which is passed over. */
static bool take(struct words *words, char behind, const char **ret_word, size_t *ret_length)
{
    const char *end = memchr(words->at, behind, (size_t)(words->end - words->at));

    if (!end)
        return false;
    *ret_word = words->at;
    *ret_length = (size_t)(end - words->at);
    words->at = end + 1;
    return true;
}

static bool take_size(struct words *words, char behind, size_t most, size_t *ret_size)
{
    const char *word;
    size_t length;
    int64_t value;

    if (!take(words, behind, &word, &length) || !number_read_integer(word, length, &value) ||
        value < 0 || (uint64_t)value > most)
        return false;
    *ret_size = (size_t)value;
    return true;
}

static bool take_copy(struct words *words, char behind, char *ret_text, size_t room)
{
    const char *word;
    size_t length;

    if (!take(words, behind, &word, &length) || length >= room)
        return false;
    memcpy(ret_text, word, length);
    ret_text[length] = '\0';
    return true;
}

int archive_head_read(const char *bytes, size_t length, struct archive_head *ret_head)
{
    static const size_t start = sizeof ARCHIVE_HEAD_START - 1;
    size_t most = length < ARCHIVE_HEAD_MAX ? length : ARCHIVE_HEAD_MAX;
    struct words words = {bytes + start, bytes + most};

    if (most < start || memcmp(bytes, ARCHIVE_HEAD_START, start) != 0 ||
        !take_copy(&words, ' ', ret_head->packing, sizeof ret_head->packing) ||
        !take_size(&words, ' ', 2 * (size_t)ARCHIVE_BLOCK_BYTES_MAX, &ret_head->stored) ||
        !take_size(&words, ' ', ARCHIVE_BLOCK_BYTES_MAX, &ret_head->unpacked) ||
        !take_copy(&words, '\n', ret_head->checksum, sizeof ret_head->checksum))
        return 1;
    ret_head->line = (size_t)(words.at - bytes);
    return strlen(ret_head->checksum) == ARCHIVE_CHECKSUM ? 0 : 1;
}

bool archive_head_agrees(const struct archive_head *head, const char *line, const char *rest)
{
    char checksum[ARCHIVE_CHECKSUM + 1];

    sum(line, head->line - ARCHIVE_CHECKSUM - 1, rest, head->stored, checksum);
    return rest[head->stored] == '\n' && strcmp(checksum, head->checksum) == 0;
}

/* --- read: an entry */

static bool take_kind(struct words *words, enum archive_kind *ret_kind)
{
    const char *word;
    size_t length;

    if (!take(words, ' ', &word, &length))
        return false;
    int kind = 0;
    while (kind < ARCHIVE_KINDS &&
           (strlen(names[kind]) != length || memcmp(names[kind], word, length) != 0))
        kind++;
    *ret_kind = (enum archive_kind)kind;
    return true;
}

static bool take_id(struct words *words, struct stream_id *ret_id)
{
    const char *word;
    size_t length;

    return take(words, ' ', &word, &length) && stream_id_read(word, length, ret_id);
}

static bool take_text(struct words *words, const char **ret_bytes, size_t *ret_length)
{
    if (!take_size(words, ':', ARCHIVE_BLOCK_BYTES_MAX, ret_length) ||
        (size_t)(words->end - words->at) <= *ret_length || words->at[*ret_length] != '\n')
        return false;
    *ret_bytes = words->at;
    words->at += *ret_length + 1;
    return true;
}

static bool take_fields(struct words *words, struct archive_entry *entry)
{
    if (entry->room < entry->count) {
        entry->room = entry->count;
        entry->fields = memory_resize(entry->fields, entry->room, sizeof *entry->fields);
    }
    for (size_t i = 0; i < entry->count; i++) {
        struct entry_field *field = &entry->fields[i];
        if (!take_text(words, &field->name, &field->name_length) ||
            !take_text(words, &field->value, &field->value_length))
            return false;
    }
    return true;
}

/* Each field takes six bytes at least: that bounds what is asked of memory. */
enum { FIELD_BYTES_MIN = 6 };

int archive_entry_read(const char *bytes, size_t length, size_t *at, struct archive_entry *entry)
{
    struct words words = {bytes + *at, bytes + length};

    if (*at == length)
        return 1;
    if (!take_kind(&words, &entry->kind) || !take_id(&words, &entry->id) ||
        !take_size(&words, '\n', (length - *at) / FIELD_BYTES_MIN, &entry->count) ||
        !take_fields(&words, entry))
        return -1;
    *at = (size_t)(words.at - bytes);
    return 0;
}

void archive_entry_release(struct archive_entry *entry)
{
    free(entry->fields);
    *entry = (struct archive_entry){0};
}

const struct entry_field *archive_entry_find(const struct archive_entry *entry, const char *name)
{
    size_t length = strlen(name);

    for (size_t i = 0; i < entry->count; i++)
        if (entry->fields[i].name_length == length &&
            memcmp(entry->fields[i].name, name, length) == 0)
            return &entry->fields[i];
    return NULL;
}

bool archive_entry_has(const struct archive_entry *entry, const char *name, const char *value)
{
    const struct entry_field *field = archive_entry_find(entry, name);

    return field && field->value_length == strlen(value) &&
           memcmp(field->value, value, field->value_length) == 0;
}

void archive_entry_of_stream(const struct archive_entry *entry, struct entry *ret_entry)
{
    size_t count = entry->count < ENTRY_FIELDS_MAX ? entry->count : ENTRY_FIELDS_MAX;

    ret_entry->id = entry->id;
    ret_entry->count = entry->count;
    memcpy(ret_entry->fields, entry->fields, count * sizeof *entry->fields);
}
