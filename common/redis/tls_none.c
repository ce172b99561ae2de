/* SPDX-License-Identifier: MIT */
/* Where hiredis has no TLS. Settings that ask for it are refused before a connection is made. */
#include <stdio.h>
#include <stdlib.h>

#include "common/redis/tls.h"

static const char missing[] = "this build cannot do TLS";

bool tls_is_built(void)
{
    return false;
}

bool tls_files_can_be_used(const struct tls_files *files, struct tls_complaint *ret_complaint)
{
    (void)files;
    ret_complaint->option = "redis.url";
    (void)snprintf(ret_complaint->reason, sizeof ret_complaint->reason, "%s", missing);
    return false;
}

struct tls *tls_begin(redisContext *context, const struct tls_files *files, const char *host,
                      char ret_reason[static TLS_REASON_MAX])
{
    (void)context;
    (void)files;
    (void)host;
    (void)snprintf(ret_reason, TLS_REASON_MAX, "%s", missing);
    return NULL;
}

bool tls_is_established(const struct tls *tls)
{
    (void)tls;
    return false;
}

bool tls_failure(const struct tls *tls, char ret_reason[static TLS_REASON_MAX])
{
    (void)tls;
    (void)ret_reason;
    return false;
}

int64_t tls_end_ms(const struct tls *tls, bool *ret_is_ours)
{
    (void)tls;
    (void)ret_is_ours;
    return 0;
}

void tls_free(struct tls *tls)
{
    (void)tls;
}
