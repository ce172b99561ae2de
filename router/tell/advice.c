/* SPDX-License-Identifier: MIT */
#include "router/tell/advice.h"

#include <string.h>

#include "common/base/monotonic.h"
#include "common/base/number.h"
#include "common/log/log.h"
#include "common/redis/reply.h"

enum { PAUSE_MS = 60000 };

/* `replicas` are those that are connected; NULL: they do not matter. */
static void tell_unsuitable(const char *setting, const char *value, const char *replicas,
                            const char *advice)
{
    struct log_line line;

    log_open(&line, LEVEL_WARN, "🟠", "REDIS_UNSUITABLE");
    log_pair(&line, setting, "%s", value);
    if (replicas)
        log_pair_foreign(&line, "replicas", replicas, strlen(replicas), 16);
    log_text(&line, " → %s", advice);
    log_send(&line);
}

/* A quarter of all memory is much for what nobody trades by. */
static void look_at_records(struct advice *advice, const char *limit)
{
    int64_t bytes = 0, records = *advice->record_max_mib << 20;
    bool known = number_read_integer(limit, strlen(limit), &bytes) && bytes > 0;
    bool is_crowded = known && records > bytes / 4;

    if (is_crowded && !advice->is_crowded)
        tell_unsuitable("maxmemory", limit, NULL,
                        "record.max_mib is above a quarter of it; lower it, or give Redis more");
    advice->is_crowded = is_crowded;
}

static void on_memory(void *data, const redisReply *reply)
{
    struct advice *advice = data;
    char limit[24], policy[sizeof advice->eviction];
    struct reply_text info;

    if (!reply_read_text(reply, &info) || !info_find(&info, "maxmemory", limit, sizeof limit) ||
        !info_find(&info, "maxmemory_policy", policy, sizeof policy))
        return;
    look_at_records(advice, limit);
    if (strcmp(limit, "0") == 0 || strcmp(policy, "noeviction") == 0)
        policy[0] = '\0';
    if (policy[0] && strcmp(policy, advice->eviction) != 0)
        tell_unsuitable("maxmemory-policy", policy, NULL,
                        "marks and state may vanish when memory runs short; set noeviction");
    memcpy(advice->eviction, policy, sizeof policy);
}

static void on_persistence(void *data, const redisReply *reply)
{
    struct advice *advice = data;
    char enabled[8];
    struct reply_text info;

    if (!reply_read_text(reply, &info) || !info_find(&info, "aof_enabled", enabled, sizeof enabled))
        return;
    bool no_file = strcmp(enabled, "0") == 0;
    if (no_file && !advice->no_file)
        tell_unsuitable("appendonly", "no", NULL,
                        "after a crash Redis comes back with an older state; set appendonly yes");
    advice->no_file = no_file;
}

/* The replicas that answer are counted only where writes depend on it. */
static void on_replication(void *data, const redisReply *reply)
{
    struct advice *advice = data;
    char connected[24], good[24];
    struct reply_text info;

    if (!reply_read_text(reply, &info) ||
        !info_find(&info, "connected_slaves", connected, sizeof connected))
        return;
    bool no_minimum = strcmp(connected, "0") != 0 &&
                      !info_find(&info, "min_slaves_good_slaves", good, sizeof good);
    if (no_minimum && !advice->no_minimum)
        tell_unsuitable("min-replicas-to-write", "0", connected,
                        "cut off from them, this master goes on, and what it takes is wiped later; "
                        "see quantum-ha.conf");
    advice->no_minimum = no_minimum;
}

static void ask(struct advice *advice, struct link *link, const char *section,
                link_reply_fn *on_reply)
{
    struct command command = {0};

    command_add_all(&command, "INFO", section, NULL);
    (void)!link_send(link, &command, link_reply_timeout_ms(link), on_reply, advice);
    command_free(&command);
}

void advice_ask(struct advice *advice, struct link *link)
{
    uint64_t now_ms = monotonic_ms();

    if (advice->asked_at_ms > 0 && now_ms - advice->asked_at_ms < PAUSE_MS)
        return;
    advice->asked_at_ms = now_ms;
    ask(advice, link, "memory", on_memory);
    ask(advice, link, "persistence", on_persistence);
    ask(advice, link, "replication", on_replication);
}
