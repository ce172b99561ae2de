/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/memory.h"

/* The sanitizer's allocator would report the request instead of refusing it, as the system's does.
 * It chose this name. */
// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)

/* What a child writes to stderr while it asks for more than there is, and how it ends. */
struct ending {
    int status;
    char said[256];
};

static void ask_for_too_much(void)
{
    (void)memory_array(SIZE_MAX / 2, 4);
}

static struct ending must_end(void (*ask)(void))
{
    struct ending ending = {0};
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)dup2(ends[1], STDERR_FILENO);
        ask();
        _exit(0);
    }
    (void)close(ends[1]);
    assert_true(read(ends[0], ending.said, sizeof ending.said - 1) >= 0);
    (void)close(ends[0]);
    assert_int_equal(waitpid(child, &ending.status, 0), child);
    return ending;
}

static void a_refusal_ends_the_process_with_one_line(void **state)
{
    (void)state;
    struct ending ending = must_end(ask_for_too_much);

    assert_true(WIFEXITED(ending.status));
    assert_int_equal(WEXITSTATUS(ending.status), 1);
    assert_non_null(strstr(ending.said, "out of memory"));
    assert_ptr_equal(strchr(ending.said, '\n'), ending.said + strlen(ending.said) - 1);
}

static void new_memory_is_zeroed_and_never_null(void **state)
{
    (void)state;
    char *none = memory_new(0);
    char *some = memory_array(3, 7);

    assert_non_null(none);
    for (size_t i = 0; i < 21; i++)
        assert_int_equal(some[i], 0);
    free(none);
    free(some);
}

static void texts_are_copied_whole(void **state)
{
    (void)state;
    char *bytes = memory_bytes("a\0b", 3);
    char *text = memory_format("%s-%d", "x", 7);

    assert_memory_equal(bytes, "a\0b", 4);
    assert_string_equal(text, "x-7");
    free(bytes);
    free(text);
}

static void a_text_is_made_longer_as_printf_makes_it(void **state)
{
    (void)state;
    char *text = memory_extend(memory_text(""), "%s", "");

    assert_string_equal(text, "");
    for (int i = 0; i < 3; i++)
        text = memory_extend(text, "%s%d", i > 0 ? "," : "", i);
    assert_string_equal(text, "0,1,2");
    text = memory_extend(text, "; %s", text);
    assert_string_equal(text, "0,1,2; 0,1,2");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refusal_ends_the_process_with_one_line),
        cmocka_unit_test(new_memory_is_zeroed_and_never_null),
        cmocka_unit_test(texts_are_copied_whole),
        cmocka_unit_test(a_text_is_made_longer_as_printf_makes_it),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
