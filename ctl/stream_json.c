/* SPDX-License-Identifier: MIT */
#include "ctl/stream_json.h"

static json_t *age(struct stream_id id, int64_t now_ms)
{
    return id.ms > 0 ? json_integer((json_int_t)(now_ms - (int64_t)id.ms)) : json_null();
}

json_t *stream_json(const struct stream_look *look, int64_t now_ms)
{
    return json_pack("{s:I, s:I, s:o}", "length", (json_int_t)look->length, "added",
                     (json_int_t)look->added, "newest_age_ms", age(look->last, now_ms));
}

json_t *stream_json_group(const struct group_look *group, int64_t now_ms)
{
    return json_pack("{s:I, s:I, s:I, s:b, s:I, s:o, s:o}", "consumers",
                     (json_int_t)group->consumers_total, "pending", (json_int_t)group->pending,
                     "lag", (json_int_t)group->lag, "lag_counted", group->is_counted, "lost",
                     (json_int_t)group->lost, "oldest_pending_age_ms",
                     group->has_oldest ? age(group->oldest, now_ms) : json_null(), "entries_read",
                     document_known(group->entries_read));
}
