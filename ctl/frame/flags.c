/* SPDX-License-Identifier: MIT */
#include "ctl/frame/flags.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/spelling.h"

struct reader {
    struct options *options;
    int argc;
    char **argv;
    int next;
    const struct flags_place *place;
    struct complaints *complaints;
};

static void add_word(struct names *words, char *word)
{
    words->list = memory_resize(words->list, words->count + 1, sizeof *words->list);
    words->list[words->count++] = word;
}

/* Closer to the word than options_nearest(), which also knows sections of a file. */
static const char *nearest(const struct options *options, const char *name)
{
    struct spelling_search search = spelling_search(name);
    const struct option_origin *origin;
    const struct option_row *row;
    const char *best = NULL;

    for (size_t i = 0; (row = options_row(options, i, &origin)) != NULL; i++)
        if (spelling_is_nearer(&search, row->key, strlen(row->key)))
            best = row->key;
    return best;
}

/* An option of the program. */
static bool is_for_the_front(const struct reader *reader, const char *name)
{
    static const char *const general[] = {"config", "log-level", "version"};

    for (size_t i = 0; i < sizeof general / sizeof *general; i++)
        if (strcmp(name, general[i]) == 0)
            return true;
    return options_has(reader->place->front, name);
}

static void refuse(const struct reader *reader, const char *name)
{
    const struct flags_place *place = reader->place;
    const char *near = nearest(reader->options, name);

    if (is_for_the_front(reader, name))
        complain(reader->complaints, "--%s goes in front of the command: %s --%s%s %s", name,
                 place->program, name, strcmp(name, "version") == 0 ? "" : "=…", place->command);
    else if (near)
        complain(reader->complaints, "--%s is not an option; did you mean --%s? (see %s %s --help)",
                 escaped(name).text, near, place->program, place->command);
    else
        complain(reader->complaints, "--%s is not an option (see %s %s --help)", escaped(name).text,
                 place->program, place->command);
}

static const struct option_row *row_of(const struct options *options, const char *name,
                                       const struct option_origin **ret_origin)
{
    const struct option_row *row;

    for (size_t i = 0; (row = options_row(options, i, ret_origin)) != NULL; i++)
        if (strcmp(row->key, name) == 0)
            return row;
    return NULL;
}

/* What the name means alone, or NULL. */
static const char *value_alone(const struct options *options, const char *name)
{
    const struct option_origin *origin;
    const struct option_row *row = row_of(options, name, &origin);

    return row ? row->alone : NULL;
}

/* Names that are given one by one add up. */
static void take(struct reader *reader, const char *name, const char *value)
{
    const struct option_origin *origin;
    const struct option_row *row = row_of(reader->options, name, &origin);
    char *all = NULL;

    if (row && row->type == OPTION_NAMES && origin->source == FROM_FLAG && origin->text)
        all = memory_format("%s,%s", origin->text, value);
    (void)options_read_flag(reader->options, name, all ? all : value, reader->complaints);
    free(all);
}

/* What follows "--name": "=value", or the next word where the name alone means nothing. */
static const char *value_of(struct reader *reader, const char *name, const char *rest)
{
    if (*rest == '=')
        return rest + 1;
    const char *alone = value_alone(reader->options, name);
    if (alone)
        return alone;
    return reader->next < reader->argc ? reader->argv[reader->next++] : NULL;
}

static void read_flag(struct reader *reader, const char *word)
{
    size_t length = strcspn(word + 2, "=");
    char *name = memory_bytes(word + 2, length);

    if (!options_has(reader->options, name)) {
        refuse(reader, name);
    } else {
        const char *value = value_of(reader, name, word + 2 + length);
        if (value)
            take(reader, name, value);
        else
            complain(reader->complaints, "--%s needs a value (see %s %s --help)", name,
                     reader->place->program, reader->place->command);
    }
    free(name);
}

static bool is_flag(const char *word)
{
    return word[0] == '-' && word[1] != '\0' && !strchr("0123456789.", word[1]);
}

void flags_read(struct options *options, const struct flags_place *place, int argc, char **argv,
                struct names *words, struct complaints *complaints)
{
    struct reader reader = {options, argc, argv, 0, place, complaints};

    while (reader.next < argc) {
        char *word = argv[reader.next++];
        if (strcmp(word, "--") == 0)
            break;
        if (!is_flag(word))
            add_word(words, word);
        else if (word[1] == '-')
            read_flag(&reader, word);
        else if (strcmp(word, "-v") == 0 && options_has(options, "verbose"))
            (void)options_read_flag(options, "verbose", "true", complaints);
        else
            complain(complaints, "%s is not an option (see %s %s --help)", escaped(word).text,
                     place->program, place->command);
    }
    while (reader.next < argc)
        add_word(words, argv[reader.next++]);
}
