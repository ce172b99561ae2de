/* SPDX-License-Identifier: MIT */
/*
 * quantumctl report: what happened, in few figures, each with its number and its doubt.
 *
 * What is read goes into the book (ctl/report/decide/report_book.h); text, document and page say
 * what stands there.
 */
#pragma once

#include "ctl/frame/command.h"
#include "ctl/look/held_look.h"
#include "ctl/report/decide/report_book.h"
#include "ctl/report/report_with.h"

extern const struct ctl_command report_command;

struct report {
    const struct ctl_command *command;
    struct report_book book;
    int64_t since_ms, now_ms;
    double cost_bps;
    const char *folder; /* of the archive; NULL: Redis was asked */
    uint64_t gaps;      /* in what was read */
    bool has_prices;
    bool is_held_known; /* it was asked */
    struct held_look held;
    struct report_with with;
};

/* Where its records begin. */
struct stream_id report_since(const struct report *report);

/* --- what is read; negative: it went wrong, which was told */

int report_read_redis(struct report *report, const struct invocation *invocation,
                      const struct ask *ask) __attribute__((warn_unused_result));
int report_read_archive(struct report *report) __attribute__((warn_unused_result));

/* --- what is said; the exit status */

int report_print_text(const struct report *report);
int report_print_json(const struct report *report);

/* Into a file of its own, with nothing from elsewhere. */
int report_save_page(const struct report *report, const char *path);

/* --- words that they share */

/* "Does rank 1 beat rank 2?" and "yes", "no, it is worse"; with a doubt its words. */
const char *report_question(enum report_question question);
const char *report_verdict(enum report_question question, const struct answer *answer);
const char *report_veto_verdict(const struct answer *answer);
const char *report_question_name(enum report_question question);

/* "1 min", "5 min", "15 min". */
const char *report_horizon(size_t horizon);
