/* SPDX-License-Identifier: MIT */
#include "ctl/entry_look.h"

#include "common/redis/reply.h"

bool entry_look(const redisReply *reply, struct entry *ret_entry)
{
    const redisReply *fields = reply_element(reply, 1);

    if (!reply_read_stream_id(reply_element(reply, 0), &ret_entry->id) ||
        !reply_is_array(fields, 2))
        return false;
    ret_entry->count = fields->elements / 2;
    for (size_t i = 0; i < ret_entry->count && i < ENTRY_FIELDS_MAX; i++) {
        struct reply_text name, value;
        if (!reply_read_text(reply_element(fields, 2 * i), &name) ||
            !reply_read_text(reply_element(fields, 2 * i + 1), &value))
            return false;
        ret_entry->fields[i] =
            (struct entry_field){name.bytes, name.length, value.bytes, value.length};
    }
    return true;
}
