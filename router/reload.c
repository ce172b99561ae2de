/* SPDX-License-Identifier: MIT */
#include "router/reload.h"

#include <stdlib.h>

#include "common/base/log.h"
#include "common/base/memory.h"
#include "common/base/program_reload.h"

struct configuration {
    struct router_settings settings;
    struct options options;
};

static void free_configuration(struct configuration *configuration)
{
    if (!configuration)
        return;
    router_settings_release(&configuration->settings);
    options_release(&configuration->options);
    free(configuration);
}

static void tell_changes(const struct option_changes *changes)
{
    for (size_t i = 0; i < changes->count; i++) {
        bool applied = changes->list[i].fate == CHANGE_APPLIED;
        char *text = option_change_text(&changes->list[i]);
        log_event(applied ? LEVEL_INFO : LEVEL_WARN, applied ? "🔄" : "🟠", "CONFIG_CHANGE", "%s",
                  text);
        free(text);
    }
    log_event(LEVEL_INFO, "🔄", "CONFIG_RELOADED", "what changed takes effect at the next window");
}

static void tell_refusal(const struct complaints *complaints)
{
    for (size_t i = 0; i < complaints->count; i++)
        log_event(LEVEL_ERROR, "🔴", "CONFIG_REJECTED", "%s → the running configuration stays",
                  complaints->lines[i]);
}

const struct router_settings *reload_read(struct reload *reload)
{
    struct configuration *fresh = memory_new(sizeof *fresh);
    struct complaints complaints = {0};
    struct option_changes changes = {0};

    options_init(&fresh->options, &router_options, &fresh->settings);
    int refused =
        program_reload(reload->program, reload->running ? &reload->running->options : reload->first,
                       &fresh->options, &complaints, &changes);
    if (refused) {
        tell_refusal(&complaints);
        free_configuration(fresh);
        fresh = NULL;
    } else {
        tell_changes(&changes);
        free_configuration(reload->running);
        reload->running = fresh;
    }
    option_changes_free(&changes);
    complaints_free(&complaints);
    return fresh ? &fresh->settings : NULL;
}

void reload_deinit(struct reload *reload)
{
    free_configuration(reload->running);
    reload->running = NULL;
}
