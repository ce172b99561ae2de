/* SPDX-License-Identifier: MIT */
#include "ctl/archive/kept_settings.h"

#include <string.h>

static bool has(const struct kept_settings *kept, const char *digest)
{
    for (size_t i = 0; i < kept->count; i++)
        if (strcmp(kept->digests[i], digest) == 0)
            return true;
    return false;
}

bool kept_settings_lacks(struct kept_settings *kept, int64_t now_ms, const char *digest)
{
    char today[CALENDAR_DAY_MAX];

    calendar_day(now_ms, today);
    if (strcmp(today, kept->day) != 0)
        kept->count = 0;
    memcpy(kept->day, today, sizeof today);
    return strlen(digest) == SHA256_TEXT_MAX - 1 && !has(kept, digest);
}

void kept_settings_note(struct kept_settings *kept, const char *digest)
{
    if (kept->count == KEPT_SETTINGS_MAX)
        kept->count = 0;
    memcpy(kept->digests[kept->count++], digest, SHA256_TEXT_MAX);
}

int kept_settings_ask(struct client *client, const char *key, const char *digest,
                      redisReply **ret_reply)
{
    struct command question = {0};

    command_add_all(&question, "HMGET", key, digest, NULL);
    return client_ask(client, &question, ret_reply);
}
