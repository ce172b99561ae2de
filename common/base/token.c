/* SPDX-License-Identifier: MIT */
#include "common/base/token.h"

#include <assert.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>

void token_draw(char ret_token[static TOKEN_MAX])
{
    uint64_t bits[2];
    ssize_t drawn = getrandom(bits, sizeof bits, 0);

    assert(drawn == (ssize_t)sizeof bits && "so few bytes come whole, once the system is up");
    (void)drawn;
    (void)snprintf(ret_token, TOKEN_MAX, "%016" PRIx64 "%016" PRIx64, bits[0], bits[1]);
}
