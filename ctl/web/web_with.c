/* SPDX-License-Identifier: MIT */
#include "ctl/web/web_with.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "ctl/frame/document.h"

void web_with_read(struct web_with *with, const char *file)
{
    struct complaints none = {0};
    char *path = memory_text(file), nothing[] = "";

    *with = (struct web_with){.file = file};
    if (*file)
        variants_read(&with->variants,
                      &(struct what_if_values){.with = path, .sweep = nothing, .archive = nothing},
                      &none);
    complaints_free(&none);
    free(path);
}

void web_with_release(struct web_with *with)
{
    if (*with->file)
        variants_release(&with->variants);
    record_rules_release(&with->rules);
    recorded_release(&with->recorded);
}

static json_t *why_json(const char *why)
{
    return json_pack("{s:s}", "why", escaped(why).text);
}

static bool is_chosen(const struct verdict *verdict)
{
    return verdict->fate == FATE_PUBLISHED;
}

static json_t *chosen_json(const struct recorded *recorded, const struct plan *plan)
{
    json_t *chosen = json_array();
    bool is_same = true;

    for (size_t i = 0; i < plan->count; i++)
        is_same = is_same && is_chosen(&plan->verdicts[i]) == is_chosen(&recorded->verdicts[i]);
    for (size_t i = 0; i < plan->chosen; i++) {
        const struct signal *signal = recorded->window.candidates[plan->choices[i].index].signal;
        (void)json_array_append_new(chosen, json_pack("{s:s, s:s}", "symbol", signal->symbol,
                                                      "side", side_name(signal->side)));
    }
    return json_pack("{s:o, s:b}", "chosen", chosen, "same", is_same);
}

/* Once for each settings. False: `why` says why it cannot be told. */
static bool make(struct web_with *with, const struct router_settings *live)
{
    if (strcmp(with->settings, with->recorded.settings) != 0) {
        memcpy(with->settings, with->recorded.settings, sizeof with->settings);
        with->why[0] = '\0';
        if (variants_make(&with->variants, live, with->why))
            with->why[0] = '\0';
    }
    return with->why[0] == '\0';
}

static json_t *decided_json(struct web_with *with, const struct record_again *again)
{
    struct plan plan;

    if (again->again.outcome != AGAIN_IDENTICAL)
        return why_json(again->again.why);
    if (!make(with, &again->settings->settings))
        return why_json(with->why);
    if (!variant_decide(&with->variants.list[0], &with->recorded, &plan))
        return why_json("the window was full, and what it lost may have passed");
    json_t *chosen = chosen_json(&with->recorded, &plan);
    plan_release(&plan);
    return chosen;
}

json_t *web_with_json(struct web_with *with, struct records *source, const struct entry *entry)
{
    struct record_again again;

    if (!*with->file)
        return json_null();
    recorded_read(&with->recorded, entry);
    if (record_again(&with->recorded, source, &with->rules, false, &again) < 0)
        return why_json("its settings could not be read");
    json_t *json = decided_json(with, &again);
    record_again_release(&again);
    return json;
}
