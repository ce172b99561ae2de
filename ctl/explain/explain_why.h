/* SPDX-License-Identifier: MIT */
/*
 * Why a candidate of a recorded window met its fate: one sentence in a trader's words.
 */
#pragma once

#include "ctl/why/explanation.h"

/* The caller frees it; NULL: there is nothing to say. */
char *explain_why(const struct explanation *explanation);
