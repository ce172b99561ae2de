/* SPDX-License-Identifier: MIT */
#include "ctl/frame/stay.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/memory.h"
#include "common/base/monotonic.h"
#include "ctl/frame/interrupt.h"

/* So long a nap at once, and how much more time a start is given where Redis is away. */
enum { NAP_MS = 250, START_MORE_SEC = 30 };

/* A signal ends it within a second, also where it waits for an answer. */
enum { ANSWER_MS_MAX = 700 };

void stay_begin(struct stay *stay, const struct ctl_command *command,
                const struct redis_settings *redis, const char *name)
{
    *stay = (struct stay){.command = command, .name = name, .redis = *redis};
    if (stay->redis.reply_timeout_ms > ANSWER_MS_MAX)
        stay->redis.reply_timeout_ms = ANSWER_MS_MAX;
    if (stay->redis.connect_timeout_ms > ANSWER_MS_MAX)
        stay->redis.connect_timeout_ms = ANSWER_MS_MAX;
    stay->backoff_ms = stay->redis.backoff_min_ms;
    interrupt_watch();
    notify_init(&stay->notify);
}

void stay_end(struct stay *stay)
{
    client_free(stay->client);
    stay_forget_trouble(stay);
    notify_stopping(&stay->notify);
    notify_deinit(&stay->notify);
}

bool stay_goes_on(void)
{
    return !interrupt_is_asked() && !ferror(stdout);
}

/* --- what it tells */

void stay_say(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vprintf(format, arguments);
    va_end(arguments);
    (void)putchar('\n');
    (void)fflush(stdout);
}

bool stay_note_trouble(struct stay *stay, const char *trouble)
{
    bool is_news = !stay->trouble || strcmp(stay->trouble, trouble) != 0;

    if (is_news) {
        free(stay->trouble);
        stay->trouble = memory_text(trouble);
    }
    return is_news;
}

void stay_forget_trouble(struct stay *stay)
{
    free(stay->trouble);
    stay->trouble = NULL;
}

static void tell_lost(struct stay *stay, const char *error)
{
    if (!stay->is_lost)
        (void)command_fail(stay->command, "%s; tried again until it answers", error);
    stay->is_lost = true;
    notify_status(&stay->notify, "%s", error);
}

/* --- the way on */

void stay_nap(const struct stay *stay, int64_t nap_ms)
{
    uint64_t end_ms = monotonic_ms() + (uint64_t)nap_ms;

    for (uint64_t now_ms = monotonic_ms(); now_ms < end_ms && !interrupt_is_asked();
         now_ms = monotonic_ms()) {
        uint64_t left_ms = end_ms - now_ms < NAP_MS ? end_ms - now_ms : NAP_MS;
        const struct timespec time = {.tv_nsec = (long)left_ms * 1000000};
        notify_watchdog(&stay->notify);
        (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
    }
}

static void rest(struct stay *stay)
{
    int64_t next_ms = 2 * stay->backoff_ms, most_ms = stay->redis.backoff_max_ms;

    if (!stay->is_ready)
        notify_extend_start(&stay->notify, START_MORE_SEC * UINT64_C(1000000));
    stay_nap(stay, stay->backoff_ms);
    stay->backoff_ms = next_ms < most_ms ? next_ms : most_ms;
}

int stay_connect(struct stay *stay)
{
    stay->client = client_new(&stay->redis, stay->name);
    return client_open(stay->client);
}

void stay_welcome(struct stay *stay)
{
    if (stay->is_lost)
        stay_say("Redis answers again");
    stay->is_lost = false;
    stay->backoff_ms = stay->redis.backoff_min_ms;
}

void stay_part(struct stay *stay)
{
    if (!interrupt_is_asked())
        tell_lost(stay, client_error(stay->client));
    client_free(stay->client);
    stay->client = NULL;
    rest(stay);
}

void stay_ready(struct stay *stay)
{
    if (!stay->is_ready)
        notify_ready(&stay->notify);
    stay->is_ready = true;
}
