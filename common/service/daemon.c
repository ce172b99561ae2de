/* SPDX-License-Identifier: MIT */
#include "common/service/daemon.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/memory.h"
#include "common/base/output.h"
#include "common/log/log.h"
#include "common/options/program_reload.h"
#include "common/service/libraries.h"
#include "common/service/service_report.h"

enum { STOP_SIGNALS = 2 };

static const int stop_signals[STOP_SIGNALS] = {SIGTERM, SIGINT};

struct configuration {
    const struct daemon_service *service;
    void *settings;
    struct options options;
};

/* What was there at the start stays for the life of the program: keys and addresses are not
 * reloaded, and others hold on to them. What a reload brought is kept until the next one, which is
 * compared with it. */
struct daemon {
    const struct daemon_service *service;
    const struct configuration *first;
    struct configuration *reloaded; /* NULL: not yet */
    uv_loop_t loop;
    uv_signal_t stop[STOP_SIGNALS];
    uv_signal_t hangup;
};

static struct configuration *new_configuration(const struct daemon_service *service)
{
    struct configuration *configuration = memory_new(sizeof *configuration);

    configuration->service = service;
    configuration->settings = memory_new(service->settings_size);
    options_init(&configuration->options, service->table, configuration->settings);
    return configuration;
}

static void free_configuration(struct configuration *configuration)
{
    if (!configuration)
        return;
    configuration->service->release(configuration->settings);
    options_release(&configuration->options);
    free(configuration->settings);
    free(configuration);
}

/* At the start and after a reload: what is odd now may not have been so before. */
static void tell_warnings(const struct configuration *configuration)
{
    struct complaints warnings = {0};

    configuration->service->program.warn(&configuration->options, &warnings);
    service_report_config_warnings(&warnings);
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

static void tell_refusal(const struct complaints *complaints)
{
    for (size_t i = 0; i < complaints->count; i++)
        log_event(LEVEL_ERROR, "🔴", "CONFIG_REJECTED", "%s → the running configuration stays",
                  complaints->lines[i]);
}

/* The new settings, or NULL when the file is refused and all stays as it is; either way it has said
 * so. */
static const void *reload(struct daemon *daemon)
{
    const struct configuration *running = daemon->reloaded ? daemon->reloaded : daemon->first;
    struct configuration *fresh = new_configuration(daemon->service);
    struct complaints complaints = {0};
    struct option_changes changes = {0};

    int refused = program_reload(&daemon->service->program, &running->options, &fresh->options,
                                 &complaints, &changes);
    if (refused) {
        tell_refusal(&complaints);
        free_configuration(fresh);
        fresh = NULL;
    } else {
        tell_changes(&changes, daemon->service->when);
        tell_warnings(fresh);
        free_configuration(daemon->reloaded);
        daemon->reloaded = fresh;
    }
    option_changes_free(&changes);
    complaints_free(&complaints);
    return fresh ? fresh->settings : NULL;
}

static void on_hangup(uv_signal_t *handle, int number)
{
    struct daemon *daemon = handle->data;

    (void)number;
    daemon->service->reloading();
    daemon->service->reload(reload(daemon));
}

static void on_stop(uv_signal_t *handle, int number)
{
    struct daemon *daemon = handle->data;

    (void)number;
    daemon->service->stop();
    for (size_t i = 0; i < STOP_SIGNALS; i++)
        uv_close((uv_handle_t *)&daemon->stop[i], NULL);
    uv_close((uv_handle_t *)&daemon->hangup, NULL);
}

static void watch_signals(struct daemon *daemon)
{
    for (size_t i = 0; i < STOP_SIGNALS; i++) {
        (void)uv_signal_init(&daemon->loop, &daemon->stop[i]);
        daemon->stop[i].data = daemon;
        (void)uv_signal_start(&daemon->stop[i], on_stop, stop_signals[i]);
    }
    (void)uv_signal_init(&daemon->loop, &daemon->hangup);
    daemon->hangup.data = daemon;
    (void)uv_signal_start(&daemon->hangup, on_hangup, SIGHUP);
}

static void count_handle(uv_handle_t *handle, void *count)
{
    (void)handle;
    ++*(unsigned *)count;
}

/* A name that is being resolved may still hold the loop, and would hold exit() too, for as long as
 * the resolver hangs; nothing that matters is in its hands. */
static void close_loop(uv_loop_t *loop)
{
    unsigned handles = 0;

    if (uv_loop_close(loop) == 0)
        return;
    uv_walk(loop, count_handle, &handles);
    assert(handles == 0);
    _exit(EXIT_DONE);
}

/* Until the service is closed, and then what closing left to do. */
static int serve(const struct configuration *first, const char *config_path)
{
    static struct daemon daemon;
    const struct daemon_service *service = first->service;

    daemon = (struct daemon){.service = service, .first = first};
    if (uv_loop_init(&daemon.loop) != 0)
        return EXIT_FAILED;
    watch_signals(&daemon);
    log_init(service->program.name);
    service->introduce(first->settings, config_path);
    tell_warnings(first);
    service->start(&daemon.loop, first->settings);
    (void)uv_run(&daemon.loop, UV_RUN_DEFAULT);
    (void)uv_run(&daemon.loop, UV_RUN_NOWAIT);
    service->ended();
    free_configuration(daemon.reloaded);
    close_loop(&daemon.loop);
    return EXIT_DONE;
}

int daemon_main(const struct daemon_service *service, int argc, char **argv)
{
    const char *config_path;

    output_hold_streams();
    (void)signal(SIGPIPE, SIG_IGN); /* `--help | head` too */
    libraries_begin();
    struct configuration *first = new_configuration(service);
    int started = program_start(&service->program, &first->options, argc, argv, &config_path);
    int status = program_exit_status(started);
    if (started == 0) {
        int instead = service->instead ? service->instead(first->settings) : -1;
        status = instead >= 0 ? instead : serve(first, config_path);
    }
    free_configuration(first);
    return status;
}
