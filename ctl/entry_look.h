/* SPDX-License-Identifier: MIT */
/*
 * An entry of a stream out of a reply to XRANGE and its kin. Its texts point into the reply.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stdbool.h>

#include "common/base/entry.h"

/* False: the reply is of another shape. */
bool entry_look(const redisReply *reply, struct entry *ret_entry);
