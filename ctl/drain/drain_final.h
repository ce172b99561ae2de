/* SPDX-License-Identifier: MIT */
/*
 * The report at a drain's end, for people and for programs. Part of the report.
 */
#pragma once

#include <stdio.h>

#include "ctl/drain/drain_report.h"

/* The lines that progress has too. */
void drain_final_counts(FILE *out, const struct drain_tally *tally);

void drain_final_tell(const struct drain_report *report, const struct drain_ending *ending,
                      uint64_t now_ns);
void drain_final_json(const struct drain_report *report, const struct drain_ending *ending,
                      uint64_t now_ns);
