/* SPDX-License-Identifier: MIT */
/*
 * The router's settings as tests of its scripts take them: short names of keys, the usual times.
 */
#pragma once

#include "router/settings/settings.h"

struct router_settings settings_sample(const struct plan_rules *rules);
