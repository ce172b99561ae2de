/* SPDX-License-Identifier: MIT */
/*
 * A signal that no record has: whether it still waits, and else judged again from its entry, by the
 * settings of the record that came after it. Or an id of another stream. Part of an explanation.
 */
#pragma once

#include "ctl/past/record_rules.h"
#include "ctl/why/explanation.h"

/* The first record that was made after a signal came, which counts what was dropped before it. */
struct explanation_next {
    bool is_there;
    struct stream_id record;
    int64_t at_ms;
    char settings[SHA256_TEXT_MAX];
    struct tally drops;
    size_t rows_left;
};

/* Keeps what is needed of it, where it is the one. */
void explanation_next_note(struct explanation_next *next, const struct recorded *recorded,
                           const struct stream_id *signal_id);

struct explanation_entry {
    const struct record_place *place;
    const struct explanation_keys *keys;
    const struct explanation_question *question;
    struct stream_id id;
    struct records *source;
    struct record_rules *rules;
    const struct explanation_next *next;
};

/* 0; 1: it is no signal, or nothing can be said of it, and `*ret_why` says why, to be freed, or is
 * NULL: nobody knows the id; negative: it went wrong, which was told. */
int explanation_entry_find(const struct explanation_entry *entry,
                           struct explanation *ret_explanation, char **ret_why)
    __attribute__((warn_unused_result));
