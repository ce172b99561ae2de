/* SPDX-License-Identifier: MIT */
/*
 * A quick hash of a text, for tables in memory; what must hold against an adversary takes SHA-256.
 * Pure.
 */
#pragma once

#include <stdint.h>

uint64_t hash_text(const char *text);
