/* SPDX-License-Identifier: MIT */
#include "ctl/past/answer_json.h"

#include "common/base/number.h"

json_t *answer_number(double value, bool is_known)
{
    return is_known ? json_real(number_round(value, 4)) : json_null();
}

json_t *answer_json(const struct answer *answer)
{
    return json_pack("{s:b, s:s, s:o, s:o, s:o, s:[I, I], s:I, s:f}", "distinguishable",
                     answer->doubt == DOUBT_NONE, "doubt", doubt_words(answer->doubt), "value",
                     answer_number(answer->value, answer->is_known), "low",
                     answer_number(answer->low, answer->has_interval), "high",
                     answer_number(answer->high, answer->has_interval), "trades",
                     (json_int_t)answer->trades[0], (json_int_t)answer->trades[1], "days",
                     (json_int_t)answer->days, "coverage", number_round(answer->coverage, 4));
}
