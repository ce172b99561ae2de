/* SPDX-License-Identifier: MIT */
/*
 * What INFO says: lines of "name:value". Reads one of them out of a reply, which stays the
 * caller's. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/redis/reply.h"

/* A server's run id, 40 hex digits, and its NUL. */
#define INFO_RUN_ID_MAX 41

/* The value in the line "name:value\r\n", cut to the room there is. False: there is no such line.
 */
bool info_find(const struct reply_text *info, const char *name, char *ret_value, size_t size);
