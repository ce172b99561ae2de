/* SPDX-License-Identifier: MIT */
/*
 * What if: the recorded windows decided again by other policies, beside what was, with what came of
 * what was published and what prices tell of the rest.
 *
 * Records are read first, then results and prices, so that what is kept is bounded by what was
 * published. Belongs to one command.
 */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "ctl/past/replay_run.h"
#include "ctl/what_if/raw_windows.h"
#include "ctl/what_if/variants.h"

struct what_if {
    const struct ctl_command *command;
    struct variants variants;
    double cost_bps;
    struct what_if_book book;
    struct what_if_answer *answers; /* of each variant, when all was read */
    char settings[SHA256_TEXT_MAX]; /* that the variants are made for */
    const char *folder;             /* of an archive; NULL: Redis is read */
    struct raw_windows *raw;        /* NULL: no policy needs raw signals */
    char why[VARIANT_WHY_MAX];      /* one is beyond what records know; empty: none */
};

/* Where results come from, and prices. */
struct what_if_source {
    const char *folder;    /* an archive; NULL: Redis */
    const struct ask *ask; /* with Redis */
    const char *results;   /* their stream */
    struct stream_id from; /* where the records begin */
};

/* NULL: the variants are not to be had any more, which was told. */
struct what_if *what_if_new(const struct ctl_command *command, const struct what_if_values *values,
                            double cost_bps);
void what_if_free(struct what_if *what_if);

/* Runs the replay, unless it has nothing to read, then reads what came of it. 1: a variant is
 * beyond what records know, and `why` says why; negative: it went wrong, which was told. */
int what_if_read(struct what_if *what_if, struct replay_run *run,
                 const struct what_if_source *source) __attribute__((warn_unused_result));

/* --- what is told, by itself or as a part of more */

void what_if_put_text(const struct what_if *what_if, const struct replay_run *run);
/* One policy alone stands on the object itself. */
void what_if_put_json(json_t *object, const struct what_if *what_if, const struct replay_run *run);
/* How many windows there were, and the figures with what they are. */
void what_if_put_page(FILE *out, const struct what_if *what_if, const struct replay_run *run);
/* "capacity.target_open=5", or from the first to the last; the caller's to free. */
char *what_if_name(const struct what_if *what_if);

/* --- words that they share; texts are the caller's to free */

/* Said beside every figure: what it does not follow, and how it was decided; NULL: as recorded. */
const char *what_if_open_loop(const struct what_if *what_if, size_t variant);
const char *what_if_approximate(const struct what_if *what_if, size_t variant);

/* "not distinguishable: …", "better", "worse". */
const char *what_if_verdict(const struct answer *answer);
char *what_if_windows(const struct what_if *what_if, const struct replay_run *run);
char *what_if_note(const struct what_if *what_if);
