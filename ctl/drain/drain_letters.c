/* SPDX-License-Identifier: MIT */
#include "ctl/drain/drain_letters.h"

#include <string.h>

#include "ctl/frame/command.h"

#define NO_FILE "/dev/null"

/* Not where no letter is written in any case. Without a file all names are the usual ones, whatever
 * the variables say. */
static bool matters(const struct drain_letters *letters, const char *config, bool is_from_start)
{
    bool is_known = options_is_sound(&letters->executor.options, "keys.intents");

    if (is_from_start || strcmp(config, NO_FILE) == 0)
        return false;
    return letters->are_written || !is_known;
}

int drain_letters_read(struct drain_letters *letters, const struct router_settings *router,
                       const char *config, const char *drained, bool is_from_start)
{
    const struct executor_settings *executor = &letters->executor.settings;
    struct complaints complaints = {0};
    int result = 0;

    executor_configuration_read(&letters->executor, router, config, &complaints);
    letters->stream = executor->keys.letters;
    letters->maxlen = executor->letters_maxlen;
    letters->are_written = !is_from_start && strcmp(drained, executor->keys.intents) == 0;
    if (complaints.count > 0 && matters(letters, config, is_from_start)) {
        complain(&complaints, "these are of the executor, whose intents and dead letters a drain "
                              "must know; --executor-config=" NO_FILE " takes the usual names");
        complaints_print(&complaints, CTL_NAME " drain");
        result = -1;
    }
    complaints_free(&complaints);
    return result;
}

bool drain_letters_take(const struct drain_letters *letters, enum drain_action action, bool is_gone)
{
    return letters->are_written && action == DRAIN_INVALID && !is_gone;
}

void drain_letters_release(struct drain_letters *letters)
{
    executor_configuration_release(&letters->executor);
}
