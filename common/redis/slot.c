/* SPDX-License-Identifier: MIT */
#include "common/redis/slot.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { SLOTS = 16384, POLYNOMIAL = 0x1021 };

struct tag {
    const char *start;
    size_t length; /* 0: there is none */
};

/* Between the first { and the first } behind it; an empty one does not count. */
static struct tag tag_of(const char *key)
{
    const char *open = strchr(key, '{');
    const char *close = open ? strchr(open, '}') : NULL;

    return close ? (struct tag){open + 1, (size_t)(close - open - 1)} : (struct tag){key, 0};
}

static uint16_t crc16(const char *bytes, size_t length)
{
    uint16_t crc = 0;

    for (size_t i = 0; i < length; i++) {
        crc = (uint16_t)(crc ^ (uint16_t)((unsigned char)bytes[i] << 8));
        for (int bit = 0; bit < 8; bit++)
            crc = (uint16_t)(crc & 0x8000 ? crc << 1 ^ POLYNOMIAL : crc << 1);
    }
    return crc;
}

int slot_of(const char *key)
{
    struct tag tag = tag_of(key);

    return (tag.length ? crc16(tag.start, tag.length) : crc16(key, strlen(key))) % SLOTS;
}

bool slot_is_tagged(const char *key)
{
    return tag_of(key).length > 0;
}
