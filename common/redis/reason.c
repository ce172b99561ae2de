/* SPDX-License-Identifier: MIT */
#include "common/redis/reason.h"

#include <string.h>

static const struct {
    const char *begins;
    const char *reason;
} foreign[] = {
    /* An alert, and the first bytes of a handshake. */
    {"Protocol error, got \"\\x15\"", "what listens there speaks TLS, and was spoken to without"},
    {"Protocol error, got \"\\x16\"", "what listens there speaks TLS, and was spoken to without"},
    {"Protocol error, got \"H\"", "what listens there speaks HTTP, and is no Redis"},
};

const char *connection_reason(const redisContext *context)
{
    const char *said = context->errstr;

    if (!said[0] || strcmp(said, strerror(0)) == 0)
        return "the connection broke, and the system does not say why";
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        if (strncmp(said, foreign[i].begins, strlen(foreign[i].begins)) == 0)
            return foreign[i].reason;
    return said;
}
