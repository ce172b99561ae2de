/* SPDX-License-Identifier: MIT */
#include "ctl/drain/drain_dead_letters.h"

#include <string.h>

#include "ctl/frame/command.h"

#define NO_FILE "/dev/null"

/* The executor's settings do not matter from the start, where no dead letter is written, and not
 * without a file, where all names are the usual ones. */
static bool matters(const struct drain_dead_letters *dead_letters, const char *config,
                    bool is_from_start)
{
    bool is_known = options_is_sound(&dead_letters->executor.options, "keys.intents");

    if (is_from_start || strcmp(config, NO_FILE) == 0)
        return false;
    return dead_letters->are_written || !is_known;
}

int drain_dead_letters_read(struct drain_dead_letters *dead_letters,
                            const struct router_settings *router, const char *config,
                            const char *drained, bool is_from_start)
{
    const struct executor_settings *executor = &dead_letters->executor.settings;
    struct complaints complaints = {0};
    int result = 0;

    executor_configuration_read(&dead_letters->executor, router, config, &complaints);
    dead_letters->stream = executor->keys.dead_letters;
    dead_letters->maxlen = executor->dead_letters_maxlen;
    dead_letters->are_written = !is_from_start && strcmp(drained, executor->keys.intents) == 0;
    if (complaints.count > 0 && matters(dead_letters, config, is_from_start)) {
        complain(&complaints, "these are of the executor, whose intents and dead letters a drain "
                              "must know; --executor-config=" NO_FILE " takes the usual names");
        complaints_print(&complaints, CTL_NAME " drain");
        result = -1;
    }
    complaints_free(&complaints);
    return result;
}

bool drain_dead_letters_want(const struct drain_dead_letters *dead_letters,
                             enum drain_action action, bool is_gone)
{
    return dead_letters->are_written && action == DRAIN_INVALID && !is_gone;
}

void drain_dead_letters_release(struct drain_dead_letters *dead_letters)
{
    executor_configuration_release(&dead_letters->executor);
}
