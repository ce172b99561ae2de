/* SPDX-License-Identifier: MIT */
/*
 * A libconfig file as a source of options.
 */
#pragma once

#include "common/options/options.h"

/* Reads a libconfig file strictly: unknown keys, wrong types, values out of range and integer
 * literals that libconfig would silently change are complaints with file and line. */
void options_read_file(struct options *options, const char *path, struct complaints *complaints);
