/* SPDX-License-Identifier: MIT */
/*
 * The texts of settings that a day's file has already, by their digests: each is asked of Redis and
 * kept once a day, before the first decision that names it. Embedded in the archive's struct.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stdbool.h>

#include "common/base/calendar.h"
#include "common/base/sha256.h"
#include "common/redis/client.h"

/* Where there are more, the same text may stand twice in a file. */
enum { KEPT_SETTINGS_MAX = 64 };

struct kept_settings {
    char day[CALENDAR_DAY_MAX];
    char digests[KEPT_SETTINGS_MAX][SHA256_TEXT_MAX];
    size_t count;
};

/* Whether this digest is one that is to be kept now. */
bool kept_settings_lacks(struct kept_settings *kept, int64_t now_ms, const char *digest);

/* One that it lacked is kept: its text is in the file, or Redis has none. */
void kept_settings_note(struct kept_settings *kept, const char *digest);

/* The reply holds the text, or null. Negative: the connection broke. */
int kept_settings_ask(struct client *client, const char *key, const char *digest,
                      redisReply **ret_reply) __attribute__((warn_unused_result));
