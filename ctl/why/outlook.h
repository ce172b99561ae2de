/* SPDX-License-Identifier: MIT */
/*
 * What the router would do with a signal, in words for people and as a document for programs, and
 * what the executor would make of an intent. It is asked of their own readers, of the router's with
 * its configuration. An outlook is its holder's until outlook_release().
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "common/base/entry.h"
#include "common/trade/rule.h"
#include "router/decide/inner_ids.h"
#include "router/settings/settings.h"

struct outlook_rules {
    struct signal_rules signal;
    struct score_rules score;
    bool carries_quantity;
    bool is_of_form; /* neither age, confidence nor the list of symbols matters */
};

struct outlook_rules outlook_rules(const struct router_settings *settings, bool is_of_form);

struct outlook {
    bool is_good;      /* it would be taken; of the form alone: understood */
    const char *field; /* what speaks against it: "confidence"; "-": nothing, or all of it */
    char *words;       /* "the router would drop it: confidence 0.68 is below 0.75" */
    json_t *notes;     /* of one that is taken: what may surprise, a list of texts */
    json_t *document;
};

/* `ids` are those inside the documents before it, NULL where none matters; `now_ms` is the time by
 * which its age is counted. */
struct outlook outlook_of(const struct outlook_rules *rules, const struct entry *entry,
                          struct inner_ids *ids, int64_t now_ms);
void outlook_release(struct outlook *outlook);

/* "the executor would read BTCUSDT BUY $130.00 from it", whatever its age; the caller frees it.
 * `ret_rule` is the rule that it breaks for the executor. */
char *outlook_of_intent(const struct entry *entry, enum rule *ret_rule);
