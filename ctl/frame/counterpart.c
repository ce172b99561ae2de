/* SPDX-License-Identifier: MIT */
#include "ctl/frame/counterpart.h"

#include "common/options/program.h"

void counterpart_read(struct counterpart *counterpart, const struct router_settings *router,
                      const char *config, struct complaints *complaints)
{
    static const struct program executor = {.config_path = "/etc/quantum/executor.conf"};
    struct options *options = &counterpart->options;
    const char *path = *config ? config : program_usual_config(&executor);

    *counterpart = (struct counterpart){0};
    options_init(options, &executor_options, &counterpart->settings);
    if (path)
        options_read_file(options, path, complaints);
    options_read_env(options, complaints);
    if (!options_is_set(options, "prefix"))
        (void)options_read_text(options, "prefix", FROM_DEFAULT, "the router's prefix",
                                router->keys.prefix, complaints);
    executor_settings_check(options, complaints);
}

void counterpart_release(struct counterpart *counterpart)
{
    executor_settings_release(&counterpart->settings);
    options_release(&counterpart->options);
}
