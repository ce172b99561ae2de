/* SPDX-License-Identifier: MIT */
/*
 * A trade intent: what the router publishes and the executor acts on, and its JSON form.
 *
 * A plain struct, all of it by value but `carried`, of which it holds a reference until
 * intent_release(). Pure.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/trade/signal.h"

#define INTENT_VERSION      1
#define INTENT_SOURCE       "ai_strategy_router"
#define INTENT_CYCLE_ID_MAX 64

struct intent {
    char symbol[SYMBOL_MAX + 1];
    enum side side;
    double confidence;
    double score;
    unsigned rank;
    double position_size_usd; /* boosted */
    double base_size_usd;
    double size_boost; /* the factor really applied */
    double leverage;
    int64_t timestamp_ms;
    struct stream_id signal_id;
    char decision_id[DECISION_ID_MAX + 1];
    char signal_timestamp[SIGNAL_TEXT_MAX + 1]; /* empty: the signal had none */
    char signal_source[SIGNAL_TEXT_MAX + 1];    /* the same */
    char cycle_id[INTENT_CYCLE_ID_MAX + 1];
    json_t *carried; /* an object */
};

/* The JSON text; the caller frees it. */
char *intent_write(const struct intent *intent);

void intent_release(struct intent *intent);

/* Whether no signal may carry a field of this name: the router itself writes it, or it says which
 * way an intent points. */
bool intent_reserves(const char *name);
