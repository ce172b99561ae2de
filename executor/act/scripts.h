/* SPDX-License-Identifier: MIT */
/*
 * The executor's Lua scripts, each a file of its own beside this one, built into the program as
 * text.
 */
#pragma once

extern const char arrive_lua[];
extern const char look_lua[];
extern const char begin_lua[];
extern const char fail_lua[];
extern const char open_lua[];
extern const char close_lua[];
extern const char decline_lua[];
extern const char paper_exit_lua[];
extern const char hold_lua[];
extern const char state_doubt_lua[];
extern const char answer_lua[];
