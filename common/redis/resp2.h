/* SPDX-License-Identifier: MIT */
/*
 * RESP2 alone: no program here asks for RESP3, so what is of it is the answer to no question.
 * hiredis 0.14 ends a connection that sends it; later versions read it, and are told here not to. A
 * reader that was told ends at the first such reply, or part of one.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stddef.h>

/* Whether what is being read may be; who builds the replies asks it for each part. */
bool resp2_allows(const redisReadTask *task);

#if HIREDIS_MAJOR > 0
/* In the places of those that build what RESP2 never has. */
void *resp2_no_double(const redisReadTask *task, double value, char *text, size_t length);
void *resp2_no_bool(const redisReadTask *task, int value);
#endif

/* For a reader whose replies are built by hiredis itself. */
void resp2_only(redisReader *reader);
