/* SPDX-License-Identifier: MIT */
#include "common/redis/halts.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"

const struct option_row halt_option_rows[] = {
    {.key = "safety.also",
     .type = OPTION_NAMES,
     .offset = offsetof(struct halts, also),
     .max = HALTS_MAX,
     .fallback = "",
     .help = "further keys that halt, by their full names: KEY, while it exists, or KEY=VALUE, "
             "while it is a string of this value"},
};

static_assert(sizeof halt_option_rows / sizeof *halt_option_rows == HALT_OPTION_COUNT,
              "the count is in the header");

static size_t key_length(const char *word)
{
    return strcspn(word, "=");
}

const char *halts_value(const char *word)
{
    const char *value = word + key_length(word);

    return *value ? value + 1 : NULL;
}

static void check_slot(const char *word, const struct guides *guides, const struct options *options,
                       struct complaints *complaints)
{
    char *key = memory_bytes(word, key_length(word));
    char *complaint = key_slot_complaint(guides, key);

    if (complaint)
        options_complain_between(options, OPTION_KEYS("safety.also", "redis.nodes"), complaints,
                                 "%s", complaint);
    free(complaint);
    free(key);
}

void halts_check(const struct halts *halts, const struct guides *guides,
                 const struct options *options, struct complaints *complaints)
{
    for (size_t i = 0; i < halts->also.count; i++) {
        const char *word = halts->also.list[i], *value = halts_value(word);
        if (key_length(word) == 0 || key_length(word) > KEY_MAX)
            options_complain(options, "safety.also", complaints,
                             "names '%s', whose key is not of 1 to %d bytes", escaped(word).text,
                             KEY_MAX);
        else if (value && !*value)
            options_complain(options, "safety.also", complaints,
                             "names '%s' without a value; leave the '=' out, and it halts while "
                             "it exists",
                             escaped(word).text);
        else
            check_slot(word, guides, options, complaints);
    }
}

void halts_add_keys(const struct halts *halts, struct command *command)
{
    for (size_t i = 0; i < halts->also.count; i++)
        command_add_bytes(command, halts->also.list[i], key_length(halts->also.list[i]));
}

void halts_add_words(const struct halts *halts, struct command *command)
{
    char *words = names_join(&halts->also, ",");

    command_add(command, words);
    free(words);
}

void halts_key(const struct halts *halts, size_t number, const char *safe_mode,
               char ret_key[static KEY_MAX + 1])
{
    bool is_also = number > 0 && number <= halts->also.count;
    const char *word = is_also ? halts->also.list[number - 1] : safe_mode;

    (void)snprintf(ret_key, KEY_MAX + 1, "%.*s", is_also ? (int)key_length(word) : KEY_MAX, word);
}
