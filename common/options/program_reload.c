/* SPDX-License-Identifier: MIT */
#include "common/options/program_reload.h"

#include <errno.h>

static void check(const struct program *program, struct options *options,
                  struct complaints *complaints)
{
    if (program->check != NULL)
        program->check(options, complaints);
}

static void read_again(const struct program *program, const struct options *running,
                       struct options *fresh, struct complaints *complaints)
{
    const char *path = running->file != NULL ? running->file : program_usual_config(program);
    if (path != NULL)
        options_read_file(fresh, path, complaints);
    options_inherit(fresh, running);
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
                 fresh->file != NULL ? fresh->file : "configuration");
}

int program_reload(const struct program *program, const struct options *running,
                   struct options *fresh, struct complaints *complaints,
                   struct option_changes *ret_changes)
{
    struct option_changes changes;
    read_again(program, running, fresh, complaints);
    if (complaints->count > 0)
        return -EINVAL;
    options_compare(running, fresh, &changes);
    settle(program, running, fresh, complaints);
    if (complaints->count > 0) {
        option_changes_free(&changes);
        return -EINVAL;
    }
    *ret_changes = changes;
    return 0;
}
