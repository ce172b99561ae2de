/* SPDX-License-Identifier: MIT */
/* The address of Redis: what is taken is usable, and no message gives the password away. */
#include <string.h>

#include "common/base/memory.h"
#include "common/redis/url.h"
#include "tests/fuzz/target.h"

/* A password short enough may stand in any text by chance. */
static void expect_no_secret(const char *text, const char *password)
{
    MUST(!password || strlen(password) < 12 || !strstr(text, password));
}

static void check(const struct redis_address *address)
{
    char *shown = redis_address_text(address);

    MUST((address->path != NULL) + (address->host != NULL) + (address->guides.count > 0) == 1);
    MUST(address->guides.count == 0 || *shown);
    MUST(!address->path || *address->path == '/');
    MUST(!address->host || (*address->host && address->port >= 1 && address->port <= 65535));
    MUST(address->database >= 0);
    if (!address->host || !address->password || !strstr(address->host, address->password))
        if (!address->path || !address->password || !strstr(address->path, address->password))
            expect_no_secret(shown, address->password);
    free(shown);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char *text = memory_bytes(bytes, length);
    struct redis_address address;
    const char *problem = redis_url_read(text, &address);

    if (problem) {
        MUST(*problem);
    } else {
        check(&address);
        redis_address_release(&address);
    }
    free(text);
    return 0;
}
