/* SPDX-License-Identifier: MIT */
/*
 * The rules that records were decided by: each settings' text is asked for once and read once, and
 * kept for the next record that names it. Bounded; belongs to the command that reads the records.
 */
#pragma once

#include "ctl/past/records.h"
#include "router/settings/decisive_read.h"

struct record_rules {
    struct known_rules *list; /* the last that were asked for at the end */
    size_t count;
};

/* 0: they are in `*ret_settings` until the next question; 1: they are not to be had, and `*ret_why`
 * says why, until then too; negative: it went wrong, which was told. */
int record_rules_find(struct record_rules *rules, struct records *source, const char *digest,
                      const struct decisive_settings **ret_settings, const char **ret_why)
    __attribute__((warn_unused_result));

void record_rules_release(struct record_rules *rules);
