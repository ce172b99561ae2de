/* SPDX-License-Identifier: MIT */
/*
 * Files that everybody on this host may read, and that hold a password of Redis: the configuration,
 * the files of variables that were given, and those that lie beside it for the units. A password
 * file that others may read is refused (settings.h); these are warned of, for the services must
 * start as they did before.
 */
#pragma once

#include "common/options/complaints.h"
#include "common/options/options.h"

void redis_exposed_warn(const struct options *options, struct complaints *warnings);
