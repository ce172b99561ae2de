/* SPDX-License-Identifier: MIT */
#include "common/redis/group_reads.h"

static void begin(struct group_reads *reads, const struct group_count *count, uint64_t given)
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
        begin(reads, count, given);
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
