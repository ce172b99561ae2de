/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/stage.h"

#include <poll.h>
#include <string.h>
#include <uv.h>

#include "common/base/memory.h"
#include "common/base/token.h"
#include "common/redis/link.h"
#include "tests/fuzz/target.h"

enum { TIMERS_MAX = 16, CLOSING_MAX = 32 };

struct question {
    struct question *next;
    char *wire;
    link_reply_fn *on_reply;
    void *data;
};

struct link {
    const struct link_events *events;
    void *owner;
    bool is_open;
    bool is_up;
    struct question *first;
    struct question **last;
    void (*closed)(void *data);
    void *closed_data;
};

struct timer {
    uv_timer_t *handle;
    uv_timer_cb fire;
    uint64_t due_ms;
    uint64_t repeat_ms;
};

static struct {
    struct link *links[STAGE_LINKS];
    size_t link_count;
    struct timer timers[TIMERS_MAX];
    size_t timer_count;
    struct {
        uv_handle_t *handle;
        uv_close_cb done;
    } closing[CLOSING_MAX];
    size_t closing_count;
    struct link *closing_links[STAGE_LINKS];
    uint64_t now_ms;
    unsigned tokens;
} stage = {.now_ms = 1000};

uint64_t stage_now_ms(void)
{
    return stage.now_ms;
}

/* --- links */

static void lose_questions(struct link *link)
{
    while (link->first) {
        struct question *question = link->first;
        link->first = question->next;
        if (!link->first)
            link->last = &link->first;
        question->on_reply(question->data, NULL);
        free(question->wire);
        free(question);
    }
}

struct link *link_new(uv_loop_t *loop, const struct link_config *config,
                      const struct link_events *events, void *owner)
{
    struct link *link = memory_new(sizeof *link);

    MUST(loop && config->address && stage.link_count < STAGE_LINKS);
    link->events = events;
    link->owner = owner;
    link->last = &link->first;
    stage.links[stage.link_count++] = link;
    return link;
}

void link_open(struct link *link)
{
    link->is_open = true;
}

bool link_is_up(const struct link *link)
{
    return link->is_up;
}

const char *link_run_id(const struct link *link)
{
    MUST(link->is_up);
    return "0123456789012345678901234567890123456789";
}

int link_send(struct link *link, struct command *command, uint64_t deadline_ms,
              link_reply_fn *on_reply, void *data)
{
    struct question *question;
    size_t length;

    MUST(deadline_ms > 0 && on_reply);
    if (!link->is_up)
        return 1;
    const char *wire = command_wire(command, &length);
    question = memory_new(sizeof *question);
    *question = (struct question){NULL, memory_bytes(wire, length), on_reply, data};
    *link->last = question;
    link->last = &question->next;
    return 0;
}

uint64_t link_reply_timeout_ms(const struct link *link)
{
    (void)link;
    return 2000;
}

void link_flush(struct link *link)
{
    (void)link;
}

int64_t link_certificate_end_ms(const struct link *link, bool *ret_is_ours)
{
    (void)link;
    (void)ret_is_ours;
    return 0;
}

void link_reset_backoff(struct link *link)
{
    (void)link;
}

void link_drop(struct link *link, const char *reason)
{
    char *copy;

    if (!link->is_up || !link->is_open)
        return;
    copy = memory_text(reason);
    link->is_up = false;
    lose_questions(link);
    link->events->down(link->owner, copy, 50);
    free(copy);
}

void link_close(struct link *link, void (*closed)(void *data), void *data)
{
    link->is_open = link->is_up = false;
    lose_questions(link);
    link->closed = closed;
    link->closed_data = data;
    for (size_t i = 0; i < STAGE_LINKS; i++)
        if (stage.links[i] == link)
            stage.closing_links[i] = link;
}

void stage_connect(void)
{
    for (size_t i = 0; i < stage.link_count; i++) {
        struct link *link = stage.links[i];
        if (link->is_open && !link->is_up) {
            link->is_up = true;
            link->events->up(link->owner);
        }
    }
}

const char *stage_asked(unsigned index)
{
    const struct link *link = stage.links[index];

    return link && link->first ? link->first->wire : NULL;
}

void stage_answer(unsigned index, const redisReply *reply)
{
    struct link *link = stage.links[index];
    struct question *question = link->first;

    link->first = question->next;
    if (!link->first)
        link->last = &link->first;
    question->on_reply(question->data, reply);
    free(question->wire);
    free(question);
}

void stage_lose(unsigned index)
{
    link_drop(stage.links[index], "the stage says so");
}

/* --- timers */

static struct timer *find(const uv_timer_t *handle)
{
    for (size_t i = 0; i < stage.timer_count; i++)
        if (stage.timers[i].handle == handle)
            return &stage.timers[i];
    return NULL;
}

int uv_timer_init(uv_loop_t *loop, uv_timer_t *handle)
{
    handle->loop = loop;
    handle->type = UV_TIMER;
    MUST(!find(handle));
    return 0;
}

int uv_timer_stop(uv_timer_t *handle)
{
    struct timer *timer = find(handle);

    if (timer)
        *timer = stage.timers[--stage.timer_count];
    return 0;
}

int uv_timer_start(uv_timer_t *handle, uv_timer_cb fire, uint64_t delay_ms, uint64_t repeat_ms)
{
    MUST(handle->type == UV_TIMER && fire);
    (void)uv_timer_stop(handle);
    MUST(stage.timer_count < TIMERS_MAX);
    stage.timers[stage.timer_count++] =
        (struct timer){handle, fire, stage.now_ms + delay_ms, repeat_ms};
    return 0;
}

int uv_is_active(const uv_handle_t *handle)
{
    return find((const uv_timer_t *)handle) != NULL;
}

void uv_update_time(uv_loop_t *loop)
{
    MUST(loop);
}

uint64_t uv_hrtime(void)
{
    return stage.now_ms * 1000000;
}

static struct timer *next_timer(void)
{
    struct timer *next = NULL;

    for (size_t i = 0; i < stage.timer_count; i++)
        if (!next || stage.timers[i].due_ms < next->due_ms)
            next = &stage.timers[i];
    return next;
}

bool stage_fire(uint64_t late_ms)
{
    struct timer *next = next_timer();

    if (!next)
        return false;
    struct timer timer = *next;
    if (timer.due_ms > stage.now_ms)
        stage.now_ms = timer.due_ms;
    stage.now_ms += late_ms;
    (void)uv_timer_stop(timer.handle);
    if (timer.repeat_ms > 0)
        (void)uv_timer_start(timer.handle, timer.fire, timer.repeat_ms, timer.repeat_ms);
    timer.fire(timer.handle);
    return true;
}

/* --- the end */

void uv_close(uv_handle_t *handle, uv_close_cb done)
{
    MUST(stage.closing_count < CLOSING_MAX);
    if (handle->type == UV_TIMER)
        (void)uv_timer_stop((uv_timer_t *)handle);
    stage.closing[stage.closing_count].handle = handle;
    stage.closing[stage.closing_count++].done = done;
}

static void finish_links(void)
{
    for (size_t i = 0; i < STAGE_LINKS; i++) {
        struct link *link = stage.closing_links[i];
        if (!link)
            continue;
        stage.closing_links[i] = stage.links[i] = NULL;
        link->closed(link->closed_data);
        free(link);
    }
}

void stage_close(void)
{
    for (size_t i = 0; i < stage.closing_count; i++)
        if (stage.closing[i].done)
            stage.closing[i].done(stage.closing[i].handle);
    stage.closing_count = 0;
    finish_links();
}

void stage_clear(void)
{
    for (size_t i = 0; i < STAGE_LINKS; i++)
        MUST(!stage.links[i]);
    MUST(stage.timer_count == 0 && stage.closing_count == 0);
    memset(&stage, 0, sizeof stage);
    stage.now_ms = 1000;
}

void token_draw(char ret_token[static TOKEN_MAX])
{
    (void)snprintf(ret_token, TOKEN_MAX, "token%u", ++stage.tokens);
}

/* What the log asks before it writes: it makes its lines, and they go nowhere. */
int no_poll(struct pollfd *files, nfds_t count, int timeout_ms) __asm__("__wrap_poll");

int no_poll(struct pollfd *files, nfds_t count, int timeout_ms)
{
    (void)files;
    (void)count;
    (void)timeout_ms;
    return 0;
}
