/* SPDX-License-Identifier: MIT */
/*
 * For LD_PRELOAD: a name with several addresses. Any name that ends in ".several" is those in
 * SEVERAL_ADDRESSES, with commas between, in that order.
 */
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int getaddrinfo_fn(const char *node, const char *service, const struct addrinfo *hints,
                           struct addrinfo **ret_info);

int getaddrinfo(const char *restrict node, const char *restrict service,
                const struct addrinfo *restrict hints, struct addrinfo **restrict ret_info)
{
    void *symbol = dlsym(RTLD_NEXT, "getaddrinfo");
    getaddrinfo_fn *real;
    const char *suffix = node ? strrchr(node, '.') : NULL, *list = getenv("SEVERAL_ADDRESSES");
    struct addrinfo **end = ret_info;
    char address[64];
    int length;

    memcpy(&real, &symbol, sizeof real); /* ISO C has no cast for it */
    if (!suffix || strcmp(suffix, ".several") != 0 || !list)
        return real(node, service, hints, ret_info);
    for (; *list; list += length + (list[length] == ',')) {
        length = (int)strcspn(list, ",");
        (void)snprintf(address, sizeof address, "%.*s", length, list);
        int status = real(address, service, hints, end);
        if (status != 0)
            return status;
        end = &(*end)->ai_next;
    }
    return 0;
}
