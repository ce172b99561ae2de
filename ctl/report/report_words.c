/* SPDX-License-Identifier: MIT */
#include "ctl/report/report.h"

static const struct {
    const char *name, *question, *above, *below;
} questions[] = {
    [QUESTION_RANKS] = {"ranks", "Does rank 1 beat rank 2?", "yes", "no, it is worse"},
    [QUESTION_BOOSTS] = {"boosts", "Did the boosts pay, per dollar?", "yes", "no, they cost"},
    [QUESTION_CONFIDENCE] = {"confidence", "Is the stated confidence right?", "no, it is too low",
                             "no, it is too high"},
};

const char *report_question(enum report_question question)
{
    return questions[question].question;
}

const char *report_question_name(enum report_question question)
{
    return questions[question].name;
}

const char *report_verdict(enum report_question question, const struct answer *answer)
{
    if (answer->doubt != DOUBT_NONE)
        return doubt_words(answer->doubt);
    return answer->value > 0 ? questions[question].above : questions[question].below;
}

const char *report_horizon(size_t horizon)
{
    static const char *const names[ESTIMATE_HORIZONS] = {"1 min", "5 min", "15 min"};

    return names[horizon];
}

const char *report_veto_verdict(const struct answer *answer)
{
    if (answer->doubt == DOUBT_ZERO)
        return "not distinguishable";
    if (answer->doubt != DOUBT_NONE)
        return doubt_words(answer->doubt);
    return answer->value > 0 ? "it helped" : "it cost";
}
