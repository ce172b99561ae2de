/* SPDX-License-Identifier: MIT */
/*
 * RESP2 alone, and no more of it than there is room for: no program here asks for RESP3, so what is
 * of it is the answer to no question. hiredis 0.14 ends a connection that sends it; later versions
 * read it, and are told here not to. A reader that was told ends at the first such reply, or part
 * of one.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stddef.h>

/* A reply that claims more elements would make us wait for ever, and hiredis takes their memory
 * before the first has come. Redis takes entries of millions of fields, and what cannot be read
 * would come again with every connection: so the bound lies far above. */
enum { RESP2_ELEMENTS_MAX = 1 << 24 };

/* hiredis 0.14 counts elements by int. */
#if HIREDIS_MAJOR > 0
typedef size_t resp2_count;
#else
typedef int resp2_count;
#endif

/* Whether what is being read may be; who builds the replies asks it for each part. */
bool resp2_allows(const redisReadTask *task);

#if HIREDIS_MAJOR > 0
/* In the places of those that build what RESP2 never has. */
void *resp2_no_double(const redisReadTask *task, double value, char *text, size_t length);
void *resp2_no_bool(const redisReadTask *task, int value);
#endif

/* For a reader whose replies are built by hiredis itself. */
void resp2_only(redisReader *reader);
