/* SPDX-License-Identifier: MIT */
/* The address of Redis: what is taken is usable, and no message gives the password away. */
#include <string.h>

#include "common/base/memory.h"
#include "common/redis/url.h"
#include "tests/fuzz/target.h"

/* What is shown is the same with another password and with none: that a host holds the letters of a
 * password by chance says nothing. */
static void expect_no_secret(const char *shown, const struct redis_address *address)
{
    static const char *const others[] = {NULL, "", "another password"};

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct redis_address other = *address;
        other.password = (char *)others[i];
        char *text = redis_address_text(&other);
        MUST(strcmp(text, shown) == 0);
        free(text);
    }
}

static void check(const struct redis_address *address)
{
    char *shown = redis_address_text(address);

    MUST((address->path != NULL) + (address->host != NULL) + (address->guides.count > 0) == 1);
    MUST(address->guides.count == 0 || *shown);
    MUST(!address->path || *address->path == '/');
    MUST(!address->host || (*address->host && address->port >= 1 && address->port <= 65535));
    MUST(address->database >= 0);
    expect_no_secret(shown, address);
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
