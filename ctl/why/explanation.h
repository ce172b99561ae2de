/* SPDX-License-Identifier: MIT */
/*
 * Why a signal met its fate: found in the records by what somebody knows of it, decided again, and
 * beside it who stood above it and what became of them. What no record holds is judged again from
 * its entry, while that exists, and says that it was. An archive answers as Redis does, but for
 * what waits or is pending, and the intents, which it has not.
 *
 * Lives until explanations_release(); texts from outside are as they came, and escaped by who
 * prints them, but for those that say so.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "ctl/past/record_search.h"
#include "ctl/past/result_look.h"
#include "ctl/why/decide/would_pass.h"
#include "executor/settings/executor_settings.h"
#include "router/decide/again.h"
#include "router/decide/record_words.h"
#include "router/settings/settings.h"

/* Whose entries they are. */
struct explanation_keys {
    const char *signals, *group, *intents, *results, *decisions, *settings;
};

struct explanation_keys explanation_keys_of(const struct router_settings *router,
                                            const struct executor_settings *executor);

/* What the word may be. */
struct explanation_question {
    const char *word;
    bool signal, intent, decision;          /* none of them: whatever it is, a symbol too */
    size_t most;                            /* of a symbol, the newest */
    const struct router_settings *settings; /* as they are now */
};

enum explanation_state {
    EXPLAINED_RECORDED, /* a record has it */
    EXPLAINED_DERIVED,  /* none has it: it was judged again from its entry */
    EXPLAINED_WAITING,  /* the router was not given it yet */
    EXPLAINED_PENDING,  /* it was read, and is not decided */
    EXPLAINED_UNREAD,   /* there is no group that reads the stream */
    EXPLAINED_UNTOLD,   /* it was settled, and nobody can say how */
};

/* A candidate of a window. */
struct explained_row {
    struct stream_id signal_id;
    char symbol[SYMBOL_MAX + 1];
    enum side side;
    double confidence, score;
    enum fate fate;
    unsigned rank;
    bool has_intent;
    struct intent_result result; /* with has_intent; its id is the intent's */
};

enum { EXPLAINED_ABOVE_MAX = 100, EXPLAINED_WORLD_MAX = 512, EXPLAINED_NOTE_MAX = 512 };

struct explanation {
    enum explanation_state state;
    struct explained_row own;
    bool has_terms; /* symbol, side, confidence and score are known */
    bool has_fate;
    int64_t at_ms; /* of the decision, or of what it is judged by */

    /* Of one that a record has. */
    struct stream_id record;
    char cycle_id[INTENT_CYCLE_ID_MAX + 1];
    char decision_id[DECISION_ID_MAX + 1];
    size_t row;        /* in the window, from 0 */
    size_t of;         /* so many contended for a place */
    size_t candidates; /* in the window */
    int64_t allowed;
    enum capacity_state capacity;
    bool has_cut;
    double cut; /* the lowest score that was published */
    char world[EXPLAINED_WORLD_MAX];
    struct explained_row *above; /* by rank: the published, and the nearest of the others */
    size_t above_count;
    size_t above_left; /* that are left out */
    struct again replayed;
    bool has_settings; /* of that time */
    struct plan_rules rules;
    struct would_pass would;

    char note[EXPLAINED_NOTE_MAX]; /* what else is to be said of it; escaped */
};

struct explanations {
    struct explanation *list; /* the newest first */
    size_t count;
    char *not_found; /* why there is none; owned */
};

/* 0; 1: it is not found, and `not_found` says why; negative: it went wrong, which was told. The
 * place needs no texts. */
int explanations_find(const struct record_place *place, const struct explanation_keys *keys,
                      const struct explanation_question *question,
                      struct explanations *ret_explanations) __attribute__((warn_unused_result));
void explanations_release(struct explanations *explanations);

/* The document that explain prints: of one its members, of several `explanations`. A new reference.
 */
json_t *explanations_json(const struct explanations *explanations);

/* The world that it was decided on, in the record's words; and a count in it by its name, -1: it
 * has none. */
struct recorded_text explanation_words(const struct explanation *explanation);
int64_t explanation_world(const struct explanation *explanation, const char *name);

/* Whether it was not known what is held. */
bool explanation_held_is_unknown(const struct explanation *explanation);

/* "published", "outranked", or what is known instead: "waiting", "pending", "unread", "unknown". */
const char *explanation_fate(const struct explanation *explanation);
