/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/memory.h"
#include "common/redis/redirect.h"
#include "common/redis/slot.h"
#include "common/redis/url.h"

static void expect_place(const char *text, const char *host, int port)
{
    struct place place;

    assert_null(place_read(text, strlen(text), 7, &place));
    assert_string_equal(place.host, host);
    assert_int_equal(place.port, port);
}

static void reads_places(void **state)
{
    char printed[PLACE_TEXT_MAX];
    struct place place;

    (void)state;
    expect_place("h", "h", 7);
    expect_place("10.0.0.1:26379", "10.0.0.1", 26379);
    expect_place("[2001:db8::1]:5", "2001:db8::1", 5);
    expect_place("[::1]", "::1", 7);
    assert_null(place_read("[::1]:9", 7, 7, &place));
    place_print(&place, printed);
    assert_string_equal(printed, "[::1]:9");
}

static void refuses_what_is_no_place(void **state)
{
    static const char *const none[] = {"", ":1", "h:", "h:0", "h:65536", "h:+1", "[::1", "[::1]x"};
    char host[300];
    struct place place;

    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_non_null(place_read(none[i], strlen(none[i]), 7, &place));
    memset(host, 'h', sizeof host);
    assert_non_null(place_read(host, 254, 7, &place));
    assert_null(place_read(host, 253, 7, &place));
    assert_false(place_take("a b", 3, 1, &place));
    assert_false(place_take("a\r", 2, 1, &place));
    assert_false(place_take("a", 1, 0, &place));
    assert_false(place_take("a", 1, 65536, &place));
    assert_false(place_take("", 0, 1, &place));
    assert_false(place_take(host, 254, 1, &place));
}

/* As redis-cli CLUSTER KEYSLOT has them. */
static void knows_the_slots(void **state)
{
    (void)state;
    assert_int_equal(slot_of("123456789"), 0x31C3);
    assert_int_equal(slot_of(""), 0);
    assert_int_equal(slot_of("foo"), 12182);
    assert_int_equal(slot_of("a{foo}b"), slot_of("foo"));
    assert_int_equal(slot_of("{foo}{bar}"), slot_of("foo"));
    assert_int_equal(slot_of("{{foo}}"), slot_of("{foo"));
    assert_int_equal(slot_of("quantum:{acct7}:x"), slot_of("acct7"));
    assert_true(slot_is_tagged("a{b}c"));
    assert_false(slot_is_tagged("a{}b{c}"));
    assert_false(slot_is_tagged("a{b"));
    assert_false(slot_is_tagged("ab}"));
}

static void expect_guides(const char *url, const char *shown, int database)
{
    struct redis_address address;
    const char *complaint = redis_url_read(url, &address);

    if (complaint)
        fail_msg("%s: %s", url, complaint);
    char *text = redis_address_text(&address);
    assert_string_equal(text, shown);
    assert_int_equal(address.database, database);
    assert_null(address.host);
    assert_true(redis_address_is_known(&address));
    free(text);
    redis_address_release(&address);
}

static void reads_sentinels_from_a_url(void **state)
{
    struct redis_address address;

    (void)state;
    expect_guides("redis+sentinel://a/m", "the master m of the sentinels a:26379", 0);
    expect_guides("redis+sentinel://a:1,[::1]:2,c/m/5",
                  "the master m of the sentinels a:1,[::1]:2,c:26379", 5);
    assert_null(redis_url_read("redis+sentinel://us%3Aer:p%40ss@a,b/m", &address));
    assert_string_equal(address.user, "us:er");
    assert_string_equal(address.password, "p@ss");
    assert_int_equal(address.guides.count, 2);
    redis_address_release(&address);
}

static void refuses_bad_sentinels_in_a_url(void **state)
{
    static const char *const bad[] = {
        "redis+sentinel://",        "redis+sentinel:///m",      "redis+sentinel://a,/m",
        "redis+sentinel://a:x/m",   "redis+sentinel://a,a/m",   "redis+sentinel://a/m/x",
        "redis+sentinel://a/m%20n", "redis+sentinel://h:1:x/m", "redis+sentinel://a/m/-1"};
    struct redis_address address;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (!redis_url_read(bad[i], &address)) {
            redis_address_release(&address);
            fail_msg("%s was taken", bad[i]);
        }
}

static void bounds_their_number(void **state)
{
    struct guides guides = {0};

    (void)state;
    assert_non_null(guides_add(&guides, GUIDES_NODES, "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", 33));
    assert_int_equal(guides.count, GUIDES_MAX);
    guides.key = "k";
    guides_release(&guides);
    assert_int_equal(guides.count, 0);
}

static redisReply error_reply(const char *text)
{
    return (redisReply){.type = REDIS_REPLY_ERROR, .str = memory_text(text), .len = strlen(text)};
}

static void expect_sent_to(const char *text, const char *host, int port)
{
    const struct place self = {"self", 1};
    redisReply reply = error_reply(text);
    struct place place;

    assert_true(redirect_read(&reply, "MOVED", &self, &place));
    assert_string_equal(place.host, host);
    assert_int_equal(place.port, port);
    free(reply.str);
}

static void reads_where_a_node_sends_us(void **state)
{
    const struct place self = {"self", 1};
    static const char *const none[] = {"MOVED",       "MOVED 1",   "MOVED 1 host", "MOVED 1 h:0",
                                       "MOVED 1 h:x", "ASK 1 h:2", "ERR x:1"};
    struct place place;

    (void)state;
    expect_sent_to("MOVED 3999 10.0.0.2:6381", "10.0.0.2", 6381);
    expect_sent_to("MOVED 3999 2001:db8::1:6381", "2001:db8::1", 6381);
    expect_sent_to("MOVED 3999 :6381", "self", 6381);
    expect_sent_to("MOVED 3999 ?:6381", "self", 6381);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        redisReply reply = error_reply(none[i]);
        assert_false(redirect_read(&reply, "MOVED", &self, &place));
        free(reply.str);
    }
    assert_false(redirect_read(NULL, "MOVED", &self, &place));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_places),
        cmocka_unit_test(refuses_what_is_no_place),
        cmocka_unit_test(knows_the_slots),
        cmocka_unit_test(reads_sentinels_from_a_url),
        cmocka_unit_test(refuses_bad_sentinels_in_a_url),
        cmocka_unit_test(bounds_their_number),
        cmocka_unit_test(reads_where_a_node_sends_us),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
