/* SPDX-License-Identifier: MIT */
#include "common/redis/info.h"

#include <stdio.h>
#include <string.h>

bool info_find(const struct reply_text *info, const char *name, char *ret_value, size_t size)
{
    char label[48];
    int length = snprintf(label, sizeof label, "\n%s:", name);
    const char *at = memmem(info->bytes, info->length, label, (size_t)length);

    if (!at)
        return false;
    at += length;
    size_t left = (size_t)(info->bytes + info->length - at);
    const char *end = memchr(at, '\r', left);
    (void)snprintf(ret_value, size, "%.*s", (int)(end ? end - at : (ptrdiff_t)left), at);
    return true;
}
