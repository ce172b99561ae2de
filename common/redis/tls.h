/* SPDX-License-Identifier: MIT */
/*
 * TLS on a connection of hiredis, where the build has it: 1.2 and later, the certificate and the
 * name on it always checked.
 *
 * The files are read for each connection, so that one that was renewed needs no restart. A struct
 * tls goes with one connection and is freed after it: what went wrong is asked for when the
 * connection tells of its end. Builds without TLS have tls_none.c.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stdint.h>

struct tls;

/* Paths; empty: the authorities of the system, and no certificate of our own. */
struct tls_files {
    const char *ca;
    const char *cert;
    const char *key;
};

#define TLS_REASON_MAX 256

/* What a handshake has failed by that a deadline ended. */
#define TLS_LATE "TLS: the handshake did not end in time"

/* What is wrong with which of the files; `option` is "redis.tls_ca" and the like. */
struct tls_complaint {
    const char *option;
    char reason[TLS_REASON_MAX];
};

bool tls_is_built(void);

/* Whether the files can be used now. */
bool tls_files_can_be_used(const struct tls_files *files, struct tls_complaint *ret_complaint)
    __attribute__((warn_unused_result));

/* Begins the handshake on a connection that stands, with the certificate's owner to be `host`; on
 * one that blocks, ends it. NULL, and why: then the connection is of no use any more. */
struct tls *tls_begin(redisContext *context, const struct tls_files *files, const char *host,
                      char ret_reason[static TLS_REASON_MAX]) __attribute__((warn_unused_result));

/* Whether the handshake is over. */
bool tls_is_established(const struct tls *tls);

/* Why the connection has just failed; false: by nothing that is about TLS. `tls` may be NULL. */
bool tls_failure(const struct tls *tls, char ret_reason[static TLS_REASON_MAX]);

/* One that ends within so many days is told: by the services, and by quantumctl status. */
enum { TLS_WARNED_DAYS = 7 };

/* When the certificate ends that ends first, in ms since 1970, and whether it is ours; 0: none was
 * shown. */
int64_t tls_end_ms(const struct tls *tls, bool *ret_is_ours);

/* NULL is fine. */
void tls_free(struct tls *tls);
