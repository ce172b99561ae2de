/* SPDX-License-Identifier: MIT */
#include "ctl/frame/since.h"

#include <string.h>

#include "common/base/calendar.h"
#include "common/base/escape.h"
#include "common/base/wall.h"
#include "ctl/frame/span.h"

enum { ISO_DAY = sizeof "2026-01-19" - 1 };

/* The text behind the beginning of today, or of 1970: as the whole it is ISO 8601. */
static bool read_iso(const char *front, const char *text, const char *back, int64_t *ret_ms)
{
    char iso[64];
    size_t parts[] = {strlen(front), strlen(text), strlen(back)}, length = 0;
    const char *const texts[] = {front, text, back};

    if (parts[0] + parts[1] + parts[2] > sizeof iso)
        return false;
    for (size_t i = 0; i < 3; i++) {
        memcpy(iso + length, texts[i], parts[i]);
        length += parts[i];
    }
    return calendar_read_iso(iso, length, ret_ms);
}

static bool read_time(const char *text, int64_t now_ms, int64_t *ret_ms)
{
    char today[CALENDAR_ISO_MAX];
    int64_t ms;

    calendar_iso(now_ms, today);
    today[ISO_DAY + 1] = '\0';
    if (!read_iso(today, text, "Z", &ms))
        return false;
    *ret_ms = ms > now_ms ? ms - CALENDAR_MS_PER_DAY : ms;
    return true;
}

bool since_read(const char *text, int64_t now_ms, int64_t *ret_ms)
{
    int64_t span_ms;

    if (strchr(text, '-') == text)
        return false;
    if (span_read(text, &span_ms)) {
        *ret_ms = now_ms - span_ms;
        return true;
    }
    return read_iso("", text, "T00:00Z", ret_ms) || read_iso("", text, "", ret_ms) ||
           read_time(text, now_ms, ret_ms);
}

void since_check(const char *flag, const char *text, struct complaints *complaints)
{
    int64_t ms, now_ms = wall_ms();

    if (!since_read(text, now_ms, &ms))
        complain(complaints,
                 "--%s=%s is no time: 08:00 (UTC), 24h, 7d, 2026-01-19 or "
                 "2026-01-19T08:00",
                 flag, escaped(text).text);
    else if (ms > now_ms)
        complain(complaints, "--%s=%s is in the future", flag, escaped(text).text);
}
