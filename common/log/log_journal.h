/* SPDX-License-Identifier: MIT */
/*
 * The journal's native protocol, sent by hand because sd_journal_sendv() waits when the journal
 * does, and a log must never stop the service. Used by log.c alone.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Whether stderr is the journal, as $JOURNAL_STREAM ("device:inode") says. Opens the socket if so.
 */
bool log_journal_init(void);

/* Sends "KEY=value\n" lines as one datagram; false when it was not taken. */
bool log_journal_send(const char *fields, size_t length);
