/* SPDX-License-Identifier: MIT */
/*
 * The name of a stream as a person gives it: as it is, or without the prefix, as status shows it.
 */
#pragma once

#include "ctl/ask.h"

/* The key that is meant: the name as given if there is such a key, or if there is none with the
 * prefix in front either. The caller frees it; NULL: the connection broke, which was told. */
char *stream_name_find(const struct ask *ask, const char *prefix, const char *given);
