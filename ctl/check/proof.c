/* SPDX-License-Identifier: MIT */
#include "ctl/check/proof.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/options/program.h"
#include "common/trade/fields.h"
#include "common/trade/number_words.h"
#include "ctl/frame/document.h"
#include "ctl/frame/span.h"
#include "ctl/why/outlook.h"

enum { READ_FLAGS = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY };

void proof_open(struct proof *proof, const struct ctl_command *command, const char *reader)
{
    static const char *const titles[] = {"<entry", "<field", "<rule that it breaks", NULL};

    *proof = (struct proof){.command = command,
                            .schema = schema_of_intents(),
                            .violations = json_array(),
                            .readings = json_array(),
                            .reader = reader};
    sheet_init(&proof->sheet, titles);
}

void proof_close(struct proof *proof)
{
    schema_free(proof->schema);
    sheet_deinit(&proof->sheet);
    json_decref(proof->violations);
    json_decref(proof->readings);
}

static void note(void *owner, const char *field, const char *rule)
{
    struct proof *proof = owner;

    sheet_add(&proof->sheet, proof->place);
    sheet_add(&proof->sheet, escaped(field).text);
    sheet_add(&proof->sheet, escaped(rule).text);
    (void)json_array_append_new(proof->violations,
                                json_pack("{s:s, s:s, s:s}", "entry", proof->place, "field",
                                          escaped(field).text, "rule", escaped(rule).text));
}

/* What a schema cannot say: the two names of one thing say the same. */
static size_t check_side(struct proof *proof, const json_t *document)
{
    const json_t *action = json_object_get(document, "action");
    const json_t *side = json_object_get(document, "side");

    if (!action || !side || json_equal(action, side))
        return 0;
    note(proof, "side", "is not action");
    return 1;
}

/* What is wrong with the entry around the document; NULL: nothing. */
static const char *wrong_around(const struct entry *entry)
{
    enum rule bound = fields_check(entry);

    if (bound != RULE_NONE)
        return rule_words(bound);
    return fields_document(entry) ? NULL : "the entry has no payload";
}

static size_t check_document(struct proof *proof, const struct entry *entry)
{
    const char *wrong = wrong_around(entry);
    json_error_t error;

    if (wrong) {
        note(proof, "-", wrong);
        return 1;
    }
    const struct entry_field *payload = fields_document(entry);
    json_t *document = number_words_load(payload->value, payload->value_length, READ_FLAGS, &error);
    if (!document) {
        char *why_not = memory_format("is no JSON: %s", error.text);
        note(proof, "-", why_not);
        free(why_not);
        return 1;
    }
    size_t count = schema_check(proof->schema, document, note, proof) + check_side(proof, document);
    json_decref(document);
    return count;
}

/* What a schema cannot say either: that a day exists, how deep a document is. */
void proof_take_intent(struct proof *proof, const char *place, const struct entry *entry)
{
    enum rule rule;

    proof->place = place;
    proof->checked++;
    char *reading = outlook_of_intent(entry, &rule);
    size_t count = check_document(proof, entry);
    if (count == 0 && rule != RULE_NONE) {
        note(proof, rule_name(rule), rule_words(rule));
        count++;
    }
    if (count > 0) {
        proof->broken++;
        (void)json_array_append_new(proof->readings,
                                    json_pack("{s:s, s:s}", "entry", place, "words", reading));
    }
    free(reading);
}

void proof_violate(struct proof *proof, const char *place, const char *field, const char *rule)
{
    proof->place = place;
    proof->checked++;
    if (!rule)
        return;
    note(proof, field, rule);
    proof->broken++;
}

static int print_json(const struct proof *proof)
{
    json_t *document = document_new();

    document_put(document, "checked", json_integer((json_int_t)proof->checked));
    document_put(document, "broken", json_integer((json_int_t)proof->broken));
    document_put(document, "violations", json_incref(proof->violations));
    document_put(document, "readings", json_incref(proof->readings));
    return document_print(proof->command, document);
}

static void print_readings(const struct proof *proof)
{
    const json_t *reading;
    size_t i;

    json_array_foreach(proof->readings, i, reading)
    {
        (void)printf("%s: %s\n", json_string_value(json_object_get(reading, "entry")),
                     json_string_value(json_object_get(reading, "words")));
    }
}

static int print_table(const struct proof *proof)
{
    const struct terminal terminal = terminal_look();

    if (proof->sheet.count > 0)
        sheet_print(&proof->sheet, stdout, &terminal);
    print_readings(proof);
    (void)printf(
        "%zu checked, %s in %zu\n", proof->checked,
        counted((long long)json_array_size(proof->violations), "violation", "violations").text,
        proof->broken);
    if (proof->checked > 0 && proof->broken == 0)
        (void)printf("All schema validation tests PASSED - %s understands every one; only their "
                     "form was checked, not whether a trade is wise\n",
                     proof->reader);
    return command_done(proof->command);
}

int proof_conclude(const struct proof *proof, const struct check_values *values)
{
    int status = values->json ? print_json(proof) : print_table(proof);

    if (status != EXIT_DONE)
        return status;
    if (proof->checked == 0)
        return command_fail(proof->command, "there was nothing to check, which proves nothing");
    if (proof->broken > 0)
        return command_fail(
            proof->command,
            "%zu of %zu %s not pass: %s may refuse %s; correct what writes such before "
            "it goes live",
            proof->broken, proof->checked, proof->broken == 1 ? "does" : "do", proof->reader,
            proof->broken == 1 ? "it" : "them");
    return EXIT_DONE;
}
