/* SPDX-License-Identifier: MIT */
/*
 * The look through an archive's folder. Backwards the days are taken from the newest on, each
 * block by block from its end; one block is in memory at a time, and where the others begin. Part
 * of record_search().
 */
#pragma once

#include "ctl/past/record_search.h"

/* 0: all was looked at, or enough; negative: it cannot be read, which was told. */
int archive_search(const struct record_place *place, struct record_search *search)
    __attribute__((warn_unused_result));
