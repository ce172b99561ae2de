/* SPDX-License-Identifier: MIT */
/* Where lines go: stderr or the journal, and what happens when neither takes them. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/log/log.h"
#include "tests/unit/stderr_trap.h"

static void fill_pipe(void)
{
    assert_int_equal(fcntl(STDERR_FILENO, F_SETFL, O_NONBLOCK), 0);
    char block[4096];
    memset(block, 'x', sizeof(block));
    while (write(STDERR_FILENO, block, sizeof(block)) > 0)
        continue;
    assert_int_equal(fcntl(STDERR_FILENO, F_SETFL, 0), 0);
}

static void drain_pipe(void)
{
    while (*take_output() != '\0')
        continue;
}

static void never_waits_for_a_full_pipe(void **state)
{
    (void)state;
    uint64_t before = log_dropped();
    fill_pipe();
    log_event(LEVEL_INFO, NULL, "LOST", "1");
    log_event(LEVEL_INFO, NULL, "LOST", "2");
    assert_int_equal(log_dropped(), before + 2);
    drain_pipe();
    log_event(LEVEL_INFO, NULL, "FLOWS", "3");
    const char *output = take_output();
    assert_non_null(strstr(output, "[WARNING] LOG_DROPPED count=2\n"));
    assert_non_null(strstr(output, "[INFO] FLOWS 3\n"));
    log_event(LEVEL_INFO, NULL, "FLOWS", "4");
    expect_line("[INFO] FLOWS 4\n");
    assert_int_equal(log_dropped(), before + 2);
}

static void survives_a_closed_stderr(void **state)
{
    (void)state;
    uint64_t before = log_dropped();
    close(STDERR_FILENO);
    log_event(LEVEL_INFO, NULL, "NOBODY", "listens");
    assert_int_equal(log_dropped(), before + 1);
    reopen_stderr();
}

static void survives_a_closed_reader(void **state)
{
    (void)state;
    (void)signal(SIGPIPE, SIG_IGN);
    uint64_t before = log_dropped();
    stop_reading();
    log_event(LEVEL_INFO, NULL, "NOBODY", "reads");
    assert_int_equal(log_dropped(), before + 1);
}

/* A journal of our own: a socket in a temporary folder. */
struct journal {
    char folder[32];
    char path[64];
    int socket;
};

static void journal_open(struct journal *journal)
{
    (void)snprintf(journal->folder, sizeof(journal->folder), "/tmp/test_log.XXXXXX");
    assert_non_null(mkdtemp(journal->folder));
    (void)snprintf(journal->path, sizeof(journal->path), "%s/socket", journal->folder);
    journal->socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(journal->socket >= 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, journal->path, strlen(journal->path));
    assert_int_equal(bind(journal->socket, (const struct sockaddr *)&address, sizeof(address)), 0);
    setenv("QUANTUM_JOURNAL_SOCKET", journal->path, 1);
}

static void journal_close(struct journal *journal)
{
    close(journal->socket);
    unlink(journal->path);
    assert_int_equal(rmdir(journal->folder), 0);
}

static void claim_stderr_is_journal(void)
{
    struct stat status;
    char stream[64];
    assert_int_equal(fstat(STDERR_FILENO, &status), 0);
    (void)snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)status.st_dev,
                   (uintmax_t)status.st_ino);
    setenv("JOURNAL_STREAM", stream, 1);
}

static void expect_datagram(struct journal *journal, const char *expected)
{
    char bytes[8192];
    ssize_t length = recv(journal->socket, bytes, sizeof(bytes) - 1, 0);
    assert_true(length > 0);
    bytes[length] = '\0';
    assert_string_equal(bytes, expected);
}

static void speaks_to_the_journal(void **state)
{
    (void)state;
    struct journal journal;
    journal_open(&journal);
    claim_stderr_is_journal();
    log_init("quantum-test");
    struct log_line line;
    log_open(&line, LEVEL_WARN, "⛔", "SAFE_MODE:");
    log_text(&line, " is\nset");
    log_pair_foreign(&line, "value", "1\n", 2, 10);
    log_field(&line, "ttl", "%d", 899);
    log_send(&line);
    expect_datagram(&journal, "MESSAGE=⛔ SAFE_MODE: is?set value=1\\x0a\n"
                              "PRIORITY=4\n"
                              "SYSLOG_IDENTIFIER=quantum-test\n"
                              "MESSAGE_ID=d4570d65ce614a19a0add7957ce6516e\n"
                              "QUANTUM_EVENT=SAFE_MODE\n"
                              "QUANTUM_VALUE=1\\x0a\n"
                              "QUANTUM_TTL=899\n");
    assert_string_equal(take_output(), "");
    journal_close(&journal);
}

static void counts_what_the_journal_does_not_take(void **state)
{
    (void)state;
    struct journal journal;
    journal_open(&journal);
    claim_stderr_is_journal();
    log_init("quantum-test");
    uint64_t before = log_dropped();
    for (int i = 0; i < 10000 && log_dropped() == before; i++)
        log_event(LEVEL_INFO, NULL, "FLOOD", "%01000d", i);
    assert_int_equal(log_dropped(), before + 1);
    char bytes[8192];
    while (recv(journal.socket, bytes, sizeof(bytes), 0) > 0)
        continue;
    log_event(LEVEL_ERROR, NULL, "AGAIN", "%s", "here");
    expect_datagram(&journal, "MESSAGE=LOG_DROPPED count=1\nPRIORITY=4\n"
                              "SYSLOG_IDENTIFIER=quantum-test\n"
                              "MESSAGE_ID=af6cc597395446edaacb634feb73a000\n"
                              "QUANTUM_EVENT=LOG_DROPPED\nQUANTUM_COUNT=1\n");
    expect_datagram(&journal, "MESSAGE=AGAIN here\nPRIORITY=3\n"
                              "SYSLOG_IDENTIFIER=quantum-test\nQUANTUM_EVENT=AGAIN\n");
    journal_close(&journal);
}

static void falls_back_to_stderr(void **state)
{
    (void)state;
    claim_stderr_is_journal();
    setenv("QUANTUM_JOURNAL_SOCKET", "/nonexistent/socket", 1);
    log_init("quantum-test");
    log_event(LEVEL_INFO, NULL, "HERE", "1");
    expect_line("[INFO] HERE 1\n");
    struct journal journal;
    journal_open(&journal);
    setenv("JOURNAL_STREAM", "1:1", 1);
    log_init("quantum-test");
    log_event(LEVEL_INFO, NULL, "HERE", "2");
    expect_line("[INFO] HERE 2\n");
    journal_close(&journal);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, catch_stderr, release_stderr)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(never_waits_for_a_full_pipe),
        TEST(survives_a_closed_stderr),
        TEST(survives_a_closed_reader),
        TEST(speaks_to_the_journal),
        TEST(counts_what_the_journal_does_not_take),
        TEST(falls_back_to_stderr),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
