/* SPDX-License-Identifier: MIT */
/*
 * The Lua scripts of both services, each a file of its own beside this one, built into the programs
 * as text.
 */
#pragma once

extern const char ack_lua[];
