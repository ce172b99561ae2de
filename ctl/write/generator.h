/* SPDX-License-Identifier: MIT */
/*
 * Plausible signals, as an AI engine sends them on a busy day: mixed confidences, some that nobody
 * can read, some decisions sent twice.
 *
 * The same seed gives the same signals, their correlation ids included; only `timestamp` is the
 * caller's. Prices move from decision to decision, and a signal names that of its own. About a
 * third have a confidence of 0.75 or more, one in sixteen of 0.90 or more; 3 in 100 are invalid,
 * and as many repeat an earlier decision that a router may have published. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl/write/draft.h"

enum {
    GENERATOR_KEPT_MAX = 64,  /* decisions that may be repeated */
    GENERATOR_TEXTS_MAX = 16, /* values of one signal that are printed */
    GENERATOR_TEXT_ROOM = 40, /* room for one of them */
};

struct generated {
    double confidence; /* where it is valid */
    bool is_invalid;
    bool is_repeat;
};

/* What a symbol costs, printed as signals print it. */
struct generated_price {
    const char *symbol;
    char text[GENERATOR_TEXT_ROOM];
};

struct generator {
    uint64_t key;     /* one for each seed */
    uint64_t decided; /* decisions so far, and the number of the next one */
    uint64_t drawn;   /* signals so far */
    uint64_t chance;  /* while a decision is made */
    uint64_t kept[GENERATOR_KEPT_MAX];
    size_t kept_count;
    struct draft draft; /* the last signal */
    char texts[GENERATOR_TEXTS_MAX][GENERATOR_TEXT_ROOM];
    size_t text_count;
};

void generator_init(struct generator *generator, uint64_t seed);
void generator_deinit(struct generator *generator);

/* Makes the next signal, which lies in `draft` until the next call. `moment_ms` is when it was
 * made. */
struct generated generator_next(struct generator *generator, int64_t moment_ms);

/* What the symbol of this index costs at the next decision. False: there are no more symbols. */
bool generator_price(const struct generator *generator, size_t index,
                     struct generated_price *ret_price);
