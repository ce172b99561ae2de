/* SPDX-License-Identifier: MIT */
/*
 * quantumctl's Lua scripts but for the drain's, each a file of its own beside the command that runs
 * it, built into the program as text.
 */
#pragma once

extern const char capacity_follow_lua[];
extern const char count_behind_lua[];
extern const char dlq_redrive_lua[];
extern const char groups_move_lua[];
extern const char groups_prune_lua[];
extern const char trim_lua[];

/* config/trade-intent.schema.json */
extern const char trade_intent_schema[];
