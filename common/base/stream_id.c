/* SPDX-License-Identifier: MIT */
#include "common/base/stream_id.h"

#include <string.h>

#include "common/base/number.h"

/* A canonical unsigned integer: digits alone, no zero in front of others. */
static bool read_part(const char *bytes, size_t length, uint64_t *ret_value)
{
    if (length == 0 || (bytes[0] == '0' && length > 1))
        return false;
    uint64_t value = 0;
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] < '0' || bytes[i] > '9')
            return false;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(bytes[i] - '0'), &value))
            return false;
    }
    *ret_value = value;
    return true;
}

bool stream_id_read(const char *bytes, size_t length, struct stream_id *ret_id)
{
    const char *dash = length > 0 ? memchr(bytes, '-', length) : NULL;

    if (!dash)
        return false;
    size_t ms_length = (size_t)(dash - bytes);
    struct stream_id id;
    if (!read_part(bytes, ms_length, &id.ms) ||
        !read_part(dash + 1, length - ms_length - 1, &id.sequence))
        return false;
    *ret_id = id;
    return true;
}

void stream_id_print(struct stream_id id, char ret_text[static STREAM_ID_TEXT_MAX])
{
    size_t length = number_print(id.ms, ret_text);

    ret_text[length] = '-';
    (void)number_print(id.sequence, ret_text + length + 1);
}

int stream_id_compare(struct stream_id a, struct stream_id b)
{
    if (a.ms != b.ms)
        return a.ms < b.ms ? -1 : 1;
    if (a.sequence != b.sequence)
        return a.sequence < b.sequence ? -1 : 1;
    return 0;
}

struct stream_id stream_id_before(struct stream_id id)
{
    if (id.sequence > 0)
        return (struct stream_id){id.ms, id.sequence - 1};
    return id.ms > 0 ? (struct stream_id){id.ms - 1, UINT64_MAX} : id;
}

int64_t stream_id_time_ms(struct stream_id id)
{
    return id.ms > INT64_MAX ? INT64_MAX : (int64_t)id.ms;
}
