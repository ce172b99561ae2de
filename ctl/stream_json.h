/* SPDX-License-Identifier: MIT */
/*
 * Streams and groups in documents, one way for all commands. New references.
 */
#pragma once

#include "ctl/document.h"
#include "ctl/stream_look.h"

/* "length", "added", "newest_age_ms". */
json_t *stream_json(const struct stream_look *look, int64_t now_ms);

/* "consumers", "pending", "lag", "lag_counted", "lost", "oldest_pending_age_ms", "entries_read". */
json_t *stream_json_group(const struct group_look *group, int64_t now_ms);
