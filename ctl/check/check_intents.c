/* SPDX-License-Identifier: MIT */
/* quantumctl check intents: documents, as payloads of entries of the intent stream. */
#include <stdlib.h>
#include <string.h>

#include "common/options/program.h"
#include "ctl/check/input.h"
#include "ctl/check/proof.h"

static void take(void *owner, const char *place, const char *text, size_t length)
{
    const struct entry entry = {.count = 1,
                                .fields = {{"payload", strlen("payload"), text, length}}};

    proof_take_intent(owner, place, &entry);
}

int check_intents(const struct invocation *invocation)
{
    size_t length;
    char *text = input_read(invocation->command, invocation->words->list[1], &length);
    struct proof proof;

    if (!text)
        return EXIT_FAILED;
    proof_open(&proof, invocation->command, "the executor");
    input_split(text, length, take, &proof);
    int status = proof_conclude(&proof, invocation->values);
    proof_close(&proof);
    free(text);
    return status;
}
