/* SPDX-License-Identifier: MIT */
#include "ctl/frame/progress.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BAR_WIDTH = 30 };

void duration_print(double seconds, char ret_text[static DURATION_TEXT_MAX])
{
    long long whole = llround(fmin(seconds, 1e12));

    if (seconds < 9.95)
        (void)snprintf(ret_text, DURATION_TEXT_MAX, "%.1f s", seconds);
    else if (whole < 60)
        (void)snprintf(ret_text, DURATION_TEXT_MAX, "%lld s", whole);
    else if (whole < 3600)
        (void)snprintf(ret_text, DURATION_TEXT_MAX, "%lldm %02llds", whole / 60, whole % 60);
    else
        (void)snprintf(ret_text, DURATION_TEXT_MAX, "%lldh %02lldm %02llds", whole / 3600,
                       whole / 60 % 60, whole % 60);
}

void progress_draw(const struct progress *progress)
{
    double share = fmin(progress->share, 1);
    char left[DURATION_TEXT_MAX] = "?", bar[BAR_WIDTH + 1];

    if (share < 0) {
        (void)fprintf(stderr, "\r\033[K%" PRIu64 " processed, %.1f/s", progress->done,
                      progress->rate);
        (void)fflush(stderr);
        return;
    }
    memset(bar, '.', BAR_WIDTH);
    memset(bar, '#', (size_t)(share * BAR_WIDTH));
    bar[BAR_WIDTH] = '\0';
    if (progress->left_sec >= 0)
        duration_print(progress->left_sec, left);
    (void)fprintf(stderr, "\r\033[K[%s] %3.0f%% %.1f/s, %s left", bar, share * 100, progress->rate,
                  left);
    (void)fflush(stderr);
}

void progress_clear(void)
{
    (void)fputs("\r\033[K", stderr);
}
