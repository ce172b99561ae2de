/* SPDX-License-Identifier: MIT */
#include "common/options/program_reload.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/options/options_file.h"

static bool is_from_outside(const struct option_origin *origin)
{
    return origin->source == FROM_ENV || origin->source == FROM_FLAG;
}

/* Gives the row a text that it has had before, and so takes. */
static void retake(struct options *options, size_t index, const char *text)
{
    struct complaints complaints = {0};
    struct option_target target = options_target(options, index, "", &complaints);
    bool taken = option_take_text(&target, text);

    assert(taken);
    (void)taken;
    complaints_free(&complaints);
}

/* The file's own text stays what the fresh file says. */
static void take_over(struct options *fresh, size_t index, const struct option_origin *origin)
{
    char *file_text = memory_text(fresh->origins[index].file_text);

    retake(fresh, index, origin->text);
    options_note(fresh, index, origin->source, origin->place);
    option_text_replace(&fresh->origins[index].file_text, file_text);
    free(file_text);
}

/* Takes the values over that the running options have from the environment and from flags. */
static void inherit(struct options *fresh, const struct options *running)
{
    assert(fresh->table == running->table);
    for (size_t i = 0; i < running->row_count; i++) {
        if (is_from_outside(&running->origins[i]))
            take_over(fresh, i, &running->origins[i]);
    }
}

static void add(struct option_changes *changes, struct option_change change)
{
    changes->list = memory_resize(changes->list, changes->count + 1, sizeof *changes->list);
    changes->list[changes->count++] = change;
}

static const char *place_of(const struct option_origin *origin)
{
    return origin->place ? origin->place : "default";
}

static void compare_row(const struct option_row *row, const struct option_origin *running,
                        const struct option_origin *fresh, struct option_changes *changes)
{
    bool is_hidden = is_from_outside(running);
    const char *before = is_hidden ? running->file_text : running->text;

    if (strcmp(before, fresh->file_text) == 0)
        return;
    enum option_fate fate = row->reloadable ? CHANGE_APPLIED : CHANGE_NEEDS_RESTART;
    add(changes, (struct option_change){
                     .row = row,
                     .fate = is_hidden ? CHANGE_HIDDEN : fate,
                     .before = option_mask(row, running->text),
                     .after = option_mask(row, fresh->file_text),
                     .place = memory_text(place_of(is_hidden ? running : fresh)),
                 });
}

/* What the fresh options, before options_keep(), have different. */
static void compare(const struct options *running, const struct options *fresh,
                    struct option_changes *ret_changes)
{
    assert(fresh->table == running->table);
    *ret_changes = (struct option_changes){0};
    const struct option_origin *origin;
    const struct option_row *row;
    for (size_t i = 0; (row = options_row(running, i, &origin)); i++)
        compare_row(row, origin, &fresh->origins[i], ret_changes);
}

/* A default that the file now spells out is still to be a default, for the checks ask. */
static bool is_kept(const struct option_row *row, const struct option_origin *running,
                    const struct option_origin *fresh)
{
    bool differs = running->source != fresh->source || strcmp(running->text, fresh->text) != 0;

    return !row->reloadable && differs;
}

void options_keep(struct options *fresh, const struct options *running)
{
    const struct option_origin *origin;
    const struct option_row *row;

    for (size_t i = 0; (row = options_row(running, i, &origin)); i++) {
        if (is_kept(row, origin, &fresh->origins[i]))
            take_over(fresh, i, origin);
        else
            retake(fresh, i, fresh->origins[i].text);
    }
}

static void check(const struct program *program, struct options *options,
                  struct complaints *complaints)
{
    if (program->check)
        program->check(options, complaints);
}

static void read_again(const struct program *program, const struct options *running,
                       struct options *fresh, struct complaints *complaints)
{
    const char *path = running->file ? running->file : program_usual_config(program);

    if (path)
        options_read_file(fresh, path, complaints);
    inherit(fresh, running);
    check(program, fresh, complaints);
}

/* The file is good by itself; what of it can be had now must be good, too. */
static void settle(const struct program *program, const struct options *running,
                   struct options *fresh, struct complaints *complaints)
{
    options_keep(fresh, running);
    check(program, fresh, complaints);
    if (complaints->count > 0)
        complain(complaints, "%s: contradicts values that stay until a restart; restart to use it",
                 fresh->file ? fresh->file : "configuration");
}

int program_reload(const struct program *program, const struct options *running,
                   struct options *fresh, struct complaints *complaints,
                   struct option_changes *ret_changes)
{
    struct option_changes changes;

    read_again(program, running, fresh, complaints);
    if (complaints->count > 0)
        return -EINVAL;
    compare(running, fresh, &changes);
    settle(program, running, fresh, complaints);
    if (complaints->count > 0) {
        option_changes_free(&changes);
        return -EINVAL;
    }
    *ret_changes = changes;
    return 0;
}

char *option_change_text(const struct option_change *change)
{
    const char *key = change->row->key;

    switch (change->fate) {
    case CHANGE_APPLIED:
        return memory_format("%s = %s (was %s), %s", key, change->after, change->before,
                             change->place);
    case CHANGE_NEEDS_RESTART:
        return memory_format("%s = %s needs a restart (%s stays), %s", key, change->after,
                             change->before, change->place);
    case CHANGE_HIDDEN:
        return memory_format("%s = %s is hidden by %s (%s stays)", key, change->after,
                             change->place, change->before);
    }
    abort();
}

void option_changes_free(struct option_changes *changes)
{
    for (size_t i = 0; i < changes->count; i++) {
        free(changes->list[i].before);
        free(changes->list[i].after);
        free(changes->list[i].place);
    }
    free(changes->list);
    *changes = (struct option_changes){0};
}
