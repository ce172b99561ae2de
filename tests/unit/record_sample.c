/* SPDX-License-Identifier: MIT */
#include "tests/unit/record_sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "tests/unit/support.h"

static const struct unrecorded nothing;
static struct record record;
static struct entry entry;

static void set_intents(size_t count)
{
    char *text = memory_text("");

    for (size_t i = 1; i <= count; i++) {
        char *longer = memory_format("%s%s9000-%zu", text, i > 1 ? " " : "", i);
        free(text);
        text = longer;
    }
    record_set(&record, RECORD_INTENTS, text);
    free(text);
}

void record_sample_make(const struct snapshot *snapshot, const struct window *window,
                        const struct plan *plan)
{
    const struct record_source source = {
        .snapshot = snapshot,
        .window = window,
        .plan = plan,
        .unrecorded = &nothing,
        .cycle_id = "17-42",
        .instance = "alpha",
        .version = "0.1.0",
        .settings = SAMPLE_SETTINGS,
        .prev = "",
    };

    record_sample_release();
    record_make(&source, &record);
    set_intents(plan->chosen);
    entry = (struct entry){.id = {NOW_MS + 10, 0}, .count = RECORD_FIELD_COUNT};
    for (enum record_field field = 0; field < RECORD_FIELD_COUNT; field++) {
        const char *name = record_field_name(field);
        entry.fields[field] = (struct entry_field){.name = name, .name_length = strlen(name)};
        record_sample_set(field, record.text[field]);
    }
}

void record_sample_set(enum record_field field, const char *text)
{
    struct entry_field *place = &entry.fields[field];

    place->name_length = text ? strlen(record_field_name(field)) : 0;
    place->value = text ? text : "";
    place->value_length = strlen(place->value);
}

const struct entry *record_sample_entry(void)
{
    return &entry;
}

void record_sample_release(void)
{
    record_release(&record);
}

void expect_decided_again(const struct again_rules *rules, const struct snapshot *snapshot,
                          const struct window *window, const struct plan *plan)
{
    struct recorded recorded = {0};
    struct plan decided;

    record_sample_make(snapshot, window, plan);
    recorded_read(&recorded, &entry);
    assert_string_equal(recorded.why, "");
    again_decide(&recorded, rules, &decided);
    struct again again = again_compare(&recorded, &decided);
    assert_string_equal(again.why, "");
    assert_int_equal(again.outcome, AGAIN_IDENTICAL);
    assert_int_equal(decided.chosen, plan->chosen);
    for (size_t i = 0; i < plan->chosen; i++) {
        const struct sizing *was = &plan->choices[i].sizing, *is = &decided.choices[i].sizing;
        assert_true(was->size_usd == is->size_usd && was->factor == is->factor);
    }
    plan_release(&decided);
    recorded_release(&recorded);
    record_sample_release();
}
