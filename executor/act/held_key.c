/* SPDX-License-Identifier: MIT */
#include "executor/act/held_key.h"

#include <string.h>

#include "common/redis/reply.h"
#include "executor/act/executor_fact.h"

static const char code[] = "HELDKEY";

void held_key_begin(struct office *office)
{
    office->keeps_held = office->settings->venue.kind != VENUE_SAFE_DRAIN;
}

size_t held_key_count(const struct office *office)
{
    return office->keeps_held ? 1 : 0;
}

void held_key_add(const struct office *office, struct command *command)
{
    if (office->keeps_held)
        command_add(command, office->settings->keys.held);
}

/* The whole call, because one of its keys is not ours to touch: Redis does not say which. Of other
 * keys the scripts say that themselves. */
static bool is_refused_whole(const redisReply *reply)
{
    return reply_is_error_code(reply, "NOPERM") && !strstr(reply->str, "may not run");
}

bool held_key_refused(struct office *office, const redisReply *reply)
{
    bool by_script = reply_is_error_code(reply, code);

    if (!by_script && !(office->keeps_held && is_refused_whole(reply)))
        return false;
    if (office->keeps_held)
        executor_tell(office->observer,
                      (struct executor_fact){FACT_HELD_KEY,
                                             .unkept = reply->str + (by_script ? sizeof code : 0)});
    office->keeps_held = false;
    return true;
}
