/* SPDX-License-Identifier: MIT */
/*
 * watch REDIS STREAM GROUP ENTRIES HELD SECONDS PID...
 *
 * Looks at a consumer group every few milliseconds, from the last look at which nothing was read to
 * the first at which all ENTRIES are read and at most HELD of them are pending. Prints as one JSON
 * object how long that took, how many were acknowledged by then, and what each process spent of a
 * processor meanwhile. Fails when it takes longer than SECONDS.
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/plain.h"

enum { PAUSE_NS = 5000000, PIDS_MAX = 4, SECOND_NS = 1000000000 };

struct look {
    uint64_t at_ns;
    uint64_t read, pending;
    uint64_t cpu_ns[PIDS_MAX];
};

struct watch {
    redisContext *redis;
    const char *stream, *group;
    char **pids;
    int pid_count;
};

/* A thread's time on a processor is the first word of its schedstat; 0 when it is gone. */
static uint64_t thread_ns(const char *pid, const char *thread)
{
    char path[320];
    uint64_t spent = 0;

    (void)snprintf(path, sizeof path, "/proc/%s/task/%s/schedstat", pid, thread);
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    char line[128] = "";
    if (fgets(line, sizeof line, file)) {
        line[strcspn(line, " ")] = '\0';
        spent = plain_number(line);
    }
    (void)fclose(file);
    return spent;
}

static uint64_t process_ns(const char *pid)
{
    char path[64];
    uint64_t spent = 0;

    (void)snprintf(path, sizeof path, "/proc/%s/task", pid);
    DIR *folder = opendir(path);
    if (!folder)
        plain_fail("process %s is gone", pid);
    for (const struct dirent *entry; (entry = readdir(folder));)
        if (entry->d_name[0] != '.')
            spent += thread_ns(pid, entry->d_name);
    (void)closedir(folder);
    return spent;
}

static uint64_t member(const redisReply *group, const char *name)
{
    for (size_t i = 0; i + 1 < group->elements; i += 2)
        if (strcmp(group->element[i]->str, name) == 0)
            return group->element[i + 1]->type == REDIS_REPLY_INTEGER
                       ? (uint64_t)group->element[i + 1]->integer
                       : 0;
    plain_fail("XINFO GROUPS does not tell %s", name);
}

static struct look look(const struct watch *watch)
{
    struct look look = {.at_ns = plain_now_ns()};

    (void)redisAppendCommand(watch->redis, "XINFO GROUPS %s", watch->stream);
    redisReply *groups = plain_reply(watch->redis);
    for (size_t i = 0; i < groups->elements; i++) {
        const redisReply *group = groups->element[i];
        if (group->elements > 1 && strcmp(group->element[1]->str, watch->group) == 0) {
            look.read = member(group, "entries-read");
            look.pending = member(group, "pending");
        }
    }
    freeReplyObject(groups);
    for (int i = 0; i < watch->pid_count; i++)
        look.cpu_ns[i] = process_ns(watch->pids[i]);
    return look;
}

static void print(const struct watch *watch, const struct look *first, const struct look *last)
{
    (void)printf("{\"seconds\": %.6f, \"settled\": %" PRIu64 ", \"pending\": %" PRIu64
                 ", \"cpu\": [",
                 (double)(last->at_ns - first->at_ns) / SECOND_NS, last->read - last->pending,
                 last->pending);
    for (int i = 0; i < watch->pid_count; i++)
        (void)printf("%s%.6f", i > 0 ? ", " : "",
                     (double)(last->cpu_ns[i] - first->cpu_ns[i]) / SECOND_NS);
    (void)puts("]}");
}

int main(int argc, char **argv)
{
    if (argc < 8 || argc > 7 + PIDS_MAX)
        plain_fail("usage: watch REDIS STREAM GROUP ENTRIES HELD SECONDS PID...");
    const struct watch watch = {plain_connect(argv[1]), argv[2], argv[3], argv + 7, argc - 7};
    uint64_t entries = plain_number(argv[4]), held = plain_number(argv[5]);
    uint64_t end_ns = plain_now_ns() + plain_number(argv[6]) * SECOND_NS;
    struct look first = look(&watch), last = first;

    (void)puts("watching");
    (void)fflush(stdout);
    while (last.read < entries || last.pending > held) {
        if (last.read == 0)
            first = last;
        if (last.at_ns > end_ns)
            plain_fail("after %s s %" PRIu64 " of %" PRIu64 " are read and %" PRIu64 " pending",
                       argv[6], last.read, entries, last.pending);
        plain_sleep_until(last.at_ns + PAUSE_NS);
        last = look(&watch);
    }
    print(&watch, &first, &last);
    redisFree(watch.redis);
    return 0;
}
