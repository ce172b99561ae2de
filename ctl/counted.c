/* SPDX-License-Identifier: MIT */
#include "ctl/counted.h"

#include <stdio.h>

struct counted counted(long long count, const char *one, const char *many)
{
    struct counted counted;

    (void)snprintf(counted.text, sizeof counted.text, "%lld %s", count, count == 1 ? one : many);
    return counted;
}
