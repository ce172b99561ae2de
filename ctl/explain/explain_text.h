/* SPDX-License-Identifier: MIT */
/*
 * An explanation in a trader's words, as wide as the terminal.
 */
#pragma once

#include "ctl/why/explanation.h"

/* `now_ms` by Redis' clock. */
void explain_print(const struct explanation *explanation, int64_t now_ms);

/* Several in a table, a line each. */
void explain_print_list(const struct explanations *explanations);
