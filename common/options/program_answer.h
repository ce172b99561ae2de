/* SPDX-License-Identifier: MIT */
/*
 * What a program prints instead of running: help, version, its options, or the values of a
 * configuration that is good; and whether that reached stdout. Keeps nothing.
 */
#pragma once

#include "common/options/program.h"

enum program_question { ASKED_HELP, ASKED_VERSION, ASKED_OPTIONS, ASKED_VALUES };

/* PROGRAM_ANSWERED, or PROGRAM_UNHEARD after saying why. */
int program_answer(const struct program *program, const struct options *options,
                   enum program_question question) __attribute__((warn_unused_result));
