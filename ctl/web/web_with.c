/* SPDX-License-Identifier: MIT */
#include "ctl/web/web_with.h"

#include "common/base/escape.h"
#include "common/options/options_file.h"
#include "ctl/frame/document.h"
#include "ctl/past/other_policy.h"
#include "router/settings/decisive_read.h"

void web_with_read(struct web_with *with, const char *file, struct complaints *complaints)
{
    *with = (struct web_with){.file = file};
    options_init(&with->options, &router_options, &with->settings);
    if (!*file)
        return;
    options_read_file(&with->options, file, complaints);
    router_settings_check(&with->options, complaints);
    with->rules = decisive_rules(&with->settings);
}

void web_with_release(struct web_with *with)
{
    router_settings_release(&with->settings);
    options_release(&with->options);
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

/* Other scores may rank otherwise, and then what was noted of each stands at the wrong one. */
static bool is_ranked(const struct window *window)
{
    for (size_t i = 1; i < window->count; i++)
        if (ranking_compare(&window->candidates[i - 1], &window->candidates[i]) > 0)
            return false;
    return true;
}

json_t *web_with_json(struct web_with *with, const struct entry *entry)
{
    struct again beyond;
    struct plan plan;

    if (!*with->file)
        return json_null();
    recorded_read(&with->recorded, entry);
    if (again_is_beyond(&with->recorded, false, &beyond))
        return why_json(beyond.why);
    other_policy_leave_out(&with->recorded, &with->settings);
    again_decide(&with->recorded, &with->rules, &plan);
    json_t *chosen =
        is_ranked(&with->recorded.window)
            ? chosen_json(&with->recorded, &plan)
            : why_json("by its scores they rank otherwise, which is not followed here");
    plan_release(&plan);
    return chosen;
}
