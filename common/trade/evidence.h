/* SPDX-License-Identifier: MIT */
/*
 * What people want to see of an entry that breaks a rule: whose it is, and the value that breaks
 * it, as far as they can be read. It reads the entry once more, so it is asked for the few that a
 * line is written of. The bytes came from outside: who prints them escapes them. Pure.
 */
#pragma once

#include <stddef.h>

#include "common/base/entry.h"
#include "common/trade/rule.h"

#define EVIDENCE_BYTES_MAX 64

struct evidence_text {
    char bytes[EVIDENCE_BYTES_MAX + 1]; /* one more than is shown, so that a cut shows */
    size_t length;
};

struct evidence {
    struct evidence_text symbol; /* "?": it cannot be read */
    struct evidence_text value;  /* may be empty */
};

void evidence_read(const struct entry *entry, enum rule rule, struct evidence *ret_evidence);

void evidence_put(struct evidence_text *text, const char *bytes, size_t length);
