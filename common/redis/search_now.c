/* SPDX-License-Identifier: MIT */
#include "common/redis/search_now.h"

#include <errno.h>
#include <stdio.h>

struct waiting {
    uv_timer_t deadline;
    struct search *search;
    struct place *ret_place;
    char *ret_error;
    int result;
};

static void on_found(void *data, const struct place *place, const char *error)
{
    struct waiting *waiting = data;

    waiting->search = NULL;
    waiting->result = place ? 0 : -ENOENT;
    if (place)
        *waiting->ret_place = *place;
    else
        (void)snprintf(waiting->ret_error, SEARCH_ERROR_MAX, "%s", error);
    uv_close((uv_handle_t *)&waiting->deadline, NULL);
}

static void on_deadline(uv_timer_t *timer)
{
    struct waiting *waiting = timer->data;

    search_complaint(waiting->search, waiting->ret_error);
    search_abandon(waiting->search);
    uv_close((uv_handle_t *)timer, NULL);
}

int search_now(const struct redis_address *address, uint64_t deadline_ms,
               const struct tls_files *tls_files, struct place *ret_place,
               char ret_error[static SEARCH_ERROR_MAX])
{
    struct waiting waiting = {.ret_place = ret_place, .ret_error = ret_error, .result = -ETIMEDOUT};
    struct places learned = {0};
    uv_loop_t loop;

    if (uv_loop_init(&loop) != 0)
        return -ENOMEM;
    (void)uv_timer_init(&loop, &waiting.deadline);
    waiting.deadline.data = &waiting;
    (void)uv_timer_start(&waiting.deadline, on_deadline, deadline_ms, 0);
    waiting.search = search_start(&loop, address, tls_files, &learned, 0,
                                  search_patience_ms(deadline_ms), on_found, &waiting);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&loop);
    return waiting.result;
}
