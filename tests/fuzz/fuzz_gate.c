/* SPDX-License-Identifier: MIT */
/*
 * The cheap test at the door: where it says that a document's confidence is surely low, jansson
 * reads the same confidence in it, or does not read it at all.
 */
#include <string.h>

#include "common/trade/gate.h"
#include "tests/fuzz/oracle_signal.h"
#include "tests/fuzz/target.h"

static void check(const struct entry *entry, double min_confidence)
{
    const struct signal_rules rules = {.min_confidence = min_confidence, .explain_low = true};
    double confidence;

    if (!gate_is_surely_low(entry, min_confidence, &confidence))
        return;
    MUST(confidence >= 0 && confidence < min_confidence);
    struct oracle_verdict oracle = oracle_signal(&rules, entry, 0);
    MUST(oracle.verdict.drop == DROP_INVALID || oracle.verdict.drop == DROP_LOW_CONFIDENCE);
    if (oracle.verdict.drop == DROP_LOW_CONFIDENCE)
        MUST(oracle.verdict.confidence == confidence);
    else
        MUST(oracle.is_broken || oracle.verdict.rule == RULE_DUPLICATE_KEY ||
             oracle.verdict.rule == RULE_TOO_DEEP);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct entry entry = {
        .count = 1,
        .fields = {{.name = "data",
                    .name_length = 4,
                    .value = (const char *)bytes,
                    .value_length = length}},
    };

    check(&entry, 0.75);
    check(&entry, 1.0);
    return 0;
}
