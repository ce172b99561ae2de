/* SPDX-License-Identifier: MIT */
#include "ctl/entry_look.h"

#include "common/redis/reply.h"

bool entry_look(const redisReply *reply, struct entry *ret_entry)
{
    const redisReply *fields = reply_element(reply, 1);

    return reply_read_stream_id(reply_element(reply, 0), &ret_entry->id) &&
           reply_is_array(fields, 2) && reply_read_fields(fields, ret_entry);
}
