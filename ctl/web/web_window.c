/* SPDX-License-Identifier: MIT */
#include "ctl/web/web_window.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "ctl/frame/document.h"
#include "ctl/look/service_page.h"

enum { WINDOW_BYTES_MAX = 4096 };

/* The world as the last reading found it, and the places that are left. */
struct walk {
    const struct router_settings *settings;
    json_t *held; /* by symbol */
    json_t *best;
    bool is_halted, supers_only, one_per_symbol;
    double super_confidence;
    json_int_t allowed, left;
};

static const char *text_of(json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

static struct walk begin(const struct router_settings *settings, json_t *status, json_t *window)
{
    json_t *capacity = json_object_get(status, "capacity");
    json_t *held = json_object_get(status, "held"), *rules = json_object_get(window, "rules");
    struct walk walk = {
        .settings = settings,
        .best = json_object_get(window, "best"),
        .is_halted = json_is_true(json_object_get(json_object_get(status, "safe_mode"), "set")),
        .supers_only = json_is_true(json_object_get(capacity, "supers_only")),
        .one_per_symbol = json_is_true(json_object_get(rules, "one_per_symbol")),
        .super_confidence = json_number_value(json_object_get(rules, "super_confidence")),
        .allowed = json_integer_value(json_object_get(capacity, "allowed_in_a_cycle")),
    };

    if (json_is_true(json_object_get(held, "agrees")))
        walk.held = json_object_get(held, "by_symbol");
    walk.left = walk.allowed;
    return walk;
}

/* One above it has the place of its symbol. */
static bool has_above(const struct walk *walk, size_t index, const char *symbol)
{
    for (size_t i = 0; i < index; i++) {
        json_t *above = json_array_get(walk->best, i);
        if (strcmp(text_of(above, "symbol"), symbol) == 0 &&
            strcmp(text_of(above, "fate_now"), fate_name(FATE_PUBLISHED)) == 0)
            return true;
    }
    return false;
}

/* FATE_COUNT: nothing held speaks against it. */
static enum fate fate_of_held(const struct walk *walk, json_t *candidate)
{
    const struct plan_rules *plan = &walk->settings->plan;
    const char *held = text_of(walk->held, text_of(candidate, "symbol"));
    const char *side = text_of(candidate, "side");

    if (!*held)
        return FATE_COUNT;
    if (strncmp(held, side, strlen(side)) == 0)
        return plan->adds_to_held ? FATE_COUNT : FATE_SYMBOL_HELD;
    return plan->passes_opposite ? FATE_COUNT : FATE_OPPOSITE_HELD;
}

/* In the order of the decision: who does not contend takes no place. */
static enum fate fate_now(struct walk *walk, json_t *candidate, size_t index)
{
    enum fate held = fate_of_held(walk, candidate);

    if (json_is_true(json_object_get(candidate, "hopeless")))
        return FATE_DUPLICATE;
    if (held != FATE_COUNT)
        return held;
    if (walk->one_per_symbol && has_above(walk, index, text_of(candidate, "symbol")))
        return FATE_SAME_SYMBOL;
    if (walk->is_halted)
        return FATE_SAFE_MODE;
    if (walk->supers_only &&
        json_number_value(json_object_get(candidate, "confidence")) < walk->super_confidence)
        return FATE_BELOW_SUPER;
    if (walk->left > 0) {
        walk->left--;
        return FATE_PUBLISHED;
    }
    return walk->allowed == 0 ? FATE_NO_SLOTS : FATE_OUTRANKED;
}

static void judge(const struct router_settings *settings, json_t *status, json_t *window)
{
    struct walk walk = begin(settings, status, window);
    json_t *candidate;
    size_t i;

    json_array_foreach(walk.best, i, candidate)
        document_put(candidate, "fate_now", json_string(fate_name(fate_now(&walk, candidate, i))));
}

static json_t *none(const char *why)
{
    return json_pack("{s:s}", "why", why);
}

json_t *web_window_none(const struct router_settings *settings)
{
    return *settings->metrics_listen
               ? json_pack("{s:s++}", "why", "no router answers at ",
                           escaped(settings->metrics_listen).text, "; its window is not known")
               : none("metrics.listen is off, and with it the router's window");
}

static bool are_candidates(json_t *best)
{
    json_t *candidate;
    size_t i;

    json_array_foreach(best, i, candidate) if (!json_is_object(candidate)) return false;
    return true;
}

json_t *web_window_read(const struct router_settings *settings, json_t *status)
{
    char *page = service_page_read(settings->metrics_listen, "/window.json");

    if (!page)
        return web_window_none(settings);
    json_t *window =
        strlen(page) <= WINDOW_BYTES_MAX ? json_loads(page, JSON_REJECT_DUPLICATES, NULL) : NULL;
    free(page);
    if (!json_is_object(window) || !are_candidates(json_object_get(window, "best"))) {
        json_decref(window);
        return none("what answers at the router's metrics port is no window of a router");
    }
    judge(settings, status, window);
    return window;
}
