/* SPDX-License-Identifier: MIT */
/*
 * Which of a Cluster's 16384 slots a key lies in: CRC16 of its hash tag, or of all of it where it
 * has none. Pure.
 */
#pragma once

#include <stdbool.h>

int slot_of(const char *key);

/* Whether it has a hash tag: then keys that begin with this text lie in its slot, whatever
 * follows. */
bool slot_is_tagged(const char *key);
