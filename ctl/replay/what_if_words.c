/* SPDX-License-Identifier: MIT */
#include "ctl/replay/what_if.h"

const char what_if_open_loop[] =
    "windows are as recorded: what it would have done to later open orders is not followed";

const char *what_if_verdict(const struct answer *answer)
{
    if (answer->doubt != DOUBT_NONE)
        return doubt_words(answer->doubt);
    return answer->value > 0 ? "better" : "worse";
}
