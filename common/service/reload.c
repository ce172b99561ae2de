/* SPDX-License-Identifier: MIT */
#include "common/service/reload.h"

#include <stdlib.h>

#include "common/base/memory.h"
#include "common/log/log.h"
#include "common/options/program_reload.h"
#include "common/service/service_report.h"

struct configuration {
    const struct reload_source *source;
    void *settings;
    struct options options;
};

static struct configuration *new_configuration(const struct reload_source *source)
{
    struct configuration *configuration = memory_new(sizeof *configuration);

    configuration->source = source;
    configuration->settings = memory_new(source->settings_size);
    options_init(&configuration->options, source->table, configuration->settings);
    return configuration;
}

static void free_configuration(struct configuration *configuration)
{
    if (!configuration)
        return;
    configuration->source->release(configuration->settings);
    options_release(&configuration->options);
    free(configuration->settings);
    free(configuration);
}

static void tell_changes(const struct option_changes *changes, const char *when)
{
    for (size_t i = 0; i < changes->count; i++) {
        bool applied = changes->list[i].fate == CHANGE_APPLIED;
        char *text = option_change_text(&changes->list[i]);
        log_event(applied ? LEVEL_INFO : LEVEL_WARN, applied ? "🔄" : "🟠", "CONFIG_CHANGE", "%s",
                  text);
        free(text);
    }
    log_event(LEVEL_INFO, "🔄", "CONFIG_RELOADED", "what changed takes effect %s", when);
}

/* As at the start: what is odd now may not have been so before. */
static void tell_warnings(const struct configuration *fresh)
{
    struct complaints warnings = {0};

    if (fresh->source->program->warn)
        fresh->source->program->warn(&fresh->options, &warnings);
    service_report_config_warnings(&warnings);
}

static void tell_refusal(const struct complaints *complaints)
{
    for (size_t i = 0; i < complaints->count; i++)
        log_event(LEVEL_ERROR, "🔴", "CONFIG_REJECTED", "%s → the running configuration stays",
                  complaints->lines[i]);
}

const void *reload_read(struct reload *reload)
{
    struct configuration *fresh = new_configuration(reload->source);
    struct complaints complaints = {0};
    struct option_changes changes = {0};

    int refused = program_reload(reload->source->program,
                                 reload->running ? &reload->running->options : reload->first,
                                 &fresh->options, &complaints, &changes);
    if (refused) {
        tell_refusal(&complaints);
        free_configuration(fresh);
        fresh = NULL;
    } else {
        tell_changes(&changes, reload->source->when);
        tell_warnings(fresh);
        free_configuration(reload->running);
        reload->running = fresh;
    }
    option_changes_free(&changes);
    complaints_free(&complaints);
    return fresh ? fresh->settings : NULL;
}

void reload_deinit(struct reload *reload)
{
    free_configuration(reload->running);
    reload->running = NULL;
}
