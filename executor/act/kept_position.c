/* SPDX-License-Identifier: MIT */
#include "executor/act/kept_position.h"

#include <stdio.h>

#include "common/redis/reply.h"

void unreadable_note(struct unreadable *unreadable, const char *id)
{
    unreadable->count++;
    (void)snprintf(unreadable->id, sizeof unreadable->id, "%s", id);
}

bool kept_position_read(const redisReply *list, size_t at, struct unreadable *unreadable,
                        struct position *ret_position)
{
    struct reply_text value;
    char id[sizeof unreadable->id];

    if (!reply_copy_text(list->element[at], id, sizeof id))
        (void)snprintf(id, sizeof id, "?");
    if (reply_read_text(reply_element(list, at + 1), &value) &&
        position_read(id, value.bytes, value.length, ret_position))
        return true;
    unreadable_note(unreadable, id);
    return false;
}
