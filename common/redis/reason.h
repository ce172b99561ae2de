/* SPDX-License-Identifier: MIT */
/*
 * Why a connection ended, in words that help: hiredis takes them from errno, which says "Success"
 * where the library below it failed without one, and names a foreign protocol by its first byte.
 * Pure.
 */
#pragma once

#include <hiredis/hiredis.h>

/* Lives as long as the context. */
const char *connection_reason(const redisContext *context);
