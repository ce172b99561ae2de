/* SPDX-License-Identifier: MIT */
/*
 * The drain's scripts. Few calls of each, or large ones, so they are sent whole.
 */
#pragma once

extern const char drain_settle_lua[], drain_leave_lua[];
