/* SPDX-License-Identifier: MIT */
#include "common/redis/resolve.h"

#include <stdlib.h>

#include "common/base/memory.h"

struct resolve {
    uv_getaddrinfo_t request;
    unsigned turn;
    resolve_fn *done; /* NULL: abandoned */
    void *data;
};

int resolve_is_address(const char *host)
{
    unsigned char bytes[16];

    return uv_inet_pton(AF_INET, host, bytes) == 0 || uv_inet_pton(AF_INET6, host, bytes) == 0;
}

static unsigned count_of(const struct addrinfo *list)
{
    unsigned count = 0;

    for (const struct addrinfo *at = list; at; at = at->ai_next)
        count++;
    return count;
}

static const struct addrinfo *choose(const struct addrinfo *list, unsigned turn)
{
    unsigned count = count_of(list);
    const struct addrinfo *chosen = list;

    for (unsigned skip = count ? turn % count : 0; skip > 0; skip--)
        chosen = chosen->ai_next;
    return chosen;
}

static int print(const struct addrinfo *info, char ret_text[static RESOLVE_TEXT_MAX])
{
    if (!info)
        return UV_EAI_NODATA;
    if (info->ai_family == AF_INET6)
        return uv_ip6_name((const struct sockaddr_in6 *)(const void *)info->ai_addr, ret_text,
                           RESOLVE_TEXT_MAX);
    return uv_ip4_name((const struct sockaddr_in *)(const void *)info->ai_addr, ret_text,
                       RESOLVE_TEXT_MAX);
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *list)
{
    struct resolve *resolve = request->data;
    char text[RESOLVE_TEXT_MAX] = "";

    if (status == 0)
        status = print(choose(list, resolve->turn), text);
    if (resolve->done)
        resolve->done(resolve->data, status ? NULL : text, count_of(list),
                      status ? uv_strerror(status) : NULL);
    uv_freeaddrinfo(list);
    free(resolve);
}

struct resolve *resolve_start(uv_loop_t *loop, const char *host, unsigned turn, resolve_fn *done,
                              void *data)
{
    struct resolve *resolve = memory_new(sizeof *resolve);
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};

    resolve->request.data = resolve;
    resolve->turn = turn;
    resolve->done = done;
    resolve->data = data;
    if (uv_getaddrinfo(loop, &resolve->request, on_resolved, host, NULL, &hints) != 0) {
        free(resolve);
        return NULL;
    }
    return resolve;
}

void resolve_abandon(struct resolve *resolve)
{
    resolve->done = NULL;
    (void)uv_cancel((uv_req_t *)&resolve->request);
}
