/* SPDX-License-Identifier: MIT */
#include "common/service/http.h"

#include <assert.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/memory.h"
#include "common/base/monotonic.h"
#include "common/service/http_host.h"
#include "common/service/http_places.h"

/*
 * libmicrohttpd without a thread has an epoll descriptor of its own, which our loop polls. It is
 * edge-triggered inside, so MHD_run() may leave work behind without the descriptor becoming
 * readable again: after every run the timer is set to what MHD_get_timeout() says.
 */

/* A scraper and a few people. */
enum { CONNECTION_BYTES_MAX = 8192, BACKLOG = 16, MS_PER_SEC = 1000 };

struct http {
    uv_loop_t *loop;
    struct http_config config;
    struct listen_address address;
    struct MHD_Daemon *daemon; /* NULL: not listening */
    uv_poll_t poll;            /* initialized while there is a daemon */
    uv_timer_t timer;          /* with a daemon: its next run; without: the next try */
    struct http_places places;
    struct MHD_Connection *asking;                        /* is being answered */
    struct MHD_Connection *waiting[HTTP_CONNECTIONS_MAX]; /* suspended */
    size_t waiting_count;
    bool failing; /* told */
    unsigned open_handles;
};

bool http_is_built_in(void)
{
    return true;
}

static enum MHD_Result respond(const struct http *http, struct MHD_Connection *connection,
                               unsigned status, const char *type, struct page *page)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(page->length, page->bytes, MHD_RESPMEM_MUST_FREE);

    if (!response) {
        page_free(page);
        return MHD_NO;
    }
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    (void)MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    if (http->config.policy)
        (void)MHD_add_response_header(response, "Content-Security-Policy", http->config.policy);
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    enum MHD_Result queued = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

static const struct http_route *find_route(const struct http *http, const char *path)
{
    for (size_t i = 0; i < http->config.route_count; i++)
        if (strcmp(http->config.routes[i].path, path) == 0)
            return &http->config.routes[i];
    return NULL;
}

static enum MHD_Result refuse(const struct http *http, struct MHD_Connection *connection,
                              unsigned status, const char *why)
{
    struct page page = {0};

    page_add(&page, "%s\n", why);
    return respond(http, connection, status, HTTP_TEXT, &page);
}

static bool is_reading(const char *method)
{
    return strcmp(method, MHD_HTTP_METHOD_GET) == 0 || strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
}

struct hosts {
    const struct names *ours;
    size_t count;
    bool is_foreign;
};

static enum MHD_Result see_header(void *data, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    struct hosts *hosts = data;

    (void)kind;
    if (strcasecmp(name, MHD_HTTP_HEADER_HOST) == 0) {
        hosts->count++;
        hosts->is_foreign |= !http_host_is_ours(value ? value : "", hosts->ours);
    }
    return MHD_YES;
}

/* Whose page it asked for: 0 for ours, or the status to refuse with. HTTP/1.0 may leave it out; no
 * browser does. */
static unsigned wrong_host(const struct http *http, struct MHD_Connection *connection,
                           const char *version)
{
    struct hosts hosts = {.ours = http->config.hosts};

    (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, see_header, &hosts);
    if (hosts.count > 1 || (hosts.count == 0 && strcmp(version, MHD_HTTP_VERSION_1_0) != 0))
        return MHD_HTTP_BAD_REQUEST;
    return hosts.is_foreign && http_host_is_needed(&http->address) ? MHD_HTTP_MISDIRECTED_REQUEST
                                                                   : 0;
}

static enum MHD_Result wait(struct http *http, struct MHD_Connection *connection)
{
    assert(http->waiting_count < HTTP_CONNECTIONS_MAX);
    http->waiting[http->waiting_count++] = connection;
    MHD_suspend_connection(connection);
    return MHD_YES;
}

static void resume_all(struct http *http)
{
    size_t count = http->waiting_count;

    http->waiting_count = 0;
    for (size_t i = 0; i < count; i++)
        MHD_resume_connection(http->waiting[i]);
}

/* Called first with the head of the request, then with what comes behind it, which is ignored, and
 * last with nothing: only then may a response to a request with a body be queued. */
static enum MHD_Result on_request(void *data, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **state)
{
    struct http *http = data;
    struct page page = {0};

    (void)upload;
    unsigned wrong = *state ? 0 : wrong_host(http, connection, version);
    if (wrong)
        return refuse(http, connection, wrong,
                      wrong == MHD_HTTP_BAD_REQUEST ? "one Host header, please"
                                                    : "this page is for this machine alone");
    if (!is_reading(method))
        return refuse(http, connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD");
    if (!*state || *upload_size > 0) {
        *state = http;
        *upload_size = 0;
        return MHD_YES;
    }
    const struct http_route *route = find_route(http, path);
    if (!route)
        return refuse(http, connection, MHD_HTTP_NOT_FOUND, "not found; / lists what there is");
    http->asking = connection;
    unsigned status = route->answer(http->config.owner, &page);
    http->asking = NULL;
    return status == HTTP_LATER ? wait(http, connection)
                                : respond(http, connection, status, route->type, &page);
}

const char *http_argument(const struct http *http, const char *name)
{
    assert(http->asking);
    return MHD_lookup_connection_value(http->asking, MHD_GET_ARGUMENT_KIND, name);
}

static void on_timer(uv_timer_t *timer);

static void start_timer(struct http *http, uint64_t delay_ms)
{
    uv_update_time(http->loop);
    (void)uv_timer_start(&http->timer, on_timer, delay_ms, 0);
}

static bool is_full(const struct http *http)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);

    return info && info->num_connections >= HTTP_CONNECTIONS_MAX;
}

static void on_connection(void *data, struct MHD_Connection *connection, void **place,
                          enum MHD_ConnectionNotificationCode what)
{
    struct http *http = data;
    const union MHD_ConnectionInfo *info;

    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        http_place_leave(*place);
        return;
    }
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    *place = info ? http_places_take(&http->places, info->connect_fd, monotonic_ms()) : NULL;
}

static void on_completed(void *data, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode how)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    (void)data;
    (void)how;
    *state = NULL;
    if (info)
        http_place_renew(info->socket_context, monotonic_ms());
}

/* When all places were taken it stopped listening, and begins again in the run after the one that
 * freed a place. */
static void run(struct http *http)
{
    MHD_UNSIGNED_LONG_LONG idle_ms;
    uint64_t delay_ms = UINT64_MAX;
    bool was_full = is_full(http);

    (void)MHD_run(http->daemon);
    uint64_t now_ms = monotonic_ms();
    uint64_t slow_ms = http_places_send_off_slow(
        &http->places, now_ms, (uint64_t)http->config.request_sec_max * MS_PER_SEC);
    if (MHD_get_timeout(http->daemon, &idle_ms) == MHD_YES)
        delay_ms = idle_ms;
    if (slow_ms != UINT64_MAX && slow_ms - now_ms < delay_ms)
        delay_ms = slow_ms - now_ms;
    if (was_full && !is_full(http))
        delay_ms = 0;
    if (delay_ms == UINT64_MAX)
        (void)uv_timer_stop(&http->timer);
    else
        start_timer(http, delay_ms);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    (void)status; /* whatever it is, the run finds out */
    (void)events;
    run(poll->data);
}

/* A socket that listens, or the negative errno. */
static int open_socket(const struct listen_address *address)
{
    int on = 1;
    int file = socket(address->socket.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (file < 0)
        return -errno;
    (void)setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(file, &address->socket.any, address->length) == 0 && listen(file, BACKLOG) == 0)
        return file;
    int error = errno;
    (void)close(file);
    return -error;
}

static struct MHD_Daemon *start_daemon(struct http *http, int file)
{
    return MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request,
                            http,                           /* then options */
                            MHD_OPTION_LISTEN_SOCKET, file, /* taken over */
                            MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS_MAX,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES_MAX,
                            MHD_OPTION_CONNECTION_TIMEOUT, http->config.request_sec_max,
                            MHD_OPTION_NOTIFY_CONNECTION, on_connection, http,
                            MHD_OPTION_NOTIFY_COMPLETED, on_completed, http, MHD_OPTION_END);
}

/* The loop watches the daemon from here on. */
static int watch(struct http *http)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);

    if (!info)
        return UV_ENOTSUP;
    int error = uv_poll_init(http->loop, &http->poll, info->epoll_fd);
    if (error)
        return error;
    http->poll.data = http;
    http->open_handles++;
    (void)uv_poll_start(&http->poll, UV_READABLE, on_poll);
    return 0;
}

/* 0, or the negative errno. */
static int try_to_listen(struct http *http)
{
    int file = open_socket(&http->address);

    if (file < 0)
        return file;
    http->daemon = start_daemon(http, file);
    if (!http->daemon) {
        (void)close(file);
        return -ENOMEM;
    }
    int error = watch(http);
    if (error) {
        MHD_stop_daemon(http->daemon);
        http->daemon = NULL;
    }
    return error;
}

static void open_or_retry(struct http *http)
{
    int error = try_to_listen(http);

    if (!error) {
        http->failing = false;
        http->config.listening(http->config.owner);
        run(http);
        return;
    }
    start_timer(http, http->config.retry_ms);
    if (!http->failing)
        http->config.failed(http->config.owner, uv_strerror(error));
    http->failing = true;
}

static void on_timer(uv_timer_t *timer)
{
    struct http *http = timer->data;

    if (http->daemon)
        run(http);
    else
        open_or_retry(http);
}

void http_wake(struct http *http)
{
    if (!http || http->waiting_count == 0)
        return;
    resume_all(http);
    run(http);
}

struct http *http_new(uv_loop_t *loop, const struct http_config *config)
{
    struct http *http = memory_new(sizeof *http);

    http->loop = loop;
    http->config = *config;
    http_places_init(&http->places);
    (void)uv_timer_init(loop, &http->timer);
    http->timer.data = http;
    http->open_handles = 1;
    return http;
}

void http_open(struct http *http, const struct listen_address *address)
{
    if (!http)
        return;
    assert(!http->daemon);
    http->address = *address;
    open_or_retry(http);
}

static void on_closed(uv_handle_t *handle)
{
    struct http *http = handle->data;

    if (--http->open_handles == 0)
        free(http);
}

void http_close(struct http *http)
{
    if (!http)
        return;
    uv_close((uv_handle_t *)&http->timer, on_closed);
    if (!http->daemon)
        return;
    /* The poll goes first: it must not outlive the descriptor. */
    uv_close((uv_handle_t *)&http->poll, on_closed);
    resume_all(http);
    MHD_stop_daemon(http->daemon);
    http->daemon = NULL;
}
