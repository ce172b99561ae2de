/* SPDX-License-Identifier: MIT */
/*
 * Whom a request's Host header names. A page on a loopback address is for this machine alone; a
 * browser that was lured there by a name of somebody else's (DNS rebinding) says that name. Pure.
 */
#pragma once

#include <stdbool.h>

#include "common/options/options.h"
#include "common/service/listen_address.h"

/* Only this machine can reach it. */
bool http_host_is_needed(const struct listen_address *address);

/* "localhost", an address of 127.0.0.0/8, "[::1]", or one of these names (NULL: none), each with or
 * without a port. */
bool http_host_is_ours(const char *host, const struct names *names);
