/* SPDX-License-Identifier: MIT */
#include "tests/unit/settings_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static struct options options;
static struct complaints complaints;
static settings_check_fn *check_all;

void settings_rig_begin(const struct option_table *table, void *settings, settings_check_fn *check)
{
    options_init(&options, table, settings);
    check_all = check;
}

void settings_rig_end(void)
{
    options_release(&options);
    complaints_free(&complaints);
}

void settings_rig_begin_router(struct router_settings *settings)
{
    *settings = (struct router_settings){0};
    settings_rig_begin(&router_options, settings, router_settings_check);
}

void settings_rig_end_router(struct router_settings *settings)
{
    router_settings_release(settings);
    settings_rig_end();
}

void settings_rig_set(const char *key, const char *text)
{
    assert_int_equal(options_read_text(&options, key, FROM_FILE, "here", text, &complaints), 0);
}

void settings_rig_check(void)
{
    check_all(&options, &complaints);
    if (complaints.count > 0)
        fail_msg("%s", complaints.lines[0]);
}

void settings_rig_refuse(size_t count, const char *first)
{
    check_all(&options, &complaints);
    assert_int_equal(complaints.count, count);
    if (first)
        assert_string_equal(complaints.lines[0], first);
}
