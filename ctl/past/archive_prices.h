/* SPDX-License-Identifier: MIT */
/*
 * The prices that an entry of an archive holds.
 */
#pragma once

#include "ctl/past/archive_block.h"

/* Each that is one is given to `take`, with its moment. */
void archive_prices_read(const struct archive_entry *entry,
                         void (*take)(void *owner, int64_t at_ms, const char *symbol, double price),
                         void *owner);
