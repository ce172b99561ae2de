/* SPDX-License-Identifier: MIT */
/*
 * /explain.json?signal=ID, ?intent=ID, ?decision=ID or ?of=SYMBOL: what `quantumctl explain --json`
 * says, for the page's panel.
 *
 * One question at a time is worked on, by the thread that looks; the others wait for their turn.
 * What was answered is kept for a moment, for those who asked the same. Embedded in the server.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "common/service/http.h"
#include "common/service/page.h"
#include "executor/settings/executor_settings.h"
#include "router/settings/settings.h"

enum { WEB_QUESTION_MAX = 200 };

enum web_question_kind { WEB_ASKS_SIGNAL, WEB_ASKS_INTENT, WEB_ASKS_DECISION, WEB_ASKS_OF };

struct web_question {
    enum web_question_kind kind;
    char word[WEB_QUESTION_MAX + 1];
};

struct web_explain {
    const struct router_settings *router;
    const struct executor_settings *executor;
    const struct redis_settings *redis;
    void (*answered)(void *owner); /* on the loop: who waits may ask again */
    void *owner;

    uv_work_t work;
    bool is_working, has_answer;
    struct web_question question; /* that is worked on, or was last */
    unsigned status;              /* of the answer */
    char *text;
    uint64_t answered_at_ms; /* monotonic */
};

/* The members above `work` are the caller's to set. Once the loop has run empty: */
void web_explain_release(struct web_explain *explain);

/* A route's answer, HTTP_LATER included. */
unsigned web_explain_answer(struct web_explain *explain, uv_loop_t *loop, const struct http *http,
                            struct page *page);
