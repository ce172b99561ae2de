/* SPDX-License-Identifier: MIT */
#include "ctl/past/record_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"

/* Settings change a few times a day at most. */
enum { KNOWN_MAX = 64 };

struct known_rules {
    char digest[SHA256_TEXT_MAX];
    struct decisive_settings *settings; /* NULL: `why` not */
    char why[DECISIVE_WHY_MAX];
};

static void forget(struct known_rules *known)
{
    if (known->settings)
        decisive_settings_release(known->settings);
    free(known->settings);
}

/* The one asked for longest ago goes. */
static struct known_rules *make_room(struct record_rules *rules)
{
    if (!rules->list)
        rules->list = memory_array(KNOWN_MAX, sizeof *rules->list);
    if (rules->count == KNOWN_MAX) {
        forget(&rules->list[0]);
        memmove(rules->list, rules->list + 1, (KNOWN_MAX - 1) * sizeof *rules->list);
        rules->count--;
    }
    rules->list[rules->count] = (struct known_rules){0};
    return &rules->list[rules->count++];
}

static struct known_rules *look_up(struct record_rules *rules, const char *digest)
{
    for (size_t i = rules->count; i > 0; i--)
        if (strcmp(rules->list[i - 1].digest, digest) == 0)
            return &rules->list[i - 1];
    return NULL;
}

static void read_text(struct known_rules *known, const char *text, size_t length)
{
    struct decisive_settings *settings = memory_new(sizeof *settings);

    if (decisive_read(text, length, known->digest, settings, known->why))
        known->settings = settings;
    else
        free(settings);
}

static int learn(struct record_rules *rules, struct records *source, const char *digest,
                 struct known_rules **ret_known)
{
    size_t length = 0;
    char *text = NULL;
    int result = source->settings(source, digest, &text, &length);

    if (result < 0)
        return result;
    struct known_rules *known = make_room(rules);
    (void)snprintf(known->digest, sizeof known->digest, "%s", digest);
    if (result == 0)
        read_text(known, text, length);
    else
        (void)snprintf(known->why, sizeof known->why,
                       "the text of its settings, %.12s…, is missing", digest);
    free(text);
    *ret_known = known;
    return 0;
}

int record_rules_find(struct record_rules *rules, struct records *source, const char *digest,
                      const struct decisive_settings **ret_settings, const char **ret_why)
{
    struct known_rules *known = look_up(rules, digest);

    if (!known && learn(rules, source, digest, &known) < 0)
        return -1;
    *ret_settings = known->settings;
    *ret_why = known->why;
    return known->settings ? 0 : 1;
}

void record_rules_release(struct record_rules *rules)
{
    for (size_t i = 0; i < rules->count; i++)
        forget(&rules->list[i]);
    free(rules->list);
    *rules = (struct record_rules){0};
}
