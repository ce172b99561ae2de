/* SPDX-License-Identifier: MIT */
#include "common/redis/guides.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"

enum { SENTINEL_PORT = 26379, NODE_PORT = 6379, MASTER_NAME_MAX = 200 };

static const char *add_one(struct guides *guides, const char *text, size_t length)
{
    int port = guides->kind == GUIDES_SENTINELS ? SENTINEL_PORT : NODE_PORT;
    struct place place;

    const char *complaint = place_read(text, length, port, &place);
    if (complaint)
        return complaint;
    for (size_t i = 0; i < guides->count; i++)
        if (place_is(&guides->list[i], &place))
            return "names one host and port twice";
    if (guides->count == GUIDES_MAX)
        return "names more than 16";
    guides->list = memory_resize(guides->list, guides->count + 1, sizeof *guides->list);
    guides->list[guides->count++] = place;
    return NULL;
}

const char *guides_add(struct guides *guides, enum guides_kind kind, const char *list,
                       size_t length)
{
    const char *end = list + length, *complaint = NULL;

    assert(guides->kind == kind || guides->count == 0);
    guides->kind = kind;
    while (!complaint) {
        const char *comma = memchr(list, ',', (size_t)(end - list));
        complaint = add_one(guides, list, (size_t)((comma ? comma : end) - list));
        if (!comma)
            break;
        list = comma + 1;
    }
    return complaint;
}

/* As Sentinel itself has it. */
const char *guides_name_master(struct guides *guides, const char *name, size_t length)
{
    bool is_name = length > 0 && length <= MASTER_NAME_MAX;

    for (size_t i = 0; i < length && is_name; i++)
        is_name = isalnum((unsigned char)name[i]) || strchr(".-_", name[i]);
    if (!is_name)
        return "is no name of a master (letters, digits and .-_, as in sentinel.conf)";
    free(guides->master);
    guides->master = memory_bytes(name, length);
    return NULL;
}

static char *list_text(const struct guides *guides)
{
    char *list = memory_text("");

    for (size_t i = 0; i < guides->count; i++) {
        char place[PLACE_TEXT_MAX];
        place_print(&guides->list[i], place);
        list = memory_extend(list, "%s%s", i ? "," : "", place);
    }
    return list;
}

char *guides_text(const struct guides *guides)
{
    char *list = list_text(guides);
    char *text = guides->kind == GUIDES_SENTINELS
                     ? memory_format("the master %s of the sentinels %s", guides->master, list)
                     : memory_format("the owner of %s in the cluster of %s", guides->key, list);

    free(list);
    return text;
}

void guides_release(struct guides *guides)
{
    if (guides->password)
        explicit_bzero(guides->password, strlen(guides->password));
    free(guides->password);
    free(guides->master);
    free(guides->list);
    *guides = (struct guides){0};
}
