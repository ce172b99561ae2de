/* SPDX-License-Identifier: MIT */
/* As a build without libzstd packs. */
#include <stdlib.h>
#include <string.h>

#include "ctl/past/packing.h"
#include "tests/unit/support.h"

static void test_plain(void **state)
{
    size_t length;

    (void)state;
    assert_string_equal(packing_name(), PACKING_PLAIN);
    char *packed = packing_pack("a\0b", 3, &length);
    assert_int_equal(length, 3);
    char *bytes = packing_unpack(PACKING_PLAIN, packed, 3, 3);
    assert_memory_equal(bytes, "a\0b", 3);
    assert_null(packing_unpack(PACKING_PLAIN, packed, 3, 2));
    assert_null(packing_unpack(PACKING_ZSTD, packed, 3, 3));
    assert_false(packing_knows(PACKING_ZSTD));
    free(bytes);
    free(packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_plain)};

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
