/* SPDX-License-Identifier: MIT */
/*
 * The router's Lua scripts, each a file of its own beside this one, built into the program as text.
 */
#pragma once

extern const char lease_take_lua[];
extern const char lease_renew_lua[];
extern const char lease_release_lua[];
extern const char snapshot_lua[];
extern const char commit_lua[];
