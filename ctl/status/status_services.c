/* SPDX-License-Identifier: MIT */
/* What does not come from Redis: the services' units, and what their metrics tell. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/number.h"
#include "common/redis/key_names.h"
#include "common/redis/reply.h"
#include "common/service/listen_address.h"
#include "ctl/frame/document.h"
#include "ctl/frame/span.h"
#include "ctl/status/status.h"

enum { PAGE_MAX = 1 << 20 };

static const struct timeval patience = {.tv_usec = 500000};

/* The connection, or negative. */
static int reach(const char *address)
{
    static const char request[] = "GET /metrics HTTP/1.0\r\n\r\n";
    struct listen_address to;

    if (!listen_address_read(address, &to))
        return -1;
    int fd = socket(to.socket.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, &to.socket.any, to.length) == 0 &&
        write(fd, request, sizeof request - 1) == (ssize_t)(sizeof request - 1))
        return fd;
    (void)close(fd);
    return -1;
}

static char *metrics_look(const char *address)
{
    int fd = reach(address);
    size_t length = 0;
    ssize_t got = 0;

    if (fd < 0)
        return NULL;
    char *page = memory_new(PAGE_MAX + 1);
    while (length < PAGE_MAX && (got = read(fd, page + length, PAGE_MAX - length)) > 0)
        length += (size_t)got;
    (void)close(fd);
    const char *body = strstr(page, "\r\n\r\n");
    bool is_page =
        got == 0 && body && strncmp(page, "HTTP/1.", 7) == 0 && strncmp(page + 8, " 200 ", 5) == 0;
    char *text = is_page ? memory_text(body + 4) : NULL;
    free(page);
    return text;
}

static bool metrics_find(const char *page, const char *sample, double *ret_value)
{
    size_t length = strlen(sample);

    for (const char *line = page; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, sample, length) != 0 || line[length] != ' ')
            continue;
        const char *number = line + length + 1;
        return number_read(number, strcspn(number, " \n"), ret_value);
    }
    return false;
}

/*
 * Whether those who work together agree: the count of open orders and the positions that exist, the
 * router's caps and the executor's, and how much the one may publish and the other take. What a
 * service says at its metrics port counts more than what its file says, which lacks the variables
 * of its unit.
 */

struct agreement {
    struct status *status;
    const char *router_page, *executor_page; /* NULL: it does not answer */
};

static bool said(const char *page, const char *sample, double *ret_value)
{
    return page && metrics_find(page, sample, ret_value);
}

/* Whether it opens positions, as far as anybody says. */
static bool executes(const struct agreement *agreement)
{
    double safe_drain;

    if (said(agreement->executor_page, "quantum_executor_safe_drain", &safe_drain))
        return safe_drain == 0;
    return !agreement->status->executor->safe_drain;
}

/* --- positions */

/* 0: known; 1: not, which is nobody's fault; negative: the connection broke. */
static int ask_count(struct status *status, const char *word, const char *key, int64_t *ret_count)
{
    struct command question = {0};
    redisReply *reply;

    command_add_all(&question, word, key, NULL);
    int result = ask_reply(&status->ask, &question, &reply);
    if (result < 0)
        return result;
    bool is_known = result == 0 && reply_read_integer(reply, ret_count);
    freeReplyObject(reply);
    return is_known ? 0 : 1;
}

/* The executor writes both at one moment: where the positions are as many before and after, the
 * count in between belongs to them. */
static int look_at_positions(struct status *status, int64_t *ret_positions, int64_t *ret_open)
{
    const struct executor_keys *keys = &status->executor->keys;
    int64_t before, after, open;
    int result = ask_count(status, "HLEN", keys->positions, &before);

    if (result == 0)
        result = ask_count(status, "GET", keys->open_orders, &open);
    if (result == 0)
        result = ask_count(status, "HLEN", keys->positions, &after);
    if (result != 0)
        return result;
    if (before != after)
        return 1;
    *ret_positions = after;
    *ret_open = open;
    return 0;
}

static int judge_positions(const struct agreement *agreement)
{
    struct status *status = agreement->status;
    const struct executor_keys *keys = &status->executor->keys;
    int64_t positions, open;
    int result = look_at_positions(status, &positions, &open);

    if (result < 0)
        return status_unread(status, "the positions");
    json_t *known = result == 0 ? json_integer(positions) : json_null();
    document_put(status->document, "positions",
                 json_pack("{s:s, s:o}", "key", escaped(keys->positions).text, "count", known));
    if (result > 0 || positions == open || (positions == 0 && !executes(agreement)))
        return 0;
    findings_add(&status->findings, WARNING,
                 "%s says %lld, and %s holds %s: the executor's next execution sets it right, or "
                 "quantumctl capacity set",
                 escaped(keys->open_orders).text, (long long)open, escaped(keys->positions).text,
                 counted(positions, "position", "positions").text);
    return 0;
}

/* --- caps */

static void judge_cap(struct status *status, const char *option, double router, double executor)
{
    char routers[NUMBER_TEXT_MAX], executors[NUMBER_TEXT_MAX];

    if (router == executor)
        return;
    number_shortest(router, routers);
    number_shortest(executor, executors);
    findings_add(
        &status->findings, WARNING,
        "%s is %s for the router and %s for the executor, which refuses what is over its own",
        option, routers, executors);
}

static void judge_caps(const struct agreement *agreement)
{
    struct status *status = agreement->status;
    const struct plan_rules *plan = &status->router->plan;
    const struct guard_rules *guards = &status->executor->guards;
    double routers, executors;

    if (!said(agreement->router_page, "quantum_router_max_open_orders", &routers))
        routers = (double)plan->capacity.max_open;
    if (!said(agreement->executor_page, "quantum_executor_max_open_orders", &executors))
        executors = (double)guards->max_open;
    judge_cap(status, "capacity.max_open", routers, executors);
    judge_cap(status, "sizing.max_position_usd", plan->sizing.max_position_usd,
              guards->max_position_usd);
    judge_cap(status, "sizing.max_leverage", status->router->signal.max_leverage,
              guards->max_leverage);
}

/* --- what halts */

static bool has_each(const struct names *names, const struct names *wanted)
{
    for (size_t i = 0; i < wanted->count; i++)
        if (!names_has(names, wanted->list[i]))
            return false;
    return true;
}

static void judge_halts(struct status *status)
{
    const struct names *routers = &status->router->halts.also;
    const struct names *executors = &status->executor->halts.also;

    if (has_each(routers, executors) && has_each(executors, routers))
        return;
    char *router = names_join(routers, ", "), *executor = names_join(executors, ", ");
    findings_add(&status->findings, WARNING,
                 "safety.also is [%s] for the router and [%s] for the executor: what only one of "
                 "them names does not halt the other",
                 escaped(router).text, escaped(executor).text);
    free(router);
    free(executor);
}

/* --- pace */

static void judge_pace(const struct agreement *agreement)
{
    struct status *status = agreement->status;
    json_t *pace = json_object_get(status->document, "pace");
    double router = json_number_value(json_object_get(pace, "router_per_min"));
    double executor = json_number_value(json_object_get(pace, "executor_per_min"));
    char routers[NUMBER_TEXT_MAX], executors[NUMBER_TEXT_MAX];

    if (!executes(agreement) || router <= executor)
        return;
    number_shortest(router, routers);
    number_shortest(executor, executors);
    findings_add(
        &status->findings, WARNING,
        "the router may publish %s intents a minute, and the executor takes %s and skips the "
        "rest: set governor.max_per_minute to what it takes, or raise guards.global_rate_max",
        routers, executors);
}

static int add_agreement(struct status *status, const char *router_page, const char *executor_page)
{
    const struct agreement agreement = {status, router_page, executor_page};

    judge_caps(&agreement);
    judge_halts(status);
    judge_pace(&agreement);
    return judge_positions(&agreement);
}

/* --- what systemd says of a unit, asked with systemctl show, which needs no rights */

struct unit_look {
    bool is_installed;
    char load[32];   /* "loaded", "masked", "bad-setting", … */
    char active[32]; /* "active", "inactive", "failed", … */
    char sub[32];    /* "running", "dead", … */
};

extern char **environ;

enum { ANSWER_MAX = 1024 };

static bool start(const char *unit, int output, pid_t *ret_pid)
{
    char *name = memory_text(unit);
    char program[] = "systemctl", verb[] = "show",
         which[] = "--property=LoadState,ActiveState,SubState";
    char *const words[] = {program, verb, which, name, NULL};
    posix_spawn_file_actions_t actions;

    bool is_started =
        posix_spawn_file_actions_init(&actions) == 0 &&
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO) == 0 &&
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) == 0 &&
        posix_spawnp(ret_pid, words[0], &actions, NULL, words, environ) == 0;
    (void)posix_spawn_file_actions_destroy(&actions);
    free(name);
    return is_started;
}

static void read_answer(int from, char ret_text[static ANSWER_MAX])
{
    size_t length = 0;
    ssize_t got;

    while (length < ANSWER_MAX - 1 &&
           (got = read(from, ret_text + length, ANSWER_MAX - 1 - length)) > 0)
        length += (size_t)got;
    ret_text[length] = '\0';
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
        read_answer(ends[0], ret_text);
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

static void add_units(struct status *status)
{
    json_t *services = json_object();
    struct unit_look look;

    for (size_t i = 0; i < units_of(status); i++) {
        if (!unit_look(units[i], &look))
            continue;
        judge(status, units[i], &look);
        document_put(services, units[i], unit_json(&look));
    }
    document_put(status->document, "services", services);
}

/* Counted since the service started; null where it does not answer. */
static json_t *stale_drops(const char *page, const char *sample)
{
    double count;

    return page && metrics_find(page, sample, &count) ? json_integer((json_int_t)count)
                                                      : json_null();
}

static void judge_timestamps(struct status *status, const char *page)
{
    double behind_sec;

    if (page && metrics_find(page, "quantum_router_timestamp_behind_seconds", &behind_sec) &&
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

    if (!page || !metrics_find(page, "quantum_router_state_rolled_back", &is_rolled_back))
        return;
    if (is_rolled_back > 0)
        findings_add(&status->findings, CRITICAL,
                     "STATE_ROLLED_BACK: what the router wrote last is not in Redis; no signals "
                     "go on until quantumctl resume");
    document_put(router, "rolled_back", json_boolean(is_rolled_back > 0));
}

int status_add_services(struct status *status)
{
    char *router = metrics_look(status->router->metrics_listen);
    char *executor = metrics_look(status->executor->metrics_listen);

    add_units(status);
    judge_timestamps(status, router);
    add_rolled_back(status, router);
    document_put(
        status->document, "stale_drops",
        json_pack("{s:o, s:o}", "router",
                  stale_drops(router, "quantum_router_signals_total{outcome=\"stale\"}"),
                  "executor",
                  stale_drops(executor, "quantum_executor_intents_total{outcome=\"stale\"}")));
    int result = add_agreement(status, router, executor);
    free(router);
    free(executor);
    return result;
}
