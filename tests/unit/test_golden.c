/* SPDX-License-Identifier: MIT */
/*
 * Records that routers wrote, kept for ever (tests/unit/golden): every later program reads them,
 * and while the decision core has their number it comes to the same, intents included.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "router/decide/again.h"
#include "router/decide/record.h"
#include "router/settings/decisive_read.h"
#include "tests/unit/support.h"

enum { FILES_MIN = 3, FILES_MAX = 100 };

static json_t *load(const char *name)
{
    json_error_t error;
    char *path = memory_format("%s/%s", GOLDEN, name);
    json_t *document = json_load_file(path, JSON_REJECT_DUPLICATES, &error);

    if (!document)
        fail_msg("%s:%d: %s", path, error.line, error.text);
    free(path);
    return document;
}

static const char *text_at(const json_t *pair, size_t at)
{
    return json_string_value(json_array_get(pair, at));
}

static struct entry entry_of_json(const json_t *record)
{
    const char *id = json_string_value(json_object_get(record, "id"));
    const json_t *fields = json_object_get(record, "fields"), *pair;
    struct entry entry = {0};
    size_t i;

    assert_true(stream_id_read(id, strlen(id), &entry.id));
    json_array_foreach(fields, i, pair)
    {
        entry_add(&entry, text_at(pair, 0), text_at(pair, 1), strlen(text_at(pair, 1)));
    }
    return entry;
}

static void expect_intents(const struct recorded *recorded, const struct plan *plan,
                           const json_t *intents)
{
    struct again again = {.why = ""};

    assert_int_equal(json_array_size(intents), plan->chosen);
    for (size_t i = 0; i < plan->chosen; i++) {
        const char *payload = text_at(intents, i);
        if (!again_compare_intent(recorded, plan, i, payload, strlen(payload), &again))
            fail_msg("%s", again.why);
    }
}

static void expect_the_same(struct recorded *recorded, const struct again_rules *rules,
                            const json_t *record)
{
    struct again again;
    struct plan plan;

    if (again_is_beyond(recorded, false, &again)) {
        assert_true(recorded->core != DECISION_CORE);
        return;
    }
    again_decide(recorded, rules, &plan);
    again = again_compare(recorded, &plan);
    if (again.outcome != AGAIN_IDENTICAL)
        fail_msg("%s: %s", recorded->cycle_id, again.why);
    expect_intents(recorded, &plan, json_object_get(record, "intents"));
    plan_release(&plan);
}

static void expect_record(const json_t *document, const json_t *record, char *digest)
{
    const json_t *texts = json_object_get(document, "settings");
    struct entry entry = entry_of_json(record);
    struct decisive_settings settings;
    struct recorded recorded = {0};
    char why[DECISIVE_WHY_MAX] = "";

    recorded_read(&recorded, &entry);
    assert_string_equal(recorded.why, "");
    const char *text = json_string_value(json_object_get(texts, recorded.settings));
    assert_non_null(text);
    if (!decisive_read(text, strlen(text), recorded.settings, &settings, why))
        fail_msg("%s", why);
    expect_the_same(&recorded, &settings.rules, record);
    if (digest[0])
        assert_int_equal(recorded_link(&entry, digest), LINK_WHOLE);
    record_digest(&entry, digest);
    decisive_settings_release(&settings);
    recorded_release(&recorded);
}

static void expect_file(const char *name)
{
    json_t *document = load(name);
    const json_t *records = json_object_get(document, "records"), *record;
    char digest[SHA256_TEXT_MAX] = "";
    size_t i;

    print_message("# %s: %s\n", name, json_string_value(json_object_get(document, "says")));
    assert_true(json_array_size(records) > 0);
    json_array_foreach(records, i, record)
    {
        expect_record(document, record, digest);
    }
    json_decref(document);
}

static int is_json(const struct dirent *file)
{
    const char *ending = strrchr(file->d_name, '.');

    return ending && strcmp(ending, ".json") == 0;
}

static void what_was_written_once_is_decided_the_same_for_ever(void **state)
{
    struct dirent **files;
    int count = scandir(GOLDEN, &files, is_json, alphasort);

    (void)state;
    assert_in_range(count, FILES_MIN, FILES_MAX);
    for (int i = 0; i < count; i++) {
        expect_file(files[i]->d_name);
        free(files[i]);
    }
    free(files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_once_is_decided_the_same_for_ever)};

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("golden", tests, NULL, NULL);
}
