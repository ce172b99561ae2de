/* SPDX-License-Identifier: MIT */
#include "router/decide/record_room.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/memory.h"

enum { MIB = 1 << 20 };

/* A stream that is trimmed as the room says. */
struct stream {
    size_t sizes[100000];
    size_t first, count;
    size_t bytes;
};

static void write_one(struct stream *stream, struct record_room *room, size_t bytes)
{
    size_t most = (size_t)record_room_count(room, bytes, 16 * MIB);

    stream->sizes[stream->first + stream->count++] = bytes;
    stream->bytes += bytes;
    for (; stream->count > most; stream->count--)
        stream->bytes -= stream->sizes[stream->first++];
    record_room_add(room, bytes, 16 * MIB);
}

/* It never holds more than `most`, and in the end `least`. */
static void expect_room(const size_t *sizes, const size_t *counts, size_t phases, size_t least,
                        size_t most)
{
    struct stream *stream = memory_new(sizeof *stream);
    struct record_room room = {0};

    for (size_t phase = 0; phase < phases; phase++)
        for (size_t i = 0; i < counts[phase]; i++) {
            write_one(stream, &room, sizes[phase]);
            assert_in_range(stream->bytes, 0, most);
        }
    assert_in_range(stream->bytes, least, most);
    free(stream);
}

static void of_one_size_it_is_filled(void **state)
{
    (void)state;
    expect_room((const size_t[]){1500}, (const size_t[]){40000}, 1, 15 * MIB, 16 * MIB);
    expect_room((const size_t[]){66000}, (const size_t[]){2000}, 1, 15 * MIB, 16 * MIB);
}

static void that_grow_do_not_outgrow_it(void **state)
{
    (void)state;
    expect_room((const size_t[]){1500, 66000}, (const size_t[]){30000, 2000}, 2, 15 * MIB,
                17 * MIB);
}

static void that_shrink_fill_it_again(void **state)
{
    (void)state;
    expect_room((const size_t[]){66000, 1500}, (const size_t[]){1000, 40000}, 2, 14 * MIB,
                17 * MIB);
}

static void at_least_one_stays(void **state)
{
    struct record_room room = {0};

    (void)state;
    assert_int_equal(record_room_count(&room, 5 * MIB, MIB), 1);
    record_room_add(&room, 5 * MIB, MIB);
    assert_int_equal(record_room_count(&room, 5 * MIB, MIB), 1);
}

/* Before the first one there is no mean but its own. */
static void the_first_counts_for_itself(void **state)
{
    struct record_room room = {0};

    (void)state;
    assert_int_equal(record_room_count(&room, 1024, 16 * MIB), 16384);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_one_size_it_is_filled),
        cmocka_unit_test(that_grow_do_not_outgrow_it),
        cmocka_unit_test(that_shrink_fill_it_again),
        cmocka_unit_test(at_least_one_stays),
        cmocka_unit_test(the_first_counts_for_itself),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
