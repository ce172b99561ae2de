/* SPDX-License-Identifier: MIT */
/*
 * A search for the server, for tools: it is waited for, on a loop of its own.
 */
#pragma once

#include <stdint.h>

#include "common/redis/search.h"

/* 0, or negative with why. */
int search_now(const struct redis_address *address, uint64_t deadline_ms,
               const struct tls_files *tls_files, struct place *ret_place,
               char ret_error[static SEARCH_ERROR_MAX]) __attribute__((warn_unused_result));
