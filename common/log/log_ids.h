/* SPDX-License-Identifier: MIT */
/*
 * The events that an operator may have to act on, each with the id that the journal knows it by.
 *
 * deploy/catalog/quantum.catalog tells of each id what it means and what to do; the lint check
 * `catalog` keeps both, and what the programs log, in step. Used by log.c alone.
 */
#pragma once

#include <stddef.h>

/* The MESSAGE_ID of an event, whose word need not end in a NUL; NULL: it has none. */
const char *log_id(const char *event, size_t length);
