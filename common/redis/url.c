/* SPDX-License-Identifier: MIT */
#include "common/redis/url.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/number.h"

enum { DATABASE_MAX = 1000000 };

static const char bad_escape[] = "has a bad percent-escape (write %25 for a percent sign)";
static const char bad_database[] = "has a bad database number (0 to 1000000)";
static const char no_path[] = "names no socket (unix:///path/to/redis.sock)";
static const char no_scheme[] = "must begin with redis://, rediss://, redis+sentinel:// or unix://";

/* A stretch of the text. */
struct span {
    const char *start;
    const char *end;
};

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* NULL on a bad escape, or one that hides a NUL. */
static char *decode(struct span span)
{
    char *text = memory_new((size_t)(span.end - span.start) + 1);
    size_t length = 0;

    while (span.start < span.end) {
        char c = *span.start++;
        if (c == '%') {
            bool enough = span.end - span.start >= 2;
            int high = enough ? hex_digit(span.start[0]) : -1;
            int low = enough ? hex_digit(span.start[1]) : -1;
            if (high < 0 || low < 0 || high + low == 0) {
                free(text);
                return NULL;
            }
            c = (char)(high * 16 + low);
            span.start += 2;
        }
        text[length++] = c;
    }
    return text;
}

static bool read_number(struct span span, int64_t min, int64_t max, int *ret_value)
{
    int64_t value;

    if (!number_read_integer(span.start, (size_t)(span.end - span.start), &value) || value < min ||
        value > max)
        return false;
    *ret_value = (int)value;
    return true;
}

/* Finds a character from the right; NULL when it is not there. */
static const char *find_last(struct span span, char wanted)
{
    return memrchr(span.start, wanted, (size_t)(span.end - span.start));
}

/* Takes "user:password@" off the front. */
static const char *read_login(struct span *rest, struct redis_address *address)
{
    const char *at = find_last(*rest, '@');
    struct span login = {rest->start, at};

    if (!at)
        return NULL;
    rest->start = at + 1;
    const char *colon = memchr(login.start, ':', (size_t)(login.end - login.start));
    struct span user = {login.start, colon ? colon : login.end};
    if (user.end > user.start && !(address->user = decode(user)))
        return bad_escape;
    if (colon && !(address->password = decode((struct span){colon + 1, login.end})))
        return bad_escape;
    return NULL;
}

static const char *read_host(struct span rest, struct redis_address *address)
{
    struct place place;
    const char *complaint =
        place_read(rest.start, (size_t)(rest.end - rest.start), REDIS_PORT_DEFAULT, &place);

    if (complaint)
        return complaint;
    address->port = place.port;
    address->host = decode((struct span){place.host, place.host + strlen(place.host)});
    return address->host ? NULL : bad_escape;
}

/* Takes "/db" off the end. */
static const char *read_database(struct span *rest, struct redis_address *address)
{
    const char *slash = memchr(rest->start, '/', (size_t)(rest->end - rest->start));

    if (!slash)
        return NULL;
    struct span database = {slash + 1, rest->end};
    rest->end = slash;
    return database.start < database.end &&
                   !read_number(database, 0, DATABASE_MAX, &address->database)
               ? bad_database
               : NULL;
}

static const char *read_tcp(struct span rest, struct redis_address *address)
{
    const char *complaint = read_database(&rest, address);

    if (!complaint)
        complaint = read_login(&rest, address);
    return complaint ? complaint : read_host(rest, address);
}

/* host:port,host:port/master/db; the master may be named elsewhere. */
static const char *read_sentinels(struct span rest, struct redis_address *address)
{
    const char *slash = memchr(rest.start, '/', (size_t)(rest.end - rest.start));
    struct span master = {slash ? slash + 1 : rest.end, rest.end}, list = {rest.start, rest.end};

    if (slash)
        list.end = slash;
    const char *complaint = read_database(&master, address);
    if (!complaint && master.start < master.end)
        complaint =
            guides_name_master(&address->guides, master.start, (size_t)(master.end - master.start));
    if (!complaint)
        complaint = read_login(&list, address);
    return complaint ? complaint
                     : guides_add(&address->guides, GUIDES_SENTINELS, list.start,
                                  (size_t)(list.end - list.start));
}

static const char *read_unix(struct span rest, struct redis_address *address)
{
    const char *question = memchr(rest.start, '?', (size_t)(rest.end - rest.start));

    if (question) {
        struct span query = {question + 1, rest.end};
        if (query.end - query.start < 4 || memcmp(query.start, "db=", 3) != 0 ||
            !read_number((struct span){query.start + 3, query.end}, 0, DATABASE_MAX,
                         &address->database))
            return bad_database;
        rest.end = question;
    }
    const char *complaint =
        rest.start < rest.end && *rest.start != '/' ? read_login(&rest, address) : NULL;
    if (complaint)
        return complaint;
    if (rest.start == rest.end || *rest.start != '/' || rest.end - rest.start < 2)
        return no_path;
    address->path = decode(rest);
    return address->path ? NULL : bad_escape;
}

static bool skip(struct span *rest, const char *scheme)
{
    size_t length = strlen(scheme);

    if ((size_t)(rest->end - rest->start) < length || memcmp(rest->start, scheme, length) != 0)
        return false;
    rest->start += length;
    return true;
}

const char *redis_url_read(const char *text, struct redis_address *ret_address)
{
    struct redis_address address = {.port = REDIS_PORT_DEFAULT};
    struct span rest = {text, text + strlen(text)};
    const char *complaint;

    address.tls = skip(&rest, "rediss://");
    if (address.tls || skip(&rest, "redis://"))
        complaint = read_tcp(rest, &address);
    else if (skip(&rest, "redis+sentinel://"))
        complaint = read_sentinels(rest, &address);
    else
        complaint = skip(&rest, "unix://") ? read_unix(rest, &address) : no_scheme;
    if (complaint) {
        redis_address_release(&address);
        return complaint;
    }
    *ret_address = address;
    return NULL;
}

static void free_secret(char *text)
{
    if (text)
        explicit_bzero(text, strlen(text));
    free(text);
}

void redis_address_release(struct redis_address *address)
{
    guides_release(&address->guides);
    free(address->path);
    free(address->host);
    free(address->user);
    free_secret(address->password);
    *address = (struct redis_address){0};
}

bool redis_address_is_known(const struct redis_address *address)
{
    return address->guides.count > 0 || address->path || address->host;
}

char *redis_address_text(const struct redis_address *address)
{
    if (address->guides.count > 0)
        return guides_text(&address->guides);
    if (address->path)
        return memory_text(address->path);
    bool bare_ipv6 = strchr(address->host, ':') != NULL;
    return memory_format(bare_ipv6 ? "[%s]:%d" : "%s:%d", address->host, address->port);
}
