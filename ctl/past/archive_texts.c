/* SPDX-License-Identifier: MIT */
#include "ctl/past/archive_texts.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"

static void forget(struct archive_text *text)
{
    free(text->digest);
    free(text->bytes);
}

void archive_texts_note(struct archive_texts *texts, const struct archive_entry *entry)
{
    if (entry->kind != ARCHIVE_SETTINGS || entry->count == 0)
        return;
    const struct entry_field *field = &entry->fields[0];
    struct archive_text *place = &texts->list[texts->next++ % ARCHIVE_TEXTS_MAX];

    forget(place);
    *place =
        (struct archive_text){memory_bytes(field->name, field->name_length),
                              memory_bytes(field->value, field->value_length), field->value_length};
    if (texts->count < ARCHIVE_TEXTS_MAX)
        texts->count++;
}

int archive_texts_find(const struct archive_texts *texts, const char *digest, char **ret_text,
                       size_t *ret_length)
{
    for (size_t i = 0; i < texts->count; i++) {
        const struct archive_text *text = &texts->list[i];
        if (strcmp(text->digest, digest) != 0)
            continue;
        *ret_text = memory_bytes(text->bytes, text->length);
        *ret_length = text->length;
        return 0;
    }
    return 1;
}

void archive_texts_release(struct archive_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        forget(&texts->list[i]);
    *texts = (struct archive_texts){0};
}

/* --- as a source */

static struct archive_texts *of(struct records *source)
{
    return (struct archive_texts *)source;
}

static int no_record(struct records *source, struct record_item *ret_item)
{
    (void)source;
    (void)ret_item;
    return 1;
}

static int settings(struct records *source, const char *digest, char **ret_text, size_t *ret_length)
{
    return archive_texts_find(of(source), digest, ret_text, ret_length);
}

static void close_texts(struct records *source)
{
    archive_texts_release(of(source));
}

struct records *archive_texts_source(struct archive_texts *texts)
{
    texts->source = (struct records){.next = no_record, .settings = settings, .close = close_texts};
    return &texts->source;
}
