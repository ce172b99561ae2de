/* SPDX-License-Identifier: MIT */
/*
 * Whether those who work together agree: the count of open orders and the positions that exist, the
 * router's caps and the executor's, and how much the one may publish and the other take. What a
 * service says at its metrics port counts more than what its file says, which lacks the variables
 * of its unit.
 */
#include "common/base/escape.h"
#include "common/base/number.h"
#include "common/redis/reply.h"
#include "ctl/frame/span.h"
#include "ctl/status/metrics_look.h"
#include "ctl/status/status_read.h"

/* Beyond this what the executor cannot take is no peak any more. */
#define PACE_RATIO_MAX 2.0

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
    (void)json_object_set_new(
        status->document, "positions",
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

/* --- pace */

static void judge_pace(const struct agreement *agreement)
{
    struct status *status = agreement->status;
    json_t *pace = json_object_get(status->document, "pace");
    double router = json_number_value(json_object_get(pace, "router_per_min"));
    double executor = json_number_value(json_object_get(pace, "executor_per_min"));
    char routers[NUMBER_TEXT_MAX], executors[NUMBER_TEXT_MAX];

    if (!executes(agreement) || router <= PACE_RATIO_MAX * executor)
        return;
    number_shortest(router, routers);
    number_shortest(executor, executors);
    findings_add(
        &status->findings, WARNING,
        "the router may publish %s intents a minute, and the executor takes %s and skips the "
        "rest: lower capacity.max_new_per_cycle, or raise guards.global_rate_max",
        routers, executors);
}

int status_add_agreement(struct status *status, const char *router_page, const char *executor_page)
{
    const struct agreement agreement = {status, router_page, executor_page};

    judge_caps(&agreement);
    judge_pace(&agreement);
    return judge_positions(&agreement);
}
