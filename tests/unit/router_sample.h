/* SPDX-License-Identifier: MIT */
/*
 * The router's settings in the rig. Each test begins with their defaults.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "router/settings/settings.h"
#include "tests/unit/settings_rig.h"

extern struct router_settings settings;

int begin(void **state);
int end(void **state);

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
