/* SPDX-License-Identifier: MIT */
/* What does not come from Redis: the services' units, and what their metrics tell. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/memory.h"
#include "common/base/monotonic.h"
#include "common/redis/key_names.h"
#include "ctl/frame/document.h"
#include "ctl/look/service_page.h"
#include "ctl/look/status_look.h"

/* --- what systemd says of a unit, asked with systemctl show, which needs no rights */

struct unit_look {
    bool is_installed;
    char load[32];   /* "loaded", "masked", "bad-setting", … */
    char active[32]; /* "active", "inactive", "failed", … */
    char sub[32];    /* "running", "dead", … */
};

extern char **environ;

enum {
    ANSWER_MAX = 1024,
    ANSWER_MS_MAX = 2000, /* then it is ended: it waits for a systemd that does not answer */
};

/* In a process group of its own, so that it is ended with all that it has started. */
static bool start(const char *unit, int output, pid_t *ret_pid)
{
    char *name = memory_text(unit);
    char program[] = "systemctl", verb[] = "show",
         which[] = "--property=LoadState,ActiveState,SubState";
    char *const words[] = {program, verb, which, name, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;

    bool is_started =
        posix_spawnattr_init(&attributes) == 0 && posix_spawnattr_setpgroup(&attributes, 0) == 0 &&
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP) == 0 &&
        posix_spawn_file_actions_init(&actions) == 0 &&
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO) == 0 &&
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) == 0 &&
        posix_spawnp(ret_pid, words[0], &actions, &attributes, words, environ) == 0;
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    free(name);
    return is_started;
}

/* False: it did not come to its end in time, or is longer than any answer. */
static bool read_answer(int from, char ret_text[static ANSWER_MAX])
{
    uint64_t end_ms = monotonic_ms() + ANSWER_MS_MAX;
    size_t length = 0;
    ssize_t got = 1;

    for (uint64_t now_ms = monotonic_ms(); got > 0 && length < ANSWER_MAX - 1 && now_ms < end_ms;
         now_ms = monotonic_ms()) {
        struct pollfd answer = {.fd = from, .events = POLLIN};
        if (poll(&answer, 1, (int)(end_ms - now_ms)) <= 0)
            continue;
        got = read(from, ret_text + length, ANSWER_MAX - 1 - length);
        length += got > 0 ? (size_t)got : 0;
    }
    ret_text[length] = '\0';
    return got == 0;
}

static bool ask(const char *unit, char ret_text[static ANSWER_MAX])
{
    int ends[2], status = -1;
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return false;
    bool is_started = start(unit, ends[1], &pid);
    (void)close(ends[1]);
    if (is_started) {
        if (!read_answer(ends[0], ret_text))
            (void)kill(-pid, SIGKILL);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            continue;
    }
    (void)close(ends[0]);
    return is_started && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void take(const char *text, const char *name, char *ret_value, size_t room)
{
    const char *at = strstr(text, name);

    ret_value[0] = '\0';
    if (!at)
        return;
    at += strlen(name);
    (void)snprintf(ret_value, room, "%.*s", (int)strcspn(at, "\n"), at);
}

/* False: there is no systemd here, or it does not answer. */
static bool unit_look(const char *unit, struct unit_look *ret_look)
{
    char text[ANSWER_MAX];

    if (!ask(unit, text))
        return false;
    take(text, "LoadState=", ret_look->load, sizeof ret_look->load);
    take(text, "ActiveState=", ret_look->active, sizeof ret_look->active);
    take(text, "SubState=", ret_look->sub, sizeof ret_look->sub);
    ret_look->is_installed = strcmp(ret_look->load, "not-found") != 0;
    return *ret_look->load != '\0'; /* in a chroot it succeeds, and says nothing */
}

static const char *const units[] = {
    "quantum-ai-strategy-router.service",
    "quantum-execution.service",
    "quantum-drain.timer",
};

static void judge(struct status *status, const char *unit, const struct unit_look *look)
{
    if (!look->is_installed)
        return;
    if (strcmp(look->load, "loaded") != 0 && strcmp(look->load, "masked") != 0)
        findings_add(&status->findings, CRITICAL,
                     "systemd cannot use %s: %s (see systemctl status %s)", unit, look->load, unit);
    else if (strcmp(look->active, "failed") == 0)
        findings_add(&status->findings, CRITICAL, "%s has failed (see systemctl status %s)", unit,
                     unit);
    else if (strcmp(look->active, "active") != 0 && strstr(unit, ".service"))
        findings_add(&status->findings, WARNING, "%s is %s (%s)", unit, look->active,
                     strcmp(look->load, "masked") == 0 ? look->load : look->sub);
}

static json_t *unit_json(const struct unit_look *look)
{
    if (!look->is_installed)
        return json_string("not installed");
    return json_sprintf("%s (%s)", look->active, look->sub);
}

/* These are the main account's; another one's prefix does not say which instances of the templates
 * serve it. */
static size_t units_of(const struct status *status)
{
    bool is_main = strcmp(status->router->keys.prefix, KEY_PREFIX_USUAL) == 0;

    return is_main ? sizeof units / sizeof *units : 0;
}

int status_add_units(struct status *status)
{
    json_t *services = json_object();
    struct unit_look look;

    for (size_t i = 0; i < units_of(status); i++) {
        if (!unit_look(units[i], &look))
            break;
        judge(status, units[i], &look);
        document_put(services, units[i], unit_json(&look));
    }
    document_put(status->document, "services", services);
    return 0;
}

/* Counted since the service started; null where it does not answer. */
static json_t *stale_drops(const char *page, const char *sample)
{
    double count;

    return page && service_page_find(page, sample, &count) ? json_integer((json_int_t)count)
                                                           : json_null();
}

static void judge_timestamps(struct status *status, const char *page)
{
    double behind_sec;

    if (page && service_page_find(page, "quantum_router_timestamp_behind_seconds", &behind_sec) &&
        behind_sec > 0)
        findings_add(
            &status->findings, WARNING,
            "all signals of a minute were stale by their own timestamps alone, %.0f s "
            "behind: let the producer write UTC or its zone, or set window.age_by = \"id\"",
            behind_sec);
}

/* Redis cannot know what is gone from it; who wrote it does. Null where it does not answer. */
static void add_rolled_back(struct status *status, const char *page)
{
    json_t *router = json_object_get(json_object_get(status->document, "past"), "router");
    double is_rolled_back;

    if (!page || !service_page_find(page, "quantum_router_state_rolled_back", &is_rolled_back))
        return;
    if (is_rolled_back > 0)
        findings_add(&status->findings, CRITICAL,
                     "STATE_ROLLED_BACK: what the router wrote last is not in Redis; no signals "
                     "go on until quantumctl resume");
    document_put(router, "rolled_back", json_boolean(is_rolled_back > 0));
}

int status_add_services(struct status *status)
{
    char *router = service_page_read(status->router->metrics_listen, "/metrics");
    char *executor = service_page_read(status->executor->metrics_listen, "/metrics");

    status->router_answers = router != NULL;
    judge_timestamps(status, router);
    add_rolled_back(status, router);
    document_put(
        status->document, "stale_drops",
        json_pack("{s:o, s:o}", "router",
                  stale_drops(router, "quantum_router_signals_total{outcome=\"stale\"}"),
                  "executor",
                  stale_drops(executor, "quantum_executor_intents_total{outcome=\"stale\"}")));
    int result = status_add_agreement(status, router, executor);
    free(router);
    free(executor);
    return result;
}
