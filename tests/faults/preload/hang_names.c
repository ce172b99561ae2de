/* SPDX-License-Identifier: MIT */
/*
 * For LD_PRELOAD: a name server that does not answer. getaddrinfo() hangs for half a minute and
 * then fails.
 */
#include <netdb.h>
#include <time.h>

int getaddrinfo(const char *restrict node, const char *restrict service,
                const struct addrinfo *restrict hints, struct addrinfo **restrict ret_info)
{
    struct timespec left = {.tv_sec = 30};

    (void)node;
    (void)service;
    (void)hints;
    (void)ret_info;
    while (nanosleep(&left, &left) != 0)
        continue;
    return EAI_AGAIN;
}
