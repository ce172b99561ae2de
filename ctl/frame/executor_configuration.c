/* SPDX-License-Identifier: MIT */
#include "ctl/frame/executor_configuration.h"

#include "common/options/options_file.h"
#include "common/options/program.h"

void executor_configuration_read(struct executor_configuration *configuration,
                                 const struct router_settings *router, const char *config,
                                 struct complaints *complaints)
{
    static const struct program executor = {.config_path = "/etc/quantum/executor.conf"};
    struct options *options = &configuration->options;
    const char *path = *config ? config : program_usual_config(&executor);

    *configuration = (struct executor_configuration){0};
    options_init(options, &executor_options, &configuration->settings);
    if (path)
        options_read_file(options, path, complaints);
    options_read_env(options, complaints);
    if (!options_is_set(options, "prefix"))
        (void)options_read_text(options, "prefix", FROM_DEFAULT, "the router's prefix",
                                router->keys.prefix, complaints);
    executor_settings_check(options, complaints);
}

void executor_configuration_release(struct executor_configuration *configuration)
{
    executor_settings_release(&configuration->settings);
    options_release(&configuration->options);
}
