/* SPDX-License-Identifier: MIT */
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

#include "common/redis/settings.h"

static const struct option_group group = {redis_option_rows, REDIS_OPTION_COUNT, 0};
static const struct option_table table = {&group, 1};

static char folder[] = "/tmp/test_redis_settings.XXXXXX";
static char path[64];
static struct redis_settings settings;
static struct options options;
static struct complaints complaints;

static int make_folder(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/password", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

static int begin(void **state)
{
    (void)state;
    settings = (struct redis_settings){0};
    options_init(&options, &table, &settings);
    return 0;
}

static int end(void **state)
{
    (void)state;
    redis_settings_release(&settings);
    options_release(&options);
    complaints_free(&complaints);
    return 0;
}

static void again(void)
{
    end(NULL);
    begin(NULL);
}

static void set(const char *key, enum option_source source, const char *text)
{
    assert_int_equal(options_read_text(&options, key, source, "here", text, &complaints), 0);
    assert_int_equal(complaints.count, 0);
}

static void check(void)
{
    redis_settings_check(&settings, &options, &complaints);
    if (complaints.count > 0)
        fail_msg("%s", complaints.lines[0]);
}

static void expect_place(const char *expected)
{
    check();
    char *text = redis_address_text(&settings.address);
    assert_string_equal(text, expected);
    free(text);
}

static void expect_complaint(const char *expected)
{
    redis_settings_check(&settings, &options, &complaints);
    assert_int_equal(complaints.count, 1);
    assert_string_equal(complaints.lines[0], expected);
    again();
}

static void has_defaults(void **state)
{
    (void)state;
    expect_place("127.0.0.1:6379");
    assert_int_equal(settings.address.database, 0);
    assert_null(settings.address.password);
    assert_int_equal(settings.connect_timeout_ms, 2000);
    assert_int_equal(settings.reply_timeout_ms, 5000);
    assert_int_equal(settings.backoff_min_ms, 50);
    assert_int_equal(settings.backoff_max_ms, 2000);
}

static void takes_the_url(void **state)
{
    (void)state;
    set("redis.url", FROM_FILE, "redis://u:p@h:1/2");
    expect_place("h:1");
    assert_string_equal(settings.address.user, "u");
    assert_string_equal(settings.address.password, "p");
    assert_int_equal(settings.address.database, 2);
    set("redis.url", FROM_ENV, "unix:///run/redis.sock");
    expect_place("/run/redis.sock");
}

/* Who is set where, and who wins. */
static void a_later_source_wins_and_then_the_url(void **state)
{
    static const struct {
        enum option_source url, host, port;
        const char *expected;
    } cases[] = {
        {FROM_DEFAULT, FROM_DEFAULT, FROM_DEFAULT, "127.0.0.1:6379"},
        {FROM_DEFAULT, FROM_FILE, FROM_DEFAULT, "host:6379"},
        {FROM_DEFAULT, FROM_DEFAULT, FROM_FILE, "127.0.0.1:7000"},
        {FROM_DEFAULT, FROM_FILE, FROM_ENV, "host:7000"},
        {FROM_FILE, FROM_DEFAULT, FROM_DEFAULT, "url:1"},
        {FROM_FILE, FROM_FILE, FROM_FILE, "url:1"},
        {FROM_FILE, FROM_ENV, FROM_DEFAULT, "host:6379"},
        {FROM_FILE, FROM_DEFAULT, FROM_FLAG, "127.0.0.1:7000"},
        {FROM_FILE, FROM_FILE, FROM_ENV, "host:7000"},
        {FROM_ENV, FROM_FILE, FROM_FILE, "url:1"},
        {FROM_ENV, FROM_ENV, FROM_ENV, "url:1"},
        {FROM_ENV, FROM_FLAG, FROM_FILE, "host:7000"},
        {FROM_FLAG, FROM_ENV, FROM_FILE, "url:1"},
        {FROM_FLAG, FROM_FLAG, FROM_FLAG, "url:1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        again();
        if (cases[i].url != FROM_DEFAULT)
            set("redis.url", cases[i].url, "redis://url:1");
        if (cases[i].host != FROM_DEFAULT)
            set("redis.host", cases[i].host, "host");
        if (cases[i].port != FROM_DEFAULT)
            set("redis.port", cases[i].port, "7000");
        expect_place(cases[i].expected);
    }
}

static void names_what_is_wrong_with_the_url(void **state)
{
    (void)state;
    set("redis.url", FROM_FILE, "redis://h:0");
    expect_complaint("here: redis.url has a bad port (1 to 65535)");
}

#define CANNOT "TLS, which this build cannot do; use unix:///path, or redis:// to a local stunnel"

static void tls_needs_a_build_that_has_it(void **state)
{
    (void)state;
    set("redis.url", FROM_ENV, "rediss://h:6380");
    if (tls_is_built())
        expect_place("h:6380");
    else
        expect_complaint("here: redis.url asks for " CANNOT);
}

/* Nobody takes a connection in the clear for a safe one. */
static void what_is_for_tls_needs_tls(void **state)
{
    static const char *const keys[] = {"redis.tls_ca", "redis.tls_cert", "redis.tls_key"};

    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char expected[192];
        again();
        set(keys[i], FROM_FILE, "/nowhere");
        (void)snprintf(expected, sizeof expected, "here: %s is for %s", keys[i],
                       tls_is_built() ? "TLS alone, which redis.url asks for with rediss://"
                                      : CANNOT);
        expect_complaint(expected);
    }
}

static void a_host_does_not_take_tls_off(void **state)
{
    (void)state;
    set("redis.url", FROM_FILE, "rediss://h");
    set("redis.host", FROM_ENV, "other");
    expect_complaint("here: redis.host would take off the TLS that redis.url asks for; name it in "
                     "redis.url");
    set("redis.url", FROM_FILE, "rediss://h");
    set("redis.port", FROM_FLAG, "7");
    expect_complaint("here: redis.port would take off the TLS that redis.url asks for; name it in "
                     "redis.url");
}

static void backoffs_have_an_order(void **state)
{
    (void)state;
    set("redis.backoff_max_ms", FROM_FILE, "49");
    expect_complaint("here: redis.backoff_min_ms (50 by default) must not exceed "
                     "redis.backoff_max_ms, which is 49");
    again();
    set("redis.backoff_min_ms", FROM_FILE, "2000");
    expect_place("127.0.0.1:6379");
    again();
    set("redis.backoff_min_ms", FROM_FILE, "2001");
    expect_complaint("here: redis.backoff_min_ms must not exceed redis.backoff_max_ms, which is "
                     "2000");
}

/* The password file, with these bytes and this mode. */
static void write_password(const char *bytes, size_t length, mode_t mode)
{
    (void)unlink(path);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
    again();
    set("redis.password_file", FROM_FILE, path);
}

static void expect_password(const char *expected)
{
    check();
    if (expected)
        assert_string_equal(settings.address.password, expected);
    else
        assert_null(settings.address.password);
}

static void reads_the_password_file(void **state)
{
    (void)state;
    write_password("secret", 6, 0600);
    expect_password("secret");
    write_password("secret\n", 7, 0400);
    expect_password("secret");
    write_password("two\nlines\n\n", 11, 0400);
    expect_password("two\nlines\n");
    write_password(" \xff%41\r\n", 7, 0400);
    expect_password(" \xff%41\r");
    write_password("", 0, 0400);
    expect_password(NULL);
    write_password("\n", 1, 0400);
    expect_password(NULL);
}

static void the_file_wins_over_the_url(void **state)
{
    (void)state;
    write_password("filed", 5, 0400);
    set("redis.url", FROM_FLAG, "redis://u:p@h");
    expect_password("filed");
    assert_string_equal(settings.address.user, "u");
    write_password("filed", 5, 0400);
    set("redis.host", FROM_FILE, "h");
    expect_password("filed");
}

static void an_empty_file_gives_no_password(void **state)
{
    static const char *const nothing[] = {"", "\n"};

    (void)state;
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
        write_password(nothing[i], strlen(nothing[i]), 0400);
        set("redis.url", FROM_FILE, "redis://u:p@h");
        expect_password("p");
        assert_string_equal(settings.address.user, "u");
    }
}

/* An access list for the service's user, as systemd may set one, shows as rights of the group. */
static void a_credential_may_be_the_groups_to_read(void **state)
{
    static const mode_t too_open[] = {0460, 0450, 0444, 0442, 0441};

    (void)state;
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", folder, 1), 0);
    write_password("secret", 6, 0440);
    expect_password("secret");
    for (size_t i = 0; i < sizeof too_open / sizeof *too_open; i++) {
        write_password("secret", 6, too_open[i]);
        redis_settings_check(&settings, &options, &complaints);
        assert_int_equal(complaints.count, 1);
    }
    /* Another folder, the name of which begins the same. */
    char shorter[sizeof folder];
    memcpy(shorter, folder, sizeof folder);
    shorter[sizeof folder - 2] = '\0';
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", shorter, 1), 0);
    write_password("secret", 6, 0440);
    redis_settings_check(&settings, &options, &complaints);
    assert_int_equal(complaints.count, 1);
    assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
}

static void others_must_not_use_the_file(void **state)
{
    static const mode_t open_modes[] = {0640, 0604, 0620, 0610, 0601, 0777};
    char expected[200];

    (void)state;
    (void)snprintf(expected, sizeof expected,
                   "here: redis.password_file cannot be used: others than its owner may use it; "
                   "chmod 0400 it");
    for (size_t i = 0; i < sizeof open_modes / sizeof *open_modes; i++) {
        write_password("secret", 6, open_modes[i]);
        expect_complaint(expected);
    }
}

static void the_password_has_a_bound(void **state)
{
    char bytes[600];

    (void)state;
    memset(bytes, 'x', sizeof bytes);
    write_password(bytes, 512, 0400);
    check();
    assert_int_equal(strlen(settings.address.password), 512);
    write_password(bytes, 513, 0400);
    expect_complaint("here: redis.password_file cannot be used: it is longer than 512 bytes");
    write_password(bytes, 514, 0400);
    expect_complaint("here: redis.password_file cannot be used: it is longer than 512 bytes");
    write_password(bytes, 600, 0400);
    expect_complaint("here: redis.password_file cannot be used: it is longer than 512 bytes");
    bytes[512] = '\n';
    write_password(bytes, 513, 0400);
    check();
    assert_int_equal(strlen(settings.address.password), 512);
}

static void the_password_has_no_nul(void **state)
{
    (void)state;
    write_password("a\0b", 3, 0400);
    expect_complaint("here: redis.password_file cannot be used: it has a NUL byte");
    write_password("ab\0\n", 4, 0400);
    expect_complaint("here: redis.password_file cannot be used: it has a NUL byte");
}

static void the_file_must_be_there(void **state)
{
    (void)state;
    set("redis.password_file", FROM_FILE, "/nonexistent/password");
    expect_complaint("here: redis.password_file cannot be used: No such file or directory");
    set("redis.password_file", FROM_FILE, folder);
    expect_complaint("here: redis.password_file cannot be used: Is a directory");
}

/* A reload reads everything again. */
static void may_be_checked_again(void **state)
{
    (void)state;
    write_password("one", 3, 0400);
    expect_password("one");
    set("redis.host", FROM_ENV, "elsewhere");
    expect_place("elsewhere:6379");
    expect_place("elsewhere:6379");
    assert_string_equal(settings.address.password, "one");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(has_defaults),
        TEST(takes_the_url),
        TEST(a_later_source_wins_and_then_the_url),
        TEST(names_what_is_wrong_with_the_url),
        TEST(tls_needs_a_build_that_has_it),
        TEST(what_is_for_tls_needs_tls),
        TEST(a_host_does_not_take_tls_off),
        TEST(backoffs_have_an_order),
        TEST(reads_the_password_file),
        TEST(the_file_wins_over_the_url),
        TEST(an_empty_file_gives_no_password),
        TEST(a_credential_may_be_the_groups_to_read),
        TEST(others_must_not_use_the_file),
        TEST(the_password_has_a_bound),
        TEST(the_password_has_no_nul),
        TEST(the_file_must_be_there),
        TEST(may_be_checked_again),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
