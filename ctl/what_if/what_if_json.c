/* SPDX-License-Identifier: MIT */
#include "ctl/what_if/what_if.h"

#include <math.h>

#include "common/base/escape.h"
#include "common/base/number.h"
#include "ctl/frame/document.h"
#include "ctl/past/answer_json.h"

static json_t *count_of(uint64_t count)
{
    return json_integer((json_int_t)count);
}

static json_t *outcome_json(const struct what_if_answer *answer, enum trade_outcome outcome)
{
    const uint64_t *of = answer->of[outcome];

    return json_pack("{s:o, s:o, s:o}", "both", count_of(of[WHAT_IF_BOTH]), "only_live",
                     count_of(of[WHAT_IF_ONLY_LIVE]), "only_variant",
                     count_of(of[WHAT_IF_ONLY_VARIANT]));
}

static json_t *measure_json(const struct what_if_answer *answer, enum what_if_measure measure)
{
    static const enum trade_outcome outcomes[] = {TRADE_REAL, TRADE_ESTIMATED};
    const struct what_if_figure *figure = &answer->figures[measure];
    json_t *object = outcome_json(answer, outcomes[measure]);

    document_put(object, "verdict", json_string(what_if_verdict(&figure->better)));
    document_put(object, "better_bps", answer_json(&figure->better));
    document_put(object, "profit_bps", answer_json(&figure->profit));
    document_put(object, "live_bps", answer_json(&figure->live));
    document_put(object, "hit_rate", answer_json(&figure->hits));
    document_put(object, "overlapping", count_of(figure->overlapping));
    return object;
}

static void put_variant(json_t *object, const struct what_if *what_if, size_t variant)
{
    const struct what_if_answer *answer = &what_if->answers[variant];
    const char *approximate = what_if_approximate(what_if, variant);
    uint64_t both = what_if_part_sum(answer, WHAT_IF_BOTH);

    document_put(object, "coverage", json_real(number_round(answer->coverage, 4)));
    document_put(object, "decided", count_of(answer->decided));
    document_put(object, "open_loop", json_string(what_if_open_loop(what_if, variant)));
    document_put(object, "approximate", approximate ? json_string(approximate) : json_null());
    document_put(object, "published_live",
                 count_of(both + what_if_part_sum(answer, WHAT_IF_ONLY_LIVE)));
    document_put(object, "published_variant",
                 count_of(both + what_if_part_sum(answer, WHAT_IF_ONLY_VARIANT)));
    document_put(object, "real", measure_json(answer, WHAT_IF_REAL));
    document_put(object, "estimated", measure_json(answer, WHAT_IF_ESTIMATED));
    document_put(object, "unknown", outcome_json(answer, TRADE_UNKNOWN));
}

/* One alone stands on the document itself. */
static void put_variants(json_t *document, const struct what_if *what_if)
{
    bool is_alone = what_if->variants.count == 1;
    json_t *list = json_array();
    double least = 1;

    for (size_t i = 0; i < what_if->variants.count; i++) {
        const struct what_if_answer *answer = &what_if->answers[i];
        json_t *object = json_pack("{s:s}", "policy", escaped(what_if->variants.list[i].name).text);
        put_variant(object, what_if, i);
        least = fmin(least, answer->coverage);
        if (is_alone)
            (void)json_object_update(document, object);
        (void)json_array_append_new(list, object);
    }
    document_put(document, "coverage", json_real(number_round(least, 4)));
    if (is_alone)
        json_decref(list);
    else
        document_put(document, "variants", list);
}

void what_if_put_json(json_t *object, const struct what_if *what_if, const struct replay_run *run)
{
    put_variants(object, what_if);
    document_put(object, "windows", count_of(what_if->book.windows));
    document_put(object, "cut_short", count_of(run->of[AGAIN_CUT_SHORT]));
    document_put(object, "not_comparable", count_of(run->of[AGAIN_NOT_COMPARABLE]));
    document_put(object, "differ", count_of(run->of[AGAIN_DIFFERS]));
    document_put(object, "chain", json_string(record_chain_name(&run->chain)));
    document_put(object, "cost_bps", json_real(what_if->cost_bps));
    document_put(object, "seed", json_integer(STATISTICS_SEED));
    document_put(object, "draws", json_integer(STATISTICS_DRAWS));
    document_put(object, "interrupted", json_boolean(run->is_interrupted));
}
