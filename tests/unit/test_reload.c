/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/options/program_reload.h"
#include "tests/unit/diversion.h"
#include "tests/unit/service_sample.h"

static struct sample fresh_settings;
static struct options fresh;
static struct complaints complaints;
static struct option_changes changes;

static int begin_reload(void **state)
{
    options_init(&fresh, &table, &fresh_settings);
    return begin(state);
}

static int end_reload(void **state)
{
    options_release(&fresh);
    complaints_free(&complaints);
    option_changes_free(&changes);
    return end(state);
}

static int reload(void)
{
    option_changes_free(&changes);
    complaints_free(&complaints);
    options_release(&fresh);
    options_init(&fresh, &table, &fresh_settings);
    return program_reload(&program, &options, &fresh, &complaints, &changes);
}

static void must_reload(const char *text)
{
    write_file(config_path, text);
    assert_int_equal(reload(), 0);
    assert_int_equal(complaints.count, 0);
}

/* The fresh options run from here on, as in a service that went over to them. */
static void go_over(void)
{
    options_release(&options);
    settings = fresh_settings;
    options = fresh;
    options.values = &settings;
    options_init(&fresh, &table, &fresh_settings);
}

/* The same text, the file's path written as "FILE". */
static void expect_text(const char *text, const char *expected)
{
    char shown[512];
    const char *path = strstr(text, config_path);
    if (path == NULL)
        (void)snprintf(shown, sizeof(shown), "%s", text);
    else
        (void)snprintf(shown, sizeof(shown), "%.*sFILE%s", (int)(path - text), text,
                       path + strlen(config_path));
    assert_string_equal(shown, expected);
}

/* The change with this number reads like this. */
static void expect_change(size_t index, const char *expected)
{
    assert_true(index < changes.count);
    char *text = option_change_text(&changes.list[index]);
    expect_text(text, expected);
    free(text);
}

/* The reload is refused with this line first. */
static void expect_refused(const char *text, const char *expected)
{
    write_file(config_path, text);
    assert_true(reload() < 0);
    expect_text(complaints.lines[0], expected);
    assert_int_equal(changes.count, 0);
}

static void finds_nothing_changed(void **state)
{
    (void)state;
    write_file(config_path, "capacity : { max_open = 20; };");
    assert_int_equal(start("--factor=1", NULL, NULL), 0);
    must_reload("# moved\ncapacity : { max_open = 20; };\nfactor = 0.9;\n");
    assert_int_equal(changes.count, 0);
    assert_int_equal(fresh_settings.max_open, 20);
    assert_true(fresh_settings.factor == 1.0);
}

static void applies_what_may_change(void **state)
{
    (void)state;
    write_file(config_path, "capacity : { max_open = 20; target = 4; };");
    assert_int_equal(start(NULL, NULL, NULL), 0);
    must_reload("factor = 1.5;\ncapacity : { max_open = 21; };");
    assert_int_equal(changes.count, 3);
    expect_change(0, "capacity.max_open = 21 (was 20), FILE:2");
    expect_change(1, "capacity.target = 3 (was 4), default");
    expect_change(2, "factor = 1.5 (was 0.9), FILE:1");
    assert_int_equal(changes.list[0].fate, CHANGE_APPLIED);
    assert_int_equal(fresh_settings.max_open, 21);
    assert_int_equal(fresh_settings.target, 3);
    assert_int_equal(settings.max_open, 20);
}

static void keeps_what_needs_a_restart(void **state)
{
    (void)state;
    write_file(config_path, "name = \"a\";\ncarry = [\"x\", \"y\"];");
    assert_int_equal(start(NULL, NULL, NULL), 0);
    for (int i = 0; i < 2; i++) { /* named until somebody restarts it */
        must_reload("name = \"b\";\n\ncarry = [\"x\"];\nfactor = 1.0;");
        assert_int_equal(changes.count, i == 0 ? 3 : 2);
        expect_change(0, "name = b needs a restart (a stays), FILE:1");
        expect_change(changes.count - 1, "carry = x needs a restart (x,y stays), FILE:3");
        assert_string_equal(fresh_settings.name, "a");
        assert_int_equal(fresh_settings.carry.count, 2);
        assert_true(fresh_settings.factor == 1.0);
        go_over();
    }
    must_reload("name = \"a\";\ncarry = [\"x\", \"y\"];\nfactor = 1.0;");
    assert_int_equal(changes.count, 0);
}

static void names_what_is_hidden(void **state)
{
    (void)state;
    write_file(config_path, "capacity : { max_open = 20; };");
    setenv("TEST_MAX_OPEN", "30", 1);
    assert_int_equal(start("--capacity.target=5", NULL, NULL), 0);
    must_reload("capacity : { max_open = 21; target = 5; };");
    assert_int_equal(changes.count, 2);
    expect_change(0, "capacity.max_open = 21 is hidden by TEST_MAX_OPEN (30 stays)");
    expect_change(1, "capacity.target = 5 is hidden by --capacity.target (5 stays)");
    assert_int_equal(fresh_settings.max_open, 30);
    go_over();
    must_reload("capacity : { max_open = 21; target = 5; };");
    assert_int_equal(changes.count, 0);
    must_reload("");
    assert_int_equal(changes.count, 2);
    expect_change(0, "capacity.max_open = 10 is hidden by TEST_MAX_OPEN (30 stays)");
}

static void environment_stays_as_it_was(void **state)
{
    (void)state;
    write_file(env_path, "TEST_MAX_OPEN=30\n");
    assert_int_equal(start("--env-file", env_path, NULL), 0);
    write_file(env_path, "TEST_MAX_OPEN=31\n");
    setenv("TEST_TARGET", "7", 1);
    must_reload("");
    assert_int_equal(changes.count, 0);
    assert_int_equal(fresh_settings.max_open, 30);
    assert_int_equal(fresh_settings.target, 3);
    assert_string_equal(options_origin(&fresh, "capacity.max_open")->place,
                        options_origin(&options, "capacity.max_open")->place);
}

static void masks_secrets(void **state)
{
    (void)state;
    write_file(config_path, "token = \"old\";");
    assert_int_equal(start(NULL, NULL, NULL), 0);
    must_reload("token = \"new\";");
    assert_int_equal(changes.count, 1);
    expect_change(0, "token = ******** needs a restart (******** stays), FILE:1");
    assert_string_equal(fresh_settings.token, "old");
}

static void works_out_again(void **state)
{
    (void)state;
    assert_int_equal(start(NULL, NULL, NULL), 0);
    must_reload("capacity : { max_open = 200; };");
    assert_int_equal(fresh_settings.ttl, 201);
    assert_string_equal(fresh_settings.name, "sample");
    go_over();
    must_reload("token = \"x\";"); /* the name would be another, and stays with it */
    assert_int_equal(fresh_settings.ttl, 100);
    assert_string_equal(fresh_settings.name, "sample");
}

static void refuses_a_bad_file(void **state)
{
    (void)state;
    assert_int_equal(start(NULL, NULL, NULL), 0);
    expect_refused("capacity : { max_open = 0; };",
                   "FILE:1: capacity.max_open = 0 is out of range (1 to 1000000000000)");
    expect_refused("capacity : {", "FILE:1: this { is never closed; write }; at its end");
    expect_refused("name = \"wrong\";", "FILE:1: name must not be 'wrong'");
    expect_refused("\nttl = 5;", "FILE:2: ttl must be more than capacity.max_open");
    assert_int_equal(settings.max_open, 10);
}

/* Good after a restart, but the part of it that can be had at once is not. */
static void refuses_half_of_a_good_file(void **state)
{
    (void)state;
    write_file(config_path, "ttl = 50;");
    assert_int_equal(start(NULL, NULL, NULL), 0);
    expect_refused("ttl = 70;\ncapacity : { max_open = 60; };",
                   "FILE:1: ttl must be more than capacity.max_open");
    assert_int_equal(complaints.count, 2);
    assert_non_null(strstr(complaints.lines[1], "contradicts values that stay until a restart"));
    must_reload("ttl = 70;\ncapacity : { max_open = 40; };");
    assert_int_equal(changes.count, 2);
    assert_int_equal(fresh_settings.ttl, 50);
}

/* Not the usual file, which was left out on purpose. */
static void without_a_file_a_reload_reads_none(void **state)
{
    (void)state;
    write_file(config_path, "factor = 1.5;");
    assert_int_equal(start("--config=/dev/null", NULL, NULL), 0);
    assert_true(settings.factor == 0.9);
    assert_int_equal(reload(), 0);
    assert_int_equal(changes.count, 0);
    assert_true(fresh_settings.factor == 0.9);
}

static void a_file_may_appear_but_not_vanish(void **state)
{
    (void)state;
    assert_int_equal(start(NULL, NULL, NULL), 0);
    assert_int_equal(reload(), 0);
    must_reload("factor = 1.0;");
    assert_int_equal(changes.count, 1);
    go_over();
    assert_int_equal(unlink(config_path), 0);
    assert_true(reload() < 0);
    assert_non_null(strstr(complaints.lines[0], "No such file or directory"));
}

#define RELOAD(name) cmocka_unit_test_setup_teardown(name, begin_reload, end_reload)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RELOAD(finds_nothing_changed),
        RELOAD(applies_what_may_change),
        RELOAD(keeps_what_needs_a_restart),
        RELOAD(names_what_is_hidden),
        RELOAD(environment_stays_as_it_was),
        RELOAD(masks_secrets),
        RELOAD(works_out_again),
        RELOAD(refuses_a_bad_file),
        RELOAD(refuses_half_of_a_good_file),
        RELOAD(without_a_file_a_reload_reads_none),
        RELOAD(a_file_may_appear_but_not_vanish),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
