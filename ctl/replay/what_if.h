/* SPDX-License-Identifier: MIT */
/*
 * What if: the recorded windows decided again by other policies, beside what was, with what came of
 * what was published and what prices tell of the rest.
 *
 * Records are read first, then results and prices, so that what is kept is bounded by what was
 * published. Belongs to one replay.
 */
#pragma once

#include <stdio.h>

#include "ctl/replay/replay_run.h"
#include "ctl/replay/variants.h"

struct what_if {
    const struct ctl_command *command;
    struct variants variants;
    double cost_bps;
    bool json;
    const char *html; /* a file for the page; empty: none */

    struct what_if_book book;
    struct what_if_answer *answers; /* of each variant, when all was read */
    char settings[SHA256_TEXT_MAX]; /* that the variants are made for */
    bool is_refused;                /* a variant is beyond what records know, which was told */
};

/* Where results come from, and prices. */
struct what_if_source {
    const char *folder;    /* an archive; NULL: Redis */
    const struct ask *ask; /* with Redis */
    const char *results;   /* their stream */
    struct stream_id from; /* where the records begin */
};

/* False: the variants are not to be had any more, which was told. Either way the caller owes
 * what_if_release(). */
bool what_if_init(struct what_if *what_if, const struct what_if_values *values);
void what_if_release(struct what_if *what_if);

/* Runs the replay, unless it has nothing to read, and tells; the exit status. */
int what_if_run(struct what_if *what_if, struct replay_run *run,
                const struct what_if_source *source);

/* --- what is told; the exit status */

int what_if_print_text(const struct what_if *what_if, const struct replay_run *run);
int what_if_print_json(const struct what_if *what_if, const struct replay_run *run);
int what_if_save_page(const struct what_if *what_if, const struct replay_run *run,
                      const char *path);

/* The pictures of a page. */
void what_if_put_figures(FILE *out, const struct what_if *what_if);

/* Said beside every figure. */
extern const char what_if_open_loop[];

/* How many windows there were, and what the figures are; the caller's to free. */
char *what_if_windows(const struct what_if *what_if, const struct replay_run *run);
char *what_if_note(const struct what_if *what_if);

/* "not distinguishable: …", "better", "worse". */
const char *what_if_verdict(const struct answer *answer);
