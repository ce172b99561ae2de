/* SPDX-License-Identifier: MIT */
/*
 * A record of a decision, as a text: name=value a line, where "\n" in a value is a line's end. What
 * is taken is decided again without an assertion, and is identical only where all of it is.
 */
#include <string.h>

#include "common/base/memory.h"
#include "ctl/why/decide/would_pass.h"
#include "router/settings/decisive_read.h"
#include "tests/fuzz/target.h"

static struct again_rules rules;

static void take_defaults(void)
{
    static struct router_settings settings;
    static struct options options;
    struct complaints complaints = {0};

    if (options.table)
        return;
    options_init(&options, &router_options, &settings);
    router_settings_check(&options, &complaints);
    MUST(complaints.count == 0);
    rules = decisive_rules(&settings);
}

/* In its own memory: "\n" becomes one byte. */
static size_t unfold(char *text, size_t length)
{
    size_t to = 0;

    for (size_t at = 0; at < length; at++) {
        bool is_end = text[at] == '\\' && at + 1 < length && text[at + 1] == 'n';
        text[to++] = is_end ? '\n' : text[at];
        at += is_end;
    }
    return to;
}

static void add_line(struct entry *entry, char *line, size_t length)
{
    char *sign = memchr(line, '=', length);

    if (!sign || entry->count >= ENTRY_FIELDS_MAX) {
        entry->count += sign != NULL;
        return;
    }
    struct entry_field *field = &entry->fields[entry->count++];
    field->name = line;
    field->name_length = (size_t)(sign - line);
    field->value = sign + 1;
    field->value_length = unfold(sign + 1, length - field->name_length - 1);
}

static struct entry entry_of(char *text, size_t length)
{
    struct entry entry = {.id = {1, 0}};

    while (length > 0) {
        char *end = memchr(text, '\n', length);
        size_t line = end ? (size_t)(end - text) : length;
        add_line(&entry, text, line);
        text += line + (end != NULL);
        length -= line + (end != NULL);
    }
    return entry;
}

static void expect_all_the_same(const struct recorded *recorded, const struct plan *plan)
{
    MUST(recorded->rows_left == 0);
    MUST(recorded->intent_count == plan->chosen);
    MUST(recorded->allowance.allowed == plan->allowance.allowed);
    for (size_t i = 0; i < plan->count; i++) {
        MUST(recorded->verdicts[i].fate == plan->verdicts[i].fate);
        MUST(recorded->verdicts[i].rank == plan->verdicts[i].rank);
        MUST(recorded->scores[i] == recorded->window.candidates[i].score);
    }
}

static void expect_sizes(const struct recorded *recorded, const struct plan *plan)
{
    struct sizing written;
    size_t at = 0;

    for (size_t i = 0; recorded->has_sizes && i < plan->chosen; i++) {
        MUST(recorded_size(recorded, &at, &written));
        MUST(written.size_usd == plan->choices[i].sizing.size_usd);
        MUST(written.factor == plan->choices[i].sizing.factor);
    }
    MUST(at == recorded->sizes.length);
}

static void ask_would_pass(const struct recorded *recorded)
{
    const struct would_subject subject = {.recorded = recorded,
                                          .row = recorded->window.count - 1,
                                          .rules = &rules,
                                          .in_flight_group = "auto"};
    struct would_pass found;

    would_pass_find(&subject, &found);
    MUST(found.decisions <= WOULD_PASS_DECISIONS);
    MUST(found.count + found.not_count <= WOULD_PASS_MAX);
}

static void decide(struct recorded *recorded)
{
    struct again again;
    struct plan plan;

    if (again_is_beyond(recorded, true, &again))
        return;
    again_decide(recorded, &rules, &plan);
    again = again_compare(recorded, &plan);
    if (again.outcome == AGAIN_IDENTICAL) {
        expect_all_the_same(recorded, &plan);
        expect_sizes(recorded, &plan);
    }
    MUST((again.outcome == AGAIN_IDENTICAL) == (again.why[0] == '\0'));
    plan_release(&plan);
    if (recorded->window.count > 0)
        ask_would_pass(recorded);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char *text = memory_bytes(bytes, length);
    struct entry entry = entry_of(text, length);
    struct recorded recorded = {0};

    take_defaults();
    recorded_read(&recorded, &entry);
    MUST((recorded.state == RECORDED_READ) == (recorded.why[0] == '\0'));
    decide(&recorded);
    recorded_release(&recorded);
    free(text);
    return 0;
}
