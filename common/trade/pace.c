/* SPDX-License-Identifier: MIT */
#include "common/trade/pace.h"

#include "common/base/number.h"

double pace_per_minute(int64_t count, double seconds)
{
    return number_round((double)count * 60.0 / seconds, 2);
}
