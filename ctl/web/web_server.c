/* SPDX-License-Identifier: MIT */
#include "ctl/web/web_server.h"

#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/monotonic.h"
#include "common/options/program.h"
#include "ctl/frame/document.h"
#include "ctl/frame/stay.h"

enum {
    LOOK_EVERY_MS = 950, /* who asks each second gets a new one each time */
    PATIENCE_MS = 1200,  /* two services that are silent take a second */
    REQUEST_SEC_MAX = 10,
    RETRY_MS = 5000,
    OK = 200,
};

/* No request leaves the machine, and nothing but these files runs. */
#define POLICY                                                                                     \
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "                \
    "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

extern const char web_page_html[], web_page_css[], web_page_js[], web_icon_svg[];

/* --- looking */

static void on_work(uv_work_t *work)
{
    struct web_server *server = work->data;

    server->found = web_look_take(&server->look, &server->why);
}

/* Told when it changes, and kept for those who look. Takes the text over. */
static void note_trouble(struct web_server *server, char *trouble)
{
    bool is_news = trouble && (!server->trouble || strcmp(server->trouble, trouble) != 0);

    if (is_news)
        stay_say("%s; what was seen last is shown with its age", trouble);
    else if (!trouble && server->trouble)
        stay_say("Redis answers again");
    free(server->trouble);
    server->trouble = trouble;
}

static void on_looked(uv_work_t *work, int status)
{
    struct web_server *server = work->data;

    (void)status;
    server->is_looking = false;
    server->ended_ms = monotonic_ms();
    if (server->found) {
        free(server->seen.text);
        server->seen = (struct web_seen){server->found, server->began_ms};
    }
    server->found = NULL;
    note_trouble(server, server->why);
    server->why = NULL;
    if (server->is_stopping)
        return;
    notify_status(&server->notify, "%s", server->trouble ? server->trouble : "Redis answers");
    http_wake(server->http);
}

static void on_impatient(uv_timer_t *timer)
{
    struct web_server *server = timer->data;

    http_wake(server->http);
}

static void begin_look(struct web_server *server)
{
    server->is_looking = true;
    server->began_ms = monotonic_ms();
    server->work.data = server;
    (void)uv_queue_work(&server->loop, &server->work, on_work, on_looked);
    uv_update_time(&server->loop);
    (void)uv_timer_start(&server->patience, on_impatient, PATIENCE_MS, 0);
}

/* --- answering */

/* What stands in front of what was seen: how old that is, and whether Redis answers. */
static void print_head(const struct web_server *server, uint64_t now_ms, struct page *page)
{
    bool hangs = server->is_looking && now_ms - server->began_ms >= PATIENCE_MS;
    json_t *why = server->trouble ? json_string(server->trouble) : json_null();

    if (hangs && !server->trouble) {
        json_decref(why);
        why = json_sprintf("Redis, or a service at its metrics port, has not answered for %.1f s",
                           (double)(now_ms - server->began_ms) / 1000.0);
    }
    char *text = json_dumps(why, JSON_ENCODE_ANY);
    page_add(page, "{\"v\":1,\"up\":%s,\"why\":%s", json_is_null(why) ? "true" : "false", text);
    free(text);
    json_decref(why);
    if (server->seen.text)
        page_add(page, ",\"age_ms\":%" PRIu64 ",", now_ms - server->seen.at_ms);
    else
        page_add(page, ",\"age_ms\":null}");
}

static unsigned answer_state(void *owner, struct page *page)
{
    struct web_server *server = owner;
    uint64_t now_ms = monotonic_ms();
    bool is_fresh = server->ended_ms > 0 && now_ms - server->ended_ms < LOOK_EVERY_MS;

    if (!server->is_looking && !is_fresh)
        begin_look(server);
    if (server->is_looking && now_ms - server->began_ms < PATIENCE_MS)
        return HTTP_LATER;
    print_head(server, now_ms, page);
    if (server->seen.text)
        page_add(page, "%s", server->seen.text + 1); /* without its brace */
    return OK;
}

static unsigned answer_page(void *owner, struct page *page)
{
    (void)owner;
    page_add_bytes(page, web_page_html, strlen(web_page_html));
    return OK;
}

static unsigned answer_style(void *owner, struct page *page)
{
    (void)owner;
    page_add_bytes(page, web_page_css, strlen(web_page_css));
    return OK;
}

static unsigned answer_script(void *owner, struct page *page)
{
    (void)owner;
    page_add_bytes(page, web_page_js, strlen(web_page_js));
    return OK;
}

static unsigned answer_icon(void *owner, struct page *page)
{
    (void)owner;
    page_add_bytes(page, web_icon_svg, strlen(web_icon_svg));
    return OK;
}

static unsigned answer_explain(void *owner, struct page *page)
{
    struct web_server *server = owner;

    return web_explain_answer(&server->explain, &server->loop, server->http, page);
}

static const struct http_route routes[] = {
    {"/", HTTP_HTML, answer_page},
    {"/page.css", "text/css; charset=utf-8", answer_style},
    {"/page.js", "text/javascript; charset=utf-8", answer_script},
    {"/icon.svg", "image/svg+xml", answer_icon},
    {"/state.json", HTTP_JSON, answer_state},
    {"/explain.json", HTTP_JSON, answer_explain},
};

/* --- the service */

static void on_listening(void *owner)
{
    const struct web_server *server = owner;

    stay_say("http://%s/", server->listen);
    notify_ready(&server->notify);
}

static void on_failed(void *owner, const char *reason)
{
    const struct web_server *server = owner;

    stay_say("%s cannot be listened on: %s; it is tried again every %d s", server->listen, reason,
             RETRY_MS / 1000);
    notify_ready(&server->notify);
}

static bool is_well(void *owner)
{
    (void)owner;
    return true; /* the loop turns, or this would not be asked */
}

enum { STOP_SIGNALS = 3 };
static const int stop_signals[STOP_SIGNALS] = {SIGTERM, SIGINT, SIGHUP};
static uv_signal_t stop[STOP_SIGNALS];

static void on_stop(uv_signal_t *handle, int number)
{
    struct web_server *server = handle->data;

    (void)number;
    server->is_stopping = true;
    notify_stopping(&server->notify);
    http_close(server->http);
    watchdog_close(&server->watchdog);
    uv_close((uv_handle_t *)&server->patience, NULL);
    for (size_t i = 0; i < STOP_SIGNALS; i++)
        uv_close((uv_handle_t *)&stop[i], NULL);
}

static void watch_signals(struct web_server *server)
{
    for (size_t i = 0; i < STOP_SIGNALS; i++) {
        (void)uv_signal_init(&server->loop, &stop[i]);
        stop[i].data = server;
        (void)uv_signal_start(&stop[i], on_stop, stop_signals[i]);
    }
}

static void open_page(struct web_server *server)
{
    const struct http_config config = {
        .routes = routes,
        .route_count = sizeof routes / sizeof *routes,
        .request_sec_max = REQUEST_SEC_MAX,
        .retry_ms = RETRY_MS,
        .hosts = server->hosts,
        .policy = POLICY,
        .listening = on_listening,
        .failed = on_failed,
        .owner = server,
    };
    struct listen_address address;

    (void)listen_address_read(server->listen, &address); /* it was checked */
    server->http = http_new(&server->loop, &config);
    http_open(server->http, &address);
}

/* One thread looks, one explains; neither needs a heap of its own. */
static void stay_small(void)
{
    (void)setenv("UV_THREADPOOL_SIZE", "2", 1);
    (void)mallopt(M_ARENA_MAX, 1);
}

/* The loop has run empty: a look that was under way has ended. */
static void end(struct web_server *server)
{
    (void)uv_loop_close(&server->loop);
    notify_deinit(&server->notify);
    web_look_deinit(&server->look);
    web_explain_release(&server->explain);
    free(server->seen.text);
    free(server->trouble);
}

static void on_explained(void *owner)
{
    struct web_server *server = owner;

    if (!server->is_stopping)
        http_wake(server->http);
}

static void prepare_explain(struct web_server *server)
{
    server->explain = (struct web_explain){
        .router = server->look.router,
        .executor = server->look.executor,
        .redis = &server->look.redis,
        .answered = on_explained,
        .owner = server,
    };
}

int web_server_run(struct web_server *server)
{
    stay_small();
    if (uv_loop_init(&server->loop) != 0)
        return EXIT_FAILED;
    web_look_init(&server->look);
    prepare_explain(server);
    notify_init(&server->notify);
    watchdog_start(&server->watchdog, &server->loop, &server->notify, is_well, server);
    (void)uv_timer_init(&server->loop, &server->patience);
    server->patience.data = server;
    watch_signals(server);
    open_page(server);
    (void)uv_run(&server->loop, UV_RUN_DEFAULT);
    end(server);
    return EXIT_DONE;
}
