/* SPDX-License-Identifier: MIT */
/*
 * What a node of a Cluster says when a key is not its own: "MOVED 3999 10.0.0.2:6381". Pure.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stdbool.h>

#include "common/redis/place.h"

/* Whether the reply is an error of this code that names a node. One without a host is at the same
 * one as the node that says so. */
bool redirect_read(const redisReply *reply, const char *code, const struct place *self,
                   struct place *ret_place);
