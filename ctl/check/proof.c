/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "common/base/escape.h"
#include "common/options/program.h"
#include "ctl/check/proof.h"
#include "ctl/frame/document.h"
#include "ctl/frame/span.h"

void proof_open(struct proof *proof, const struct ctl_command *command, const char *reader)
{
    static const char *const titles[] = {"<entry", "<field", "<rule that it breaks", NULL};

    *proof = (struct proof){.command = command,
                            .schema = schema_of_intents(),
                            .violations = json_array(),
                            .reader = reader};
    sheet_init(&proof->sheet, titles);
}

void proof_close(struct proof *proof)
{
    schema_free(proof->schema);
    sheet_deinit(&proof->sheet);
    json_decref(proof->violations);
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

void proof_take(struct proof *proof, const char *place, const json_t *document, const char *why_not)
{
    size_t count = 1;

    proof->place = place;
    proof->checked++;
    if (document)
        count = schema_check(proof->schema, document, note, proof) + check_side(proof, document);
    else
        note(proof, "-", why_not);
    proof->broken += count > 0;
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
    return document_print(proof->command,
                          json_pack("{s:I, s:I, s:O}", "checked", (json_int_t)proof->checked,
                                    "broken", (json_int_t)proof->broken, "violations",
                                    proof->violations));
}

static int print_table(const struct proof *proof)
{
    const struct terminal terminal = terminal_look();

    if (proof->sheet.count > 0)
        sheet_print(&proof->sheet, stdout, &terminal);
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
