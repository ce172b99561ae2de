/* SPDX-License-Identifier: MIT */
#include "common/redis/redirect.h"

#include <string.h>

#include "common/base/number.h"
#include "common/redis/reply.h"

/* An IPv6 address has no brackets here. */
bool redirect_read(const redisReply *reply, const char *code, const struct place *self,
                   struct place *ret_place)
{
    int64_t port;

    if (!reply_is_error_code(reply, code))
        return false;
    const char *host = strrchr(reply->str, ' ');
    const char *colon = strrchr(reply->str, ':');
    if (!host || !colon || colon < ++host ||
        !number_read_integer(colon + 1, strlen(colon + 1), &port))
        return false;
    bool is_told = colon > host && strncmp(host, "?:", 2) != 0;
    return is_told ? place_take(host, (size_t)(colon - host), port, ret_place)
                   : place_take(self->host, strlen(self->host), port, ret_place);
}
