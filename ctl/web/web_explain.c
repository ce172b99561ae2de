/* SPDX-License-Identifier: MIT */
#include "ctl/web/web_explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/monotonic.h"
#include "ctl/frame/document.h"
#include "ctl/why/explanation.h"

enum {
    KEPT_MS = 2000,
    OF_SYMBOL_MAX = 10,
    ANSWER_BYTES_MAX = 256 * 1024, /* several with a hundred above each */
    OK = 200,
    BAD_REQUEST = 400,
    NOT_FOUND = 404,
    TOO_LARGE = 507,
    UNAVAILABLE = 503,
};

/* What goes wrong is answered, and not told. */
static void keep_silent(const char *line)
{
    (void)line;
}

static const struct ctl_command explain_command = {.name = "web", .complain = keep_silent};

/* --- on the working thread */

static char *complaint(const char *text)
{
    json_t *document = json_pack("{s:i, s:s}", "v", 1, "error", text);
    char *bytes = json_dumps(document, JSON_COMPACT);

    json_decref(document);
    return bytes;
}

static void fail(struct web_explain *explain, unsigned status, const char *text)
{
    explain->status = status;
    explain->text = complaint(text);
}

static void give(struct web_explain *explain, const struct explanations *found)
{
    json_t *document = explanations_json(found);
    char *text = json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(15));

    json_decref(document);
    if (text && strlen(text) <= ANSWER_BYTES_MAX) {
        explain->status = OK;
        explain->text = text;
        return;
    }
    free(text);
    fail(explain, TOO_LARGE, "there is too much of it for the page: quantumctl explain has it");
}

static void find(struct web_explain *explain, struct client *client)
{
    const struct web_question *asked = &explain->question;
    const struct explanation_keys keys = explanation_keys_of(explain->router, explain->executor);
    const struct explanation_question question = {
        .word = asked->word,
        .signal = asked->kind == WEB_ASKS_SIGNAL,
        .intent = asked->kind == WEB_ASKS_INTENT,
        .decision = asked->kind == WEB_ASKS_DECISION,
        .most = OF_SYMBOL_MAX,
        .settings = explain->router,
    };
    const struct ask ask = {&explain_command, client};
    const struct record_place place = {.command = &explain_command, .ask = &ask};
    struct explanations found;

    int result = explanations_find(&place, &keys, &question, &found);
    if (result == 0)
        give(explain, &found);
    else if (result > 0)
        fail(explain, NOT_FOUND, found.not_found);
    else
        fail(explain, UNAVAILABLE,
             *client_error(client) ? escaped(client_error(client)).text
                                   : "Redis refused what an explanation needs");
    explanations_release(&found);
}

static void on_work(uv_work_t *work)
{
    struct web_explain *explain = work->data;
    struct client *client = client_new(explain->redis, CTL_NAME ":web");

    if (client_open(client) == 0)
        find(explain, client);
    else
        fail(explain, UNAVAILABLE, escaped(client_error(client)).text);
    client_free(client);
}

/* --- on the loop */

static void on_done(uv_work_t *work, int status)
{
    struct web_explain *explain = work->data;

    (void)status;
    explain->is_working = false;
    explain->has_answer = true;
    explain->answered_at_ms = monotonic_ms();
    explain->answered(explain->owner);
}

static bool read_question(const struct http *http, struct web_question *ret_question)
{
    static const char *const names[] = {
        [WEB_ASKS_SIGNAL] = "signal",
        [WEB_ASKS_INTENT] = "intent",
        [WEB_ASKS_DECISION] = "decision",
        [WEB_ASKS_OF] = "of",
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *word = http_argument(http, names[i]);
        if (!word || !*word || strlen(word) > WEB_QUESTION_MAX)
            continue;
        *ret_question = (struct web_question){.kind = (enum web_question_kind)i};
        (void)snprintf(ret_question->word, sizeof ret_question->word, "%s", word);
        return true;
    }
    return false;
}

static bool is_answered(const struct web_explain *explain, const struct web_question *question)
{
    return explain->has_answer && explain->question.kind == question->kind &&
           strcmp(explain->question.word, question->word) == 0 &&
           monotonic_ms() - explain->answered_at_ms < KEPT_MS;
}

static void begin(struct web_explain *explain, uv_loop_t *loop, const struct web_question *question)
{
    free(explain->text);
    explain->text = NULL;
    explain->has_answer = false;
    explain->is_working = true;
    explain->question = *question;
    explain->work.data = explain;
    (void)uv_queue_work(loop, &explain->work, on_work, on_done);
}

unsigned web_explain_answer(struct web_explain *explain, uv_loop_t *loop, const struct http *http,
                            struct page *page)
{
    struct web_question question;

    if (!read_question(http, &question)) {
        char *text = complaint("which one: ?signal=ID, ?intent=ID, ?decision=ID or ?of=SYMBOL");
        page_add_bytes(page, text, strlen(text));
        free(text);
        return BAD_REQUEST;
    }
    if (!explain->is_working && is_answered(explain, &question)) {
        page_add_bytes(page, explain->text, strlen(explain->text));
        return explain->status;
    }
    if (!explain->is_working)
        begin(explain, loop, &question);
    return HTTP_LATER;
}

void web_explain_release(struct web_explain *explain)
{
    free(explain->text);
}
