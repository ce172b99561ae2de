/* SPDX-License-Identifier: MIT */
/* A group of a true Redis, read page by page. */
#include "common/redis/group_reader.h"

#include <string.h>

#include "common/redis/reply.h"
#include "tests/unit/link_witness.h"
#include "tests/unit/redis_server.h"

static struct redis_server server;
static struct witness witness;
static struct group_reader reader;
static struct script pending_script = {.source = pending_lua};
static int seen, nils, pages, recovered, failures;
static int room; /* for so many entries */
static int naps;
static uint64_t nap_ms;
static bool is_sound;
static size_t bytes, last_fields; /* of names and values; of the last entry */

#define EXPECT(answer, ...) redis_server_expect(&server, answer, __VA_ARGS__)

static bool has_room(void *owner)
{
    (void)owner;
    return seen < room;
}

static uint64_t on_nap(void *owner)
{
    (void)owner;
    naps++;
    return nap_ms;
}

static bool on_entry(void *owner, struct stream_id id, const redisReply *fields)
{
    (void)owner;
    assert_true(id.ms > 0);
    seen++;
    nils += !fields;
    for (size_t i = 0; fields && i < fields->elements; i++)
        bytes += fields->element[i]->len;
    last_fields = fields ? fields->elements / 2 : 0;
    return is_sound;
}

static void on_page(void *owner)
{
    (void)owner;
    pages++;
}

static void on_recovered(void *owner)
{
    (void)owner;
    recovered++;
}

static void on_failed(void *owner, const char *complaint)
{
    const char *asked = strchr(complaint, '(');

    witness_tell(owner, "failed: %.7s%s", complaint, asked ? asked : "");
    failures++;
}

static void on_loaded(void *data, const char *complaint)
{
    (void)data;
    assert_null(complaint);
}

static int begin(void **state)
{
    static const struct group_reader_events events = {has_room, on_nap,       on_entry,
                                                      on_page,  on_recovered, on_failed};

    (void)state;
    seen = nils = pages = recovered = failures = naps = 0;
    bytes = last_fields = 0;
    nap_ms = 0;
    room = 1000000;
    is_sound = true;
    redis_server_start(&server);
    EXPECT("OK", "XGROUP CREATE s g 0 MKSTREAM");
    witness_begin_on(&witness, server.socket);
    reader = (struct group_reader){
        .config = {.stream = "s",
                   .group = "g",
                   .consumer = "c",
                   .pending = &pending_script,
                   .count = 10,
                   .depth = 1,
                   .block_ms = 50},
        .events = &events,
        .owner = &witness,
        .link = witness.link,
    };
    group_reader_init(&reader, &witness.loop);
    assert_int_equal(script_load(&pending_script, witness.link, on_loaded, NULL), 0);
    link_flush(witness.link);
    while (!*pending_script.hash)
        (void)uv_run(&witness.loop, UV_RUN_ONCE);
    return 0;
}

static int end(void **state)
{
    (void)state;
    group_reader_stop(&reader);
    group_reader_close(&reader);
    witness_end(&witness);
    redis_server_stop(&server);
    return 0;
}

static void write_entries(int count)
{
    for (int i = 0; i < count; i++)
        freeReplyObject(redis_server_ask(&server, "XADD s * f v"));
}

/* None of them is seen before the last one is written. */
static void write_at_once(int count)
{
    freeReplyObject(redis_server_ask(
        &server, "EVAL %s 0 %d",
        "for _ = 1, ARGV[1] do redis.call('XADD', 's', '*', 'f', 'v') end return 1", count));
}

static void leave_pending(int count)
{
    write_entries(count);
    freeReplyObject(redis_server_ask(&server, "XREADGROUP GROUP g c STREAMS s >"));
}

static void reads_what_is_pending_and_then_what_is_new(void **state)
{
    (void)state;
    leave_pending(25);
    write_entries(7);
    group_reader_start(&reader);
    witness_wait(&witness, &recovered, 1);
    assert_int_equal(seen, 25);
    assert_int_equal(pages, 3);
    witness_wait(&witness, &seen, 32);
    write_entries(1);
    witness_wait(&witness, &seen, 33);
    assert_int_equal(recovered, 1);
}

static void a_deleted_one_has_no_fields(void **state)
{
    (void)state;
    leave_pending(3);
    EXPECT("2", "XTRIM s MAXLEN = 1");
    group_reader_start(&reader);
    witness_wait(&witness, &recovered, 1);
    assert_int_equal(seen, 3);
    assert_int_equal(nils, 2);
}

static void without_room_entries_stay_in_the_stream(void **state)
{
    (void)state;
    room = 10;
    write_entries(40);
    group_reader_start(&reader);
    witness_wait(&witness, &seen, 20); /* the second read left before the first was looked at */
    redisReply *summary = redis_server_ask(&server, "XPENDING s g");
    assert_int_equal(reply_element(summary, 0)->integer, 20);
    freeReplyObject(summary);
    assert_int_equal(seen, 20);
    room = 1000;
    group_reader_resume(&reader);
    witness_wait(&witness, &seen, 40);
}

static void a_pause_holds_and_a_start_reads_pending_ones_again(void **state)
{
    (void)state;
    group_reader_start(&reader);
    witness_wait(&witness, &recovered, 1);
    write_entries(5);
    witness_wait(&witness, &seen, 5);
    group_reader_pause(&reader);
    group_reader_start(&reader); /* a read is on its way still */
    group_reader_resume(&reader);
    witness_wait(&witness, &recovered, 2);
    assert_int_equal(seen, 10);
    write_entries(1);
    witness_wait(&witness, &seen, 11);
}

static void a_group_that_is_gone_is_a_failure(void **state)
{
    (void)state;
    EXPECT("1", "XGROUP DESTROY s g");
    group_reader_start(&reader);
    witness_wait(&witness, &failures, 1);
    witness_expect(&witness, "failed: NOGROUP(XREADGROUP s)");
}

static void an_entry_out_of_shape_is_a_failure(void **state)
{
    (void)state;
    leave_pending(2);
    is_sound = false;
    group_reader_start(&reader);
    witness_wait(&witness, &failures, 1);
    assert_int_equal(seen, 1);
}

static void a_new_entry_out_of_shape_is_a_failure(void **state)
{
    (void)state;
    group_reader_start(&reader);
    witness_wait(&witness, &recovered, 1);
    is_sound = false;
    write_entries(1);
    witness_wait(&witness, &failures, 1);
}

static void paused_it_does_not_ask(void **state)
{
    (void)state;
    group_reader_start(&reader);
    witness_wait(&witness, &recovered, 1);
    group_reader_pause(&reader);
    write_entries(1); /* ends the read that is on its way */
    witness_wait(&witness, &pages, 1);
    assert_int_equal(reader.outstanding, 0);
    write_entries(1);
    group_reader_resume(&reader);
    witness_wait(&witness, &seen, 2);
}

static void write_large(int fields, int length)
{
    freeReplyObject(redis_server_ask(
        &server, "EVAL %s 0 %d %d",
        "local f = {} for i = 1, ARGV[1] do f[2 * i - 1], f[2 * i] = 'f' .. i, "
        "string.rep('x', ARGV[2]) end return redis.call('XADD', 's', '*', unpack(f))",
        fields, length));
}

/* Redis may not hold so large a page, and would end the connection in its midst again and again. */
static void pages_of_what_is_pending_are_bounded_in_bytes(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++)
        write_large(2, 300000);
    leave_pending(1);
    reader.is_wary = true;
    group_reader_start(&reader);
    witness_wait(&witness, &recovered, 1);
    assert_int_equal(seen, 9);
    assert_true(pages > 1);
    assert_int_equal(last_fields, 1);
    assert_in_range(bytes, 8 * 2 * 65537, 8 * 2 * 65545);
}

/* Enough is left of one that is not sound to tell. */
static void of_what_is_too_large_so_much_is_read(void **state)
{
    (void)state;
    write_large(70, 100000);
    leave_pending(0);
    reader.is_wary = true;
    group_reader_start(&reader);
    witness_wait(&witness, &recovered, 1);
    assert_false(reader.is_wary);
    assert_int_equal(last_fields, 65);
    assert_in_range(bytes, 524288, 524288 + 65 * 3);
}

/* As a rule they are read as they are, which costs Redis a fifth. */
static void after_pages_that_never_came_it_is_wary(void **state)
{
    (void)state;
    leave_pending(3);
    group_reader_start(&reader);
    assert_false(reader.is_wary);
    group_reader_stop(&reader);
    assert_true(reader.is_wary);
    group_reader_start(&reader);
    witness_wait(&witness, &recovered, 1);
    assert_false(reader.is_wary);
    assert_int_equal(reader.count, 10);
}

static void news_that_never_came_are_asked_for_in_halves(void **state)
{
    (void)state;
    group_reader_start(&reader);
    group_reader_stop(&reader);
    assert_int_equal(reader.count, 10);
    group_reader_start(&reader);
    witness_wait(&witness, &recovered, 1);
    group_reader_stop(&reader);
    assert_int_equal(reader.count, 5);
    group_reader_start(&reader);
    witness_wait(&witness, &recovered, 2);
    write_entries(1);
    witness_wait(&witness, &seen, 1);
    group_reader_stop(&reader);
    assert_int_equal(reader.count, 5);
}

/* Full pages: as many reads are out as there may be; one that is not full: one again. */
static void a_backlog_is_read_ahead(void **state)
{
    (void)state;
    reader.config.depth = 3;
    group_reader_start(&reader);
    witness_wait(&witness, &recovered, 1);
    write_at_once(10);
    witness_wait(&witness, &seen, 10);
    assert_true(reader.is_behind);
    assert_int_equal(reader.outstanding, 3);
    write_at_once(100);
    witness_wait(&witness, &seen, 110);
    while (reader.is_behind || reader.outstanding > 1)
        (void)uv_run(&witness.loop, UV_RUN_ONCE);
    assert_int_equal(naps, 0);
}

static void after_few_it_naps(void **state)
{
    (void)state;
    nap_ms = 60000;
    group_reader_start(&reader);
    witness_wait(&witness, &recovered, 1);
    write_at_once(5);
    witness_wait(&witness, &seen, 5);
    assert_int_equal(naps, 1);
    assert_int_equal(reader.outstanding, 0);
    nap_ms = 1;
    group_reader_resume(&reader);
    write_entries(1);
    witness_wait(&witness, &seen, 6);
    write_entries(1);
    witness_wait(&witness, &seen, 7);
    assert_true(naps > 1);
}

static void what_was_claimed_comes_the_same_way(void **state)
{
    redisReply *claimed;

    (void)state;
    write_entries(4);
    freeReplyObject(redis_server_ask(&server, "XREADGROUP GROUP g dead STREAMS s >"));
    group_reader_start(&reader);
    witness_wait(&witness, &recovered, 1);
    claimed = redis_server_ask(&server, "XAUTOCLAIM s g c 0 0");
    group_reader_take(&reader, reply_element(claimed, 1));
    assert_int_equal(seen, 4);
    group_reader_stop(&reader);
    group_reader_take(&reader, reply_element(claimed, 1));
    assert_int_equal(seen, 4);
    freeReplyObject(claimed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reads_what_is_pending_and_then_what_is_new),
        TEST(a_deleted_one_has_no_fields),
        TEST(without_room_entries_stay_in_the_stream),
        TEST(a_pause_holds_and_a_start_reads_pending_ones_again),
        TEST(a_group_that_is_gone_is_a_failure),
        TEST(an_entry_out_of_shape_is_a_failure),
        TEST(a_new_entry_out_of_shape_is_a_failure),
        TEST(paused_it_does_not_ask),
        TEST(pages_of_what_is_pending_are_bounded_in_bytes),
        TEST(of_what_is_too_large_so_much_is_read),
        TEST(after_pages_that_never_came_it_is_wary),
        TEST(news_that_never_came_are_asked_for_in_halves),
        TEST(a_backlog_is_read_ahead),
        TEST(after_few_it_naps),
        TEST(what_was_claimed_comes_the_same_way),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("group reader", tests, NULL, NULL);
}
