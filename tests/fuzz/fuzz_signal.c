/* SPDX-License-Identifier: MIT */
/*
 * Signals in all three wire forms: the verdict, the rule and each field of the signal, compared
 * with the oracle; with the cheap test at the door, without it (explain_low), and with symbols that
 * are listed.
 */
#include <string.h>

#include "tests/fuzz/entry_input.h"
#include "tests/fuzz/oracle_signal.h"
#include "tests/fuzz/target.h"

static char first_name[] = "horizon", second_name[] = "weight";
static char *further[] = {first_name, second_name};
static const struct names carry = {further, 2};

static char first_symbol[] = "BTCUSDT", second_symbol[] = "ETHUSDT", third_symbol[] = "SOLUSDT";
static char *symbols[] = {first_symbol, second_symbol, third_symbol};
static const struct names only = {symbols, 3};

static bool same_bytes(const char *a, size_t a_length, const char *b, size_t b_length)
{
    return a_length == b_length && (!a == !b) && (!a || memcmp(a, b, a_length) == 0);
}

static bool same_text(const char *a, const char *b)
{
    return (!a == !b) && (!a || strcmp(a, b) == 0);
}

/* The same values, in the same order, of the same types: what is printed. */
static bool same_json(const json_t *a, const json_t *b)
{
    size_t flags = JSON_REAL_PRECISION(17);
    char *a_text = json_dumps(a, flags), *b_text = json_dumps(b, flags);
    bool same = a_text && b_text && strcmp(a_text, b_text) == 0;

    free(a_text);
    free(b_text);
    return same;
}

static void compare(const struct signal *read, const struct signal *expected)
{
    MUST(read->id.ms == expected->id.ms && read->id.sequence == expected->id.sequence);
    MUST(read->dated_ms == expected->dated_ms);
    MUST(strcmp(read->symbol, expected->symbol) == 0);
    MUST(read->side == expected->side);
    MUST(read->confidence == expected->confidence);
    MUST(read->position_size_usd == expected->position_size_usd);
    MUST(read->asked_usd == expected->asked_usd);
    MUST(read->leverage == expected->leverage);
    MUST(read->gate_passed == expected->gate_passed);
    MUST(read->regime_known == expected->regime_known);
    MUST(strcmp(read->decision_id, expected->decision_id) == 0);
    MUST(same_bytes(read->trace_id.bytes, read->trace_id.length, expected->trace_id.bytes,
                    expected->trace_id.length));
    MUST(same_bytes(read->correlation_id.bytes, read->correlation_id.length,
                    expected->correlation_id.bytes, expected->correlation_id.length));
    MUST(same_text(read->timestamp, expected->timestamp));
    MUST(same_text(read->source, expected->source));
    MUST(same_json(read->carried, expected->carried));
    MUST(read->weight >= sizeof *read);
}

static bool is_of_documents(enum rule rule)
{
    return rule == RULE_NOT_JSON || rule == RULE_TOO_DEEP || rule == RULE_DUPLICATE_KEY;
}

static bool is_expected(const struct signal_rules *rules, const struct signal_verdict *verdict,
                        const struct oracle_verdict *oracle)
{
    enum rule expected = oracle->verdict.rule;
    bool of_document = is_of_documents(expected);

    /* The cheap test may come before what only a parser sees. */
    if (of_document && !rules->explain_low && verdict->drop == DROP_LOW_CONFIDENCE)
        return true;
    if (verdict->drop != oracle->verdict.drop)
        return false;
    if (oracle->is_broken)
        return is_of_documents(verdict->rule);
    /* Of a key that is there twice the oracle sees one, and not how deep the other one was. */
    if (expected == RULE_DUPLICATE_KEY && verdict->rule == RULE_TOO_DEEP)
        return true;
    return verdict->drop != DROP_INVALID || verdict->rule == expected;
}

static void compare_verdicts(const struct signal_rules *rules, const struct signal_verdict *verdict,
                             const struct oracle_verdict *oracle)
{
    MUST(is_expected(rules, verdict, oracle));
    if (verdict->drop != DROP_LOW_CONFIDENCE || oracle->verdict.drop != DROP_LOW_CONFIDENCE)
        return;
    MUST(verdict->confidence == oracle->verdict.confidence);
    MUST(strcmp(verdict->symbol, rules->explain_low ? oracle->verdict.symbol : "?") == 0);
    MUST(strcmp(verdict->side, rules->explain_low ? oracle->verdict.side : "?") == 0);
}

static void check(const struct signal_rules *rules, const struct entry *entry)
{
    struct oracle_verdict oracle = oracle_signal(rules, entry, (int64_t)entry->id.ms + 5);
    struct signal_draft draft;
    struct signal_verdict verdict = signal_judge(rules, entry, (int64_t)entry->id.ms + 5, &draft);

    compare_verdicts(rules, &verdict, &oracle);
    if (verdict.drop == DROP_NONE) {
        struct signal *signal = signal_make(rules, &draft);
        compare(signal, oracle.signal);
        signal_free(signal);
    }
    signal_free(oracle.signal);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct signal_rules rules = {
        .min_confidence = 0.75,
        .max_position_usd = 10000,
        .default_position_usd = 100,
        .max_leverage = 125,
        .max_age_ms = 30000,
        .future_max_ms = 30000,
    };
    static struct entry_input input;

    if (!entry_input_read((const char *)bytes, length, &input))
        return -1; /* of no use in the corpus */
    input.entry.id = (struct stream_id){.ms = 1768824000000, .sequence = length};
    rules.carry = input.carries ? &carry : NULL;
    check(&rules, &input.entry);
    rules.explain_low = true;
    check(&rules, &input.entry);
    rules.only = &only;
    check(&rules, &input.entry);
    return 0;
}
