/* SPDX-License-Identifier: MIT */
#include "common/service/certificate_watch.h"

#include "common/base/calendar.h"
#include "common/base/monotonic.h"
#include "common/base/wall.h"
#include "common/redis/tls.h"
#include "common/service/service_report.h"

void certificate_watch_look(struct certificate_watch *watch, const struct link *link)
{
    bool is_ours = false;
    int64_t end_ms = link_certificate_end_ms(link, &is_ours);
    int64_t left_ms = end_ms - wall_ms();
    uint64_t now_ms = monotonic_ms();

    if (end_ms == 0 || left_ms > TLS_WARNED_DAYS * CALENDAR_MS_PER_DAY)
        return;
    if (watch->end_ms == end_ms && now_ms - watch->told_at_ms < CALENDAR_MS_PER_DAY)
        return;
    *watch = (struct certificate_watch){end_ms, now_ms};
    service_report_certificate_ends(is_ours, end_ms, left_ms);
}
