/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/file.h"

static char folder[] = "/tmp/test_file.XXXXXX";
static char path[64];

static int make_folder(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/file", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

static void write_file(const char *bytes, size_t length)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static void expect_refused(const char *which, size_t most, const char *why)
{
    char *bytes = NULL;
    size_t length = 42;
    int result = file_read(which, most, &bytes, &length);

    assert_true(result < 0);
    assert_string_equal(file_problem(result), why);
    assert_null(bytes);
    assert_int_equal(length, 42);
}

static void reads_all_bytes(void **state)
{
    char *bytes;
    size_t length;

    (void)state;
    write_file("a\0\nb", 4);
    assert_int_equal(file_read(path, 100, &bytes, &length), 0);
    assert_int_equal(length, 4);
    assert_memory_equal(bytes, "a\0\nb", 5);
    free(bytes);
    write_file("", 0);
    assert_int_equal(file_read(path, 0, &bytes, &length), 0);
    assert_int_equal(length, 0);
    assert_string_equal(bytes, "");
    free(bytes);
}

static void knows_a_bound(void **state)
{
    char *bytes;
    size_t length;

    (void)state;
    write_file("12345", 5);
    assert_int_equal(file_read(path, 5, &bytes, &length), 0);
    assert_string_equal(bytes, "12345");
    free(bytes);
    expect_refused(path, 4, "File too large");
    expect_refused(path, 0, "File too large");
}

/* By any name. */
static void reads_the_null_device_as_empty(void **state)
{
    (void)state;
    (void)unlink(path);
    assert_int_equal(symlink("/dev/null", path), 0);
    const char *const names[] = {"/dev/null", path};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *bytes;
        size_t length;
        assert_int_equal(file_read(names[i], 10, &bytes, &length), 0);
        assert_int_equal(length, 0);
        assert_string_equal(bytes, "");
        free(bytes);
    }
    assert_int_equal(unlink(path), 0);
}

static void reads_regular_files_alone(void **state)
{
    (void)state;
    expect_refused(folder, 10, "Is a directory");
    expect_refused("/dev/zero", 10, "Not a regular file");
    expect_refused("/nonexistent/file", 10, "No such file or directory");
    (void)unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    expect_refused(path, 10, "Not a regular file");
    (void)unlink(path);
}

static void names_every_problem(void **state)
{
    (void)state;
    assert_string_equal(file_problem(-EACCES), "Permission denied");
    assert_string_equal(file_problem(-99999), "Unknown error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_all_bytes),
        cmocka_unit_test(knows_a_bound),
        cmocka_unit_test(reads_the_null_device_as_empty),
        cmocka_unit_test(reads_regular_files_alone),
        cmocka_unit_test(names_every_problem),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
