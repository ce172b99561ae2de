/* SPDX-License-Identifier: MIT */
#include "common/redis/group_count.h"

#include <string.h>

static bool has_line(const struct reply_text *info, const char *line)
{
    return memmem(info->bytes, info->length, line, strlen(line)) != NULL;
}

/* A file without a base, or none at all that was ever another Redis' copy: RDB keeps the count. */
void group_count_take_info(struct group_count *count, const redisReply *info)
{
    struct reply_text text;

    count->is_credible =
        reply_read_text(info, &text) && has_line(&text, "\nrole:master\r") &&
        (has_line(&text, "\nrdb_last_load_keys_loaded:0\r") ||
         (has_line(&text, "\naof_enabled:0\r") && has_line(&text, "\nmaster_replid2:00000000")));
}

static struct stream_id id(const redisReply *reply)
{
    struct stream_id found = {0, 0};

    (void)reply_read_stream_id(reply, &found);
    return found;
}

void group_count_take_stream(struct group_count *count, const redisReply *stream)
{
    const redisReply *deleted = reply_named(stream, "max-deleted-entry-id");
    struct stream_id deleted_id;

    count->length = reply_named_integer(stream, "length", -1);
    count->added = reply_named_integer(stream, "entries-added", -1);
    count->first = id(reply_element(reply_named(stream, "first-entry"), 0));
    count->last = id(reply_named(stream, "last-generated-id"));
    count->has_deleted = !reply_read_stream_id(deleted, &deleted_id) || deleted_id.ms > 0;
}

void group_count_take_group(struct group_count *count, const redisReply *group)
{
    count->delivered = id(reply_named(group, "last-delivered-id"));
    count->read = reply_named_integer(group, "entries-read", -1);
    count->redis_lag = reply_named_integer(group, "lag", -1);
    count->consumers = reply_named_integer(group, "consumers", -1);
}

bool group_count_is_ahead(const struct group_count *count)
{
    return count->length >= 0 && stream_id_compare(count->delivered, count->last) >= 0;
}

int64_t group_count_behind(const struct group_count *count)
{
    if (count->length <= 0 || group_count_is_ahead(count))
        return count->length < 0 ? -1 : 0;
    return stream_id_compare(count->delivered, count->first) < 0 ? count->length : -1;
}

/* No more can be missing than was removed. */
int64_t group_count_gap(const struct group_count *count, int64_t behind)
{
    int64_t removed = count->added - count->length;

    if (behind < 0 || count->read < 0 || count->added < 0)
        return -1;
    int64_t gap = count->added - count->read - behind;
    return gap < 0 ? -1 : gap < removed || !count->is_credible ? gap : removed;
}

int64_t group_count_lost(const struct group_count *count, int64_t behind)
{
    int64_t gap = group_count_gap(count, behind);

    return count->is_credible && gap > 0 ? gap : 0;
}

int64_t group_count_lag(const struct group_count *count, int64_t gap)
{
    int64_t lag = gap < 0 || count->redis_lag < 0 ? -1 : count->redis_lag - gap;

    return lag > 0 && lag < count->length ? lag : -1;
}

static void begin_reads(struct group_reads *reads, const struct group_count *count, uint64_t given)
{
    *reads = (struct group_reads){.is_known = true,
                                  .delivered = count->delivered,
                                  .read = count->read,
                                  .removed = count->added - count->length,
                                  .given = given};
}

/* No more can be leapt over than was removed meanwhile, or before it was read. */
static int64_t bounded(const struct group_reads *reads, const struct group_count *count,
                       int64_t leapt)
{
    int64_t unread = reads->removed - reads->read;
    int64_t removed = count->added - count->length - reads->removed + (unread > 0 ? unread : 0);

    if (leapt < 0)
        return 0;
    return leapt < removed ? leapt : removed;
}

int64_t group_reads_leapt(struct group_reads *reads, const struct group_count *count,
                          uint64_t given, struct stream_id last_given)
{
    if (count->read < 0 || count->length < 0 || count->added < 0 || !count->is_credible) {
        group_reads_forget(reads);
        return 0;
    }
    if (!reads->is_known || count->read < reads->read) {
        begin_reads(reads, count, given);
        return 0;
    }
    bool is_still =
        given == reads->given && stream_id_compare(count->delivered, reads->delivered) == 0;
    if (!is_still && stream_id_compare(count->delivered, last_given) != 0)
        return -1;
    return bounded(reads, count, count->read - reads->read - (int64_t)(given - reads->given));
}

void group_reads_forget(struct group_reads *reads)
{
    *reads = (struct group_reads){0};
}
