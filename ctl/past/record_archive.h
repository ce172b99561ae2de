/* SPDX-License-Identifier: MIT */
/*
 * Records out of an archive: the same source as the stream's, with the settings that the files have
 * beside them.
 */
#pragma once

#include "ctl/past/records.h"

/* The folder outlives the source. NULL: it is not to be had, which was told under the command's
 * name. */
struct records *record_archive_open(const struct ctl_command *command, const char *folder,
                                    const struct record_range *range);
