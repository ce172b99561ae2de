/* SPDX-License-Identifier: MIT */
/* What a server's corrected count gives away. */
#include "common/redis/group_count.h"

#include "tests/unit/support.h"

/* A stream to which ids 1-1 to N-1 were added, the last `length` of which are there, in a server
 * whose group was given up to `delivered`, and says that it was given `read`. */
static struct group_count count_of(uint64_t added, int64_t length, uint64_t delivered, int64_t read)
{
    return (struct group_count){.length = length,
                                .added = (int64_t)added,
                                .first = {added - (uint64_t)length + 1, 1},
                                .last = {added, 1},
                                .delivered = {delivered, delivered > 0},
                                .read = read,
                                .consumers = 1,
                                .is_credible = true};
}

static struct group_reads reads;

static int64_t leapt(struct group_count count, uint64_t given, uint64_t last_given)
{
    return group_reads_leapt(&reads, &count, given, (struct stream_id){last_given, last_given > 0});
}

static int begin(void **state)
{
    (void)state;
    group_reads_forget(&reads);
    return 0;
}

static void a_server_that_steps_leaps_over_nothing(void **state)
{
    (void)state;
    assert_int_equal(leapt(count_of(50, 10, 0, 0), 0, 0), 0);
    assert_int_equal(leapt(count_of(50, 10, 50, 10), 10, 50), 0);
    assert_int_equal(leapt(count_of(60, 10, 60, 20), 20, 60), 0);
}

static void a_server_that_corrects_leaps_over_what_is_gone(void **state)
{
    (void)state;
    assert_int_equal(leapt(count_of(50, 10, 0, 0), 0, 0), 0);
    assert_int_equal(leapt(count_of(50, 10, 50, 50), 10, 50), 40);
    assert_int_equal(leapt(count_of(80, 10, 80, 80), 20, 80), 60);
    assert_int_equal(leapt(count_of(81, 10, 81, 81), 21, 81), 60);
}

/* A reply is on its way, or was taken after the count was. */
static void two_moments_prove_nothing(void **state)
{
    (void)state;
    assert_int_equal(leapt(count_of(50, 50, 0, 0), 0, 0), 0);
    assert_int_equal(leapt(count_of(50, 50, 20, 20), 10, 10), -1);
    assert_int_equal(leapt(count_of(50, 50, 20, 20), 30, 30), -1);
    assert_int_equal(leapt(count_of(50, 50, 30, 30), 30, 30), 0);
}

/* Somebody else read in our group, from a stream of which nothing was removed. */
static void no_more_than_was_removed(void **state)
{
    (void)state;
    assert_int_equal(leapt(count_of(50, 50, 0, 0), 0, 0), 0);
    assert_int_equal(leapt(count_of(50, 50, 50, 50), 10, 50), 0);
    assert_int_equal(leapt(count_of(55, 50, 55, 55), 15, 55), 5);
}

static void begins_again(void **state)
{
    struct group_count unsound = count_of(50, 10, 50, 50);

    (void)state;
    assert_int_equal(leapt(count_of(50, 10, 0, 0), 0, 0), 0);
    unsound.is_credible = false;
    assert_int_equal(leapt(unsound, 10, 50), 0);
    assert_false(reads.is_known);
    assert_int_equal(leapt(count_of(50, 10, 50, 50), 10, 50), 0);
    assert_int_equal(leapt(count_of(50, 10, 40, 5), 10, 50), 0); /* it was set back */
    assert_int_equal(leapt(count_of(50, 10, 50, 15), 20, 50), 0);
    assert_int_equal(leapt(count_of(50, 10, 50, -1), 20, 50), 0);
    assert_false(reads.is_known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_server_that_steps_leaps_over_nothing, begin),
        cmocka_unit_test_setup(a_server_that_corrects_leaps_over_what_is_gone, begin),
        cmocka_unit_test_setup(two_moments_prove_nothing, begin),
        cmocka_unit_test_setup(no_more_than_was_removed, begin),
        cmocka_unit_test_setup(begins_again, begin),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
