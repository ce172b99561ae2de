/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/redis/url.h"

static void expect_same(const char *text, const char *expected)
{
    if (expected)
        assert_string_equal(text, expected);
    else
        assert_null(text);
}

struct parts {
    const char *path;
    const char *host;
    int port; /* 0: the usual one */
    int database;
    const char *user;
    const char *password;
};

static void expect(const char *url, struct parts expected, const char *shown)
{
    struct redis_address address;
    const char *complaint = redis_url_read(url, &address);

    if (complaint)
        fail_msg("%s: %s", url, complaint);
    expect_same(address.path, expected.path);
    expect_same(address.host, expected.host);
    expect_same(address.user, expected.user);
    expect_same(address.password, expected.password);
    assert_int_equal(address.port, expected.port ? expected.port : REDIS_PORT_DEFAULT);
    assert_int_equal(address.database, expected.database);
    char *text = redis_address_text(&address);
    assert_string_equal(text, shown);
    free(text);
    redis_address_release(&address);
    assert_null(address.host);
    assert_null(address.password);
}

#define EXPECT(url, shown, ...) expect(url, (struct parts){__VA_ARGS__}, shown)

static void expect_refused(const char *url, const char *expected)
{
    struct redis_address address = {.port = -1};
    const char *complaint = redis_url_read(url, &address);

    if (!complaint)
        fail_msg("%s was taken", url);
    if (!strstr(complaint, expected))
        fail_msg("%s: %s", url, complaint);
    assert_int_equal(address.port, -1);
    assert_null(address.host);
}

static void reads_hosts_and_ports(void **state)
{
    (void)state;
    EXPECT("redis://h", "h:6379", .host = "h");
    EXPECT("redis://127.0.0.1:6380", "127.0.0.1:6380", .host = "127.0.0.1", .port = 6380);
    EXPECT("redis://redis.example:1/", "redis.example:1", .host = "redis.example", .port = 1);
    EXPECT("redis://h:65535", "h:65535", .host = "h", .port = 65535);
    EXPECT("redis://a%2Db", "a-b:6379", .host = "a-b");
}

static void reads_ipv6(void **state)
{
    (void)state;
    EXPECT("redis://[::1]", "[::1]:6379", .host = "::1");
    EXPECT("redis://[2001:db8::7]:6380/2", "[2001:db8::7]:6380", .host = "2001:db8::7",
           .port = 6380, .database = 2);
    EXPECT("redis://u:p@[::1]:1", "[::1]:1", .host = "::1", .port = 1, .user = "u",
           .password = "p");
    expect_refused("redis://[::1", "names no host");
    expect_refused("redis://[]", "names no host");
    expect_refused("redis://[]:1", "names no host");
    expect_refused("redis://[::1]x", "bad port");
    expect_refused("redis://[::1]:", "bad port");
    expect_refused("redis://[::1]:0", "bad port");
}

static void reads_databases(void **state)
{
    (void)state;
    EXPECT("redis://h/0", "h:6379", .host = "h");
    EXPECT("redis://h:1/15", "h:1", .host = "h", .port = 1, .database = 15);
    EXPECT("redis://h/1000000", "h:6379", .host = "h", .database = 1000000);
    static const char *const bad[] = {"redis://h/1000001", "redis://h/-1",  "redis://h/x",
                                      "redis://h/1/",      "redis://h/1?x", "redis://h/01",
                                      "redis://h//",       "redis://h/%31"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        expect_refused(bad[i], "bad database number (0 to 1000000)");
}

static void reads_logins(void **state)
{
    (void)state;
    EXPECT("redis://:p@h", "h:6379", .host = "h", .password = "p");
    EXPECT("redis://u:p@h:1/3", "h:1", .host = "h", .port = 1, .database = 3, .user = "u",
           .password = "p");
    EXPECT("redis://u@h", "h:6379", .host = "h", .user = "u");
    EXPECT("redis://u:@h", "h:6379", .host = "h", .user = "u", .password = "");
    EXPECT("redis://@h", "h:6379", .host = "h");
    EXPECT("redis://u:p:q@h", "h:6379", .host = "h", .user = "u", .password = "p:q");
    EXPECT("redis://u:p@q@h", "h:6379", .host = "h", .user = "u", .password = "p@q");
}

static void decodes_logins(void **state)
{
    (void)state;
    EXPECT("redis://a%3Ab:p%40%2f%25%3a@h", "h:6379", .host = "h", .user = "a:b",
           .password = "p@/%:");
    EXPECT("redis://:%c5%Bc%01@h", "h:6379", .host = "h", .password = "\xc5\xbc\x01");
    EXPECT("redis://:%0a%a0+@h", "h:6379", .host = "h", .password = "\n\xa0+");
}

static void refuses_bad_escapes(void **state)
{
    static const char *const bad[] = {
        "redis://:%@h",      "redis://:%4@h",  "redis://:%zz@h",     "redis://:%4g@h",
        "redis://:%g4@h",    "redis://:%00@h", "redis://:a%00b@h",   "redis://%:p@h",
        "redis://u%00:p@h",  "redis://h%",     "redis://h%2",        "redis://h%00",
        "redis://:% 1@h",    "unix:///a%",     "unix:///a%00",       "unix://:%0@/a",
        "unix://%xx:p@/a/b", "redis://:%-1@h", "redis://:p%2 @h:12", "redis://u:%%@h",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        expect_refused(bad[i], "bad percent-escape (write %25 for a percent sign)");
}

static void refuses_bad_hosts_and_ports(void **state)
{
    static const char *const hostless[] = {"redis://",   "redis:///",  "redis:///1",
                                           "redis://:1", "redis://u@", "redis://u:p@:1"};
    static const char *const bad_ports[] = {
        "redis://h:",   "redis://h:0",    "redis://h:65536", "redis://h:-1",        "redis://h:x",
        "redis://h:1x", "redis://h:0001", "redis://h: 1",    "redis://h:4294967297"};

    (void)state;
    for (size_t i = 0; i < sizeof hostless / sizeof *hostless; i++)
        expect_refused(hostless[i], "names no host");
    for (size_t i = 0; i < sizeof bad_ports / sizeof *bad_ports; i++)
        expect_refused(bad_ports[i], "bad port (1 to 65535)");
}

static void reads_unix_sockets(void **state)
{
    (void)state;
    EXPECT("unix:///run/redis.sock", "/run/redis.sock", .path = "/run/redis.sock");
    EXPECT("unix:///r?db=3", "/r", .path = "/r", .database = 3);
    EXPECT("unix:///a%20b%3F", "/a b?", .path = "/a b?");
    EXPECT("unix:///a@b:c", "/a@b:c", .path = "/a@b:c");
    EXPECT("unix://u:p%2F@/r?db=0", "/r", .path = "/r", .user = "u", .password = "p/");
    EXPECT("unix://:p@/r", "/r", .path = "/r", .password = "p");
}

static void refuses_bad_unix_sockets(void **state)
{
    static const char *const pathless[] = {"unix://",     "unix:///",     "unix://r",
                                           "unix://u:p@", "unix://u:p@r", "unix://?db=1"};
    static const char *const bad_queries[] = {
        "unix:///r?",      "unix:///r?db",   "unix:///r?db=",      "unix:///r?db=x",
        "unix:///r?db=-1", "unix:///r?DB=1", "unix:///r?db=1&x=2", "unix:///r?db=1000001"};

    (void)state;
    for (size_t i = 0; i < sizeof pathless / sizeof *pathless; i++)
        expect_refused(pathless[i], "names no socket (unix:///path/to/redis.sock)");
    for (size_t i = 0; i < sizeof bad_queries / sizeof *bad_queries; i++)
        expect_refused(bad_queries[i], "bad database number");
}

static void refuses_other_schemes(void **state)
{
    static const char *const others[] = {
        "",         "h",         "h:6379",     "/run/r.sock", "http://h",
        "redis:/h", "REDIS://h", " redis://h", "unix:/run/r", "redis+x://h"};

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        expect_refused(others[i],
                       "must begin with redis://, rediss://, redis+sentinel:// or unix://");
}

/* Whether it can be had is for the settings to say. */
static void knows_who_asks_for_tls(void **state)
{
    static const struct {
        const char *url;
        bool tls;
    } cases[] = {{"redis://h", false}, {"rediss://u:p@h:6380/2", true}, {"unix:///r", false}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct redis_address address;
        assert_null(redis_url_read(cases[i].url, &address));
        assert_int_equal(address.tls, cases[i].tls);
        redis_address_release(&address);
    }
    EXPECT("rediss://u:p@h:6380/2", "h:6380", .host = "h", .port = 6380, .database = 2, .user = "u",
           .password = "p");
    expect_refused("rediss://", "names no host");
}

static void tells_no_secrets(void **state)
{
    struct redis_address address;

    (void)state;
    assert_null(redis_url_read("redis://user:pass@h/1", &address));
    char *text = redis_address_text(&address);
    assert_null(strstr(text, "user"));
    assert_null(strstr(text, "pass"));
    free(text);
    redis_address_release(&address);
    redis_address_release(&address);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_hosts_and_ports),
        cmocka_unit_test(reads_ipv6),
        cmocka_unit_test(reads_databases),
        cmocka_unit_test(reads_logins),
        cmocka_unit_test(decodes_logins),
        cmocka_unit_test(refuses_bad_escapes),
        cmocka_unit_test(refuses_bad_hosts_and_ports),
        cmocka_unit_test(reads_unix_sockets),
        cmocka_unit_test(refuses_bad_unix_sockets),
        cmocka_unit_test(refuses_other_schemes),
        cmocka_unit_test(knows_who_asks_for_tls),
        cmocka_unit_test(tells_no_secrets),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
