/* SPDX-License-Identifier: MIT */
#include "common/service/monitor.h"

#include <assert.h>
#include <string.h>

#include "common/base/version.h"
#include "common/service/service_report.h"

enum { HTTP_REQUEST_SEC_MAX = 5, HTTP_RETRY_MS = 10000, HTTP_OK = 200 };

static unsigned answer_metrics(void *owner, struct page *page)
{
    const struct monitor *monitor = owner;

    monitor->print(monitor->owner, page);
    return HTTP_OK;
}

static unsigned answer_alive(void *owner, struct page *page)
{
    (void)owner;
    return health_answer_alive(page);
}

static unsigned answer_ready(void *owner, struct page *page)
{
    const struct monitor *monitor = owner;

    return health_answer_ready(monitor->health, page);
}

static unsigned answer_more(void *owner, struct page *page)
{
    const struct monitor *monitor = owner;

    monitor->more->print(monitor->more_owner, page);
    return HTTP_OK;
}

static unsigned answer_index(void *owner, struct page *page)
{
    const struct monitor *monitor = owner;

    page_add(page,
             "<!DOCTYPE html>\n<html lang=\"en\"><head><title>%s</title></head>\n"
             "<body><h1>%s %s</h1>\n<ul>\n"
             "<li><a href=\"/metrics\">/metrics</a> for Prometheus</li>\n"
             "<li><a href=\"/healthz\">/healthz</a> 200 while it runs</li>\n"
             "<li><a href=\"/readyz\">/readyz</a> %s</li>\n",
             monitor->name, monitor->name, quantum_version, monitor->ready);
    if (monitor->more)
        page_add(page, "<li><a href=\"%s\">%s</a> %s</li>\n", monitor->more->path,
                 monitor->more->path, monitor->more->what);
    page_add(page, "</ul></body></html>\n");
    return HTTP_OK;
}

static const struct http_route routes[] = {
    {"/metrics", "text/plain; version=0.0.4; charset=utf-8", answer_metrics},
    {"/healthz", HTTP_TEXT, answer_alive},
    {"/readyz", HTTP_TEXT, answer_ready},
    {"/", HTTP_HTML, answer_index},
};

static void on_listening(void *owner)
{
    const struct monitor *monitor = owner;

    service_report_metrics_listening(monitor->address);
}

static void on_failed(void *owner, const char *reason)
{
    const struct monitor *monitor = owner;

    service_report_metrics_failed(monitor->address, reason, HTTP_RETRY_MS / 1000);
}

enum { ROUTES = sizeof routes / sizeof *routes };
static_assert((int)ROUTES < (int)MONITOR_ROUTES_MAX, "there is room for one more");

/* How many there are. */
static size_t list_routes(struct monitor *monitor)
{
    const struct monitor_page *more = monitor->more;

    memcpy(monitor->routes, routes, sizeof routes);
    if (more)
        monitor->routes[ROUTES] = (struct http_route){more->path, more->type, answer_more};
    return more ? ROUTES + 1 : ROUTES;
}

void monitor_open(struct monitor *monitor, uv_loop_t *loop)
{
    const struct http_config config = {
        .routes = monitor->routes,
        .route_count = list_routes(monitor),
        .request_sec_max = HTTP_REQUEST_SEC_MAX,
        .retry_ms = HTTP_RETRY_MS,
        .listening = on_listening,
        .failed = on_failed,
        .owner = monitor,
    };
    struct listen_address address;

    if (!listen_address_read(monitor->address, &address))
        return; /* it is empty: the settings were checked */
    monitor->http = http_new(loop, &config);
    http_open(monitor->http, &address);
}

void monitor_close(struct monitor *monitor)
{
    http_close(monitor->http);
}
