/* SPDX-License-Identifier: MIT */
#include "common/service/words.h"

#include <stdio.h>
#include <string.h>

#include "common/base/monotonic.h"

/* An outage may change its reason with every try; from then on one a minute will do. */
enum { MINUTE_MS = 60000, NAME_SHOWN_MAX = 200, LOST_LINES_MAX = 5 };

void words_redis_lost(struct words *words, const char *reason, uint64_t retry_ms)
{
    uint64_t now_ms = monotonic_ms();
    char said[sizeof words->lost_reason];
    struct log_line line;

    words->failures++;
    (void)snprintf(said, sizeof said, "%s", reason);
    bool is_news = strcmp(words->lost_reason, said) != 0 && words->lost_told < LOST_LINES_MAX;
    if (words->lost && !is_news && now_ms - words->lost_told_at_ms < MINUTE_MS)
        return;
    memcpy(words->lost_reason, said, sizeof said);
    if (!words->lost)
        words->lost_at_ms = now_ms;
    words->lost = true;
    words->lost_told++;
    words->lost_told_at_ms = now_ms;
    log_open(&line, LEVEL_ERROR, "🔌", "REDIS_LOST");
    log_text(&line, " ");
    log_foreign(&line, reason, strlen(reason), 200);
    log_pair(&line, "retry_ms", "%llu", (unsigned long long)retry_ms);
    if (words->failures > 1)
        log_pair(&line, "failures", "%llu", (unsigned long long)words->failures);
    log_send(&line);
}

void words_redis_back(struct words *words)
{
    struct log_line line;

    if (!words->lost)
        return;
    log_open(&line, LEVEL_INFO, "🔌", "REDIS_BACK");
    log_pair(&line, "after_ms", "%llu", (unsigned long long)(monotonic_ms() - words->lost_at_ms));
    log_send(&line);
    words->lost = false;
    words->failures = words->lost_told = 0;
}

void words_refused(struct words *words, const char *event, const char *complaint,
                   const char *consequence)
{
    char said[sizeof words->refusal];
    struct log_line line;

    (void)snprintf(said, sizeof said, "%s", complaint);
    if (strcmp(words->refusal, said) == 0)
        return;
    memcpy(words->refusal, said, sizeof said);
    log_open(&line, LEVEL_ERROR, "🔴", event);
    log_pair_foreign(&line, "reason", complaint, strlen(complaint), 200);
    log_text(&line, " → %s", consequence);
    log_send(&line);
}

bool words_accepted(struct words *words)
{
    bool was_refused = words->refusal[0] != '\0';

    words->refusal[0] = '\0';
    return was_refused;
}

void words_claim_refused(struct words *words, const char *complaint)
{
    uint64_t suppressed;
    struct log_line line;

    if (!log_limit_pass(&words->claim, monotonic_ms(), 1, MINUTE_MS, &suppressed))
        return;
    log_open(&line, LEVEL_WARN, "🟠", "CLAIM_REFUSED");
    log_pair_foreign(&line, "reason", complaint, strlen(complaint), 200);
    log_text(&line, " → entries of dead consumers stay pending");
    if (suppressed > 0)
        log_pair(&line, "suppressed", "%llu", (unsigned long long)suppressed);
    log_send(&line);
}

void words_group_recreated(const char *stream, const char *group)
{
    struct log_line line;

    log_open(&line, LEVEL_WARN, "🟠", "GROUP_RECREATED");
    log_pair_foreign(&line, "stream", stream, strlen(stream), NAME_SHOWN_MAX);
    log_pair_foreign(&line, "group", group, strlen(group), NAME_SHOWN_MAX);
    log_send(&line);
}

void words_trimmed(size_t count, const char *stream)
{
    struct log_line line;

    log_open(&line, LEVEL_WARN, "✂️", "ENTRIES_LOST");
    log_pair_int(&line, "count", (int64_t)count);
    log_text(&line, " pending entries were trimmed or deleted from the %s stream", stream);
    log_send(&line);
}

void words_metrics_listening(const char *address)
{
    struct log_line line;

    log_open(&line, LEVEL_INFO, "📈", "METRICS_LISTENING");
    log_pair(&line, "address", "%s", address);
    log_send(&line);
}

void words_metrics_failed(const char *address, const char *reason, unsigned retry_sec)
{
    struct log_line line;

    log_open(&line, LEVEL_WARN, "🟠", "METRICS_UNAVAILABLE");
    log_pair(&line, "address", "%s", address);
    log_pair(&line, "reason", "%s", reason);
    log_text(&line, " → tried again every %u s; trading goes on", retry_sec);
    log_send(&line);
}

void words_config_warnings(struct complaints *warnings)
{
    for (size_t i = 0; i < warnings->count; i++)
        log_event(LEVEL_WARN, "🟠", "CONFIG_WARNING", "%s", warnings->lines[i]);
    complaints_free(warnings);
}
