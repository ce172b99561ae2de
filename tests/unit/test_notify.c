/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/service/notify.h"
#include "common/service/watchdog.h"

/* A socket that plays systemd's. */
static int systemd;
static char name[64];
static struct notify notify;
static char heard[2048];

static void play_systemd(const char *where)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(where));

    memcpy(address.sun_path, where, strlen(where));
    if (where[0] == '@')
        address.sun_path[0] = '\0';
    else
        length++;
    systemd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(systemd >= 0);
    assert_int_equal(bind(systemd, (const struct sockaddr *)&address, length), 0);
    setenv("NOTIFY_SOCKET", where, 1);
    notify_init(&notify);
}

static int set_up(void **state)
{
    (void)state;
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    (void)snprintf(name, sizeof name, "/tmp/test-notify-%ld", (long)getpid());
    play_systemd(name);
    return 0;
}

static int set_up_abstract(void **state)
{
    (void)state;
    (void)snprintf(name, sizeof name, "@test-notify-%ld", (long)getpid());
    play_systemd(name);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    notify_deinit(&notify);
    close(systemd);
    if (name[0] == '/')
        unlink(name);
    unsetenv("NOTIFY_SOCKET");
    return 0;
}

/* The next message, or an empty text. */
static const char *hear(void)
{
    ssize_t length = recv(systemd, heard, sizeof heard - 1, 0);

    heard[length > 0 ? length : 0] = '\0';
    return heard;
}

static void test_words(void **state)
{
    (void)state;
    notify_ready(&notify);
    assert_string_equal(hear(), "READY=1");
    notify_stopping(&notify);
    assert_string_equal(hear(), "STOPPING=1");
    notify_watchdog(&notify);
    assert_string_equal(hear(), "WATCHDOG=1");
    notify_extend_start(&notify, 31000000);
    assert_string_equal(hear(), "EXTEND_TIMEOUT_USEC=31000000");
    notify_status(&notify, "open=%d/%d", 3, 10);
    assert_string_equal(hear(), "STATUS=open=3/10");
    assert_string_equal(hear(), "");
}

static void test_reload_tells_the_time(void **state)
{
    (void)state;
    notify_reloading(&notify);
    const char *text = hear();
    assert_memory_equal(text, "RELOADING=1\nMONOTONIC_USEC=", 27);
    assert_true(strtoull(text + 27, NULL, 10) > 0);
}

static void test_status_is_one_line(void **state)
{
    char longer[2000];

    (void)state;
    notify_status(&notify, "%s", "a\nREADY=1\tb");
    assert_string_equal(hear(), "STATUS=a READY=1 b");
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    notify_status(&notify, "%s", longer);
    assert_true(strlen(hear()) < 600);
}

static void test_nobody_wants_to_know(void **state)
{
    static const char *const names[] = {"", "@", "/", "relative", "vsock:2:3"};
    struct notify mute;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        setenv("NOTIFY_SOCKET", names[i], 1);
        notify_init(&mute);
        assert_true(mute.file < 0);
        notify_ready(&mute);
        notify_deinit(&mute);
    }
    unsetenv("NOTIFY_SOCKET");
    notify_init(&mute);
    notify_status(&mute, "%s", "nothing");
    notify_deinit(&mute);
}

/* systemd restarts itself, or reads slowly: nothing waits, nothing breaks. */
static void test_a_socket_that_is_full_or_gone(void **state)
{
    (void)state;
    for (int i = 0; i < 10000; i++)
        notify_watchdog(&notify);
    close(systemd);
    notify_ready(&notify);
    unlink(name);
    play_systemd(name);
    notify_ready(&notify);
    assert_string_equal(hear(), "READY=1");
}

static void test_watchdog_period(void **state)
{
    char process[32];

    (void)state;
    assert_int_equal(notify_watchdog_usec(), 0);
    setenv("WATCHDOG_USEC", "30000000", 1);
    assert_int_equal(notify_watchdog_usec(), 30000000);
    (void)snprintf(process, sizeof process, "%ld", (long)getpid());
    setenv("WATCHDOG_PID", process, 1);
    assert_int_equal(notify_watchdog_usec(), 30000000);
    setenv("WATCHDOG_PID", "1", 1);
    assert_int_equal(notify_watchdog_usec(), 0);
    unsetenv("WATCHDOG_PID");
    setenv("WATCHDOG_USEC", "soon", 1);
    assert_int_equal(notify_watchdog_usec(), 0);
}

/* Says that all is well so many times, and then that it is not. */
struct patient {
    uv_loop_t loop;
    struct watchdog watchdog;
    int asked;
    int well;
    int all;
};

static bool is_well(void *owner)
{
    struct patient *patient = owner;

    if (++patient->asked == patient->all)
        watchdog_close(&patient->watchdog);
    return patient->asked <= patient->well;
}

static void test_watchdog_is_fed_while_all_is_well(void **state)
{
    struct patient patient = {.well = 3, .all = 5};

    (void)state;
    setenv("WATCHDOG_USEC", "15000", 1);
    assert_int_equal(uv_loop_init(&patient.loop), 0);
    watchdog_start(&patient.watchdog, &patient.loop, &notify, is_well, &patient);
    (void)uv_run(&patient.loop, UV_RUN_DEFAULT);
    assert_int_equal(patient.asked, 5);
    for (int i = 0; i < 3; i++)
        assert_string_equal(hear(), "WATCHDOG=1");
    assert_string_equal(hear(), "");
    assert_int_equal(uv_loop_close(&patient.loop), 0);
}

static void test_no_watchdog(void **state)
{
    struct patient patient = {.well = 1};

    (void)state;
    unsetenv("WATCHDOG_USEC");
    assert_int_equal(uv_loop_init(&patient.loop), 0);
    watchdog_start(&patient.watchdog, &patient.loop, &notify, is_well, &patient);
    (void)uv_run(&patient.loop, UV_RUN_DEFAULT);
    assert_int_equal(patient.asked, 0);
    watchdog_close(&patient.watchdog);
    (void)uv_run(&patient.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&patient.loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_words, set_up, tear_down),
        {"test_words_abstract", test_words, set_up_abstract, tear_down, NULL},
        cmocka_unit_test_setup_teardown(test_reload_tells_the_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_status_is_one_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nobody_wants_to_know, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_socket_that_is_full_or_gone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_watchdog_period, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_watchdog_is_fed_while_all_is_well, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_watchdog, set_up, tear_down),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
