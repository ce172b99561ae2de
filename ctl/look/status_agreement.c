/* SPDX-License-Identifier: MIT */
/*
 * Whether those who work together agree: the count of open orders, what is held and the positions
 * that exist, the router's caps and the executor's, and how much the one may publish and the other
 * take. What a service says at its metrics port counts more than what its file says, which lacks
 * the variables of its unit.
 */
#include <stdlib.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/number.h"
#include "ctl/frame/document.h"
#include "ctl/frame/span.h"
#include "ctl/look/held_look.h"
#include "ctl/look/service_page.h"
#include "ctl/look/status_look.h"

struct agreement {
    struct status *status;
    const char *router_page, *executor_page; /* NULL: it does not answer */
};

static bool said(const char *page, const char *sample, double *ret_value)
{
    return page && service_page_find(page, sample, ret_value);
}

/* Whether it opens positions, as far as anybody says. */
static bool executes(const struct agreement *agreement)
{
    double safe_drain;

    if (said(agreement->executor_page, "quantum_executor_safe_drain", &safe_drain))
        return safe_drain == 0;
    return !agreement->status->executor->safe_drain;
}

/* --- what is held, and the positions */

/* More symbols are counted and not shown. */
enum { SYMBOLS_MAX = 200 };

static json_t *by_symbol_json(const struct held_look *look)
{
    json_t *by_symbol = json_object();
    char value[HELD_WRITTEN_MAX];

    for (size_t i = 0; i < look->held_count && i < SYMBOLS_MAX; i++) {
        held_write(&look->held[i], value);
        document_put(by_symbol, look->held[i].symbol, json_string(value));
    }
    return by_symbol;
}

/* Where nobody keeps what is held, that is no fault. */
static void judge_held(struct status *status, const struct held_look *look, const char *key)
{
    switch (look->state) {
    case HOLDINGS_KNOWN:
    case HOLDINGS_NO_COUNT:
    case HOLDINGS_FLIGHT_TOO_MUCH: /* the router's alone */
        return;
    case HOLDINGS_MISSING:
        if (status->router->positions_unknown == POSITIONS_UNKNOWN_CLOSE)
            findings_add(&status->findings, CRITICAL,
                         "what is held is not known: %s; positions.unknown is close, and the "
                         "router publishes nothing",
                         look->why);
        return;
    case HOLDINGS_OTHER_SUM:
        findings_add(&status->findings, WARNING,
                     "%s and %s disagree: %s; the router does not go by what is held until they "
                     "agree: quantumctl positions",
                     escaped(key).text, escaped(status->router->keys.open_orders).text, look->why);
        return;
    case HOLDINGS_FORBIDDEN:
        findings_add(&status->findings, UNKNOWN, "what is held is not known: %s", look->why);
        return;
    case HOLDINGS_WRONG_TYPE:
    case HOLDINGS_TOO_MANY:
    case HOLDINGS_TOO_LARGE:
    case HOLDINGS_MALFORMED:
        findings_add(&status->findings, WARNING, "what is held is not known: %s", look->why);
        return;
    }
}

/* Without the count of open orders it knows of nothing held, which is told elsewhere; and its last
 * look may be from before they agreed. */
static void judge_router_held(const struct agreement *agreement, const struct held_look *look,
                              const char *key)
{
    struct status *status = agreement->status;
    double is_known, open_orders;

    if (look->state == HOLDINGS_KNOWN &&
        said(agreement->router_page, "quantum_router_open_orders", &open_orders) &&
        said(agreement->router_page, "quantum_router_positions_known", &is_known) && is_known == 0)
        findings_add(&status->findings, WARNING,
                     "the router did not know what is held at its last look, and %s agrees with "
                     "%s: if that stays, its user most likely lacks the right to read that key",
                     escaped(key).text, escaped(status->router->keys.open_orders).text);
}

static void add_held(const struct agreement *agreement, const struct held_look *look,
                     const char *key)
{
    struct status *status = agreement->status;
    json_t *held = held_json(look, key);

    document_put(held, "by_symbol", by_symbol_json(look));
    document_put(held, "symbol_count", json_integer((json_int_t)look->held_count));
    document_put(status->document, "held", held);
    judge_held(status, look, key);
    judge_router_held(agreement, look, key);
}

static void add_positions(const struct agreement *agreement, const struct held_look *look)
{
    struct status *status = agreement->status;
    const char *key = status->executor->keys.positions;
    long long open = (long long)look->open.count, positions = (long long)look->position_count;

    document_put(status->document, "positions", held_positions_json(look, key));
    if (look->open.kind != OPEN_ORDERS_KNOWN || !look->positions_known || positions == open ||
        (positions == 0 && !executes(agreement)))
        return;
    findings_add(&status->findings, WARNING,
                 "%s says %lld, and %s holds %s: the executor's next execution sets it right, or "
                 "quantumctl capacity set",
                 escaped(status->executor->keys.open_orders).text, open, escaped(key).text,
                 counted(positions, "position", "positions").text);
}

static int judge_positions(const struct agreement *agreement)
{
    struct status *status = agreement->status;
    const char *held = status->router->keys.held;
    const struct held_keys keys = {status->executor->keys.open_orders, held,
                                   status->executor->keys.positions};
    struct held_look look;
    int result = held_look_read(&status->ask, &keys, false, &look);

    if (result == 0) {
        add_held(agreement, &look, held);
        add_positions(agreement, &look);
        held_look_release(&look);
    }
    return result < 0 ? status_unread(status, "what is held") : 0;
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

/* --- what may be opened in a symbol that is held */

/* What the router holds back, the executor does not get to refuse; the other way round it does. */
static void judge_policy(struct status *status)
{
    const struct plan_rules *plan = &status->router->plan;

    if (plan->adds_to_held && !status->executor->guards.symbol_adds)
        findings_add(&status->findings, WARNING,
                     "positions.same_side is add for the router and guards.symbol_policy is reject "
                     "for the executor, which refuses a second position in a symbol");
    if (plan->passes_opposite)
        findings_add(&status->findings, WARNING,
                     "positions.opposite_side is pass for the router, and the executor refuses "
                     "what is opposite to a position");
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

int status_add_agreement(struct status *status, const char *router_page, const char *executor_page)
{
    const struct agreement agreement = {status, router_page, executor_page};

    judge_caps(&agreement);
    judge_policy(status);
    judge_halts(status);
    judge_pace(&agreement);
    return judge_positions(&agreement);
}
