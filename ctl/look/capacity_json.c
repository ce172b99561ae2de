/* SPDX-License-Identifier: MIT */
#include "ctl/look/capacity_json.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"

typedef void print_fn(const struct capacity_look *look, FILE *out);

/* Without the newline at the end; the caller frees it. */
static char *text_of(const struct capacity_look *look, print_fn *print)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    if (!out)
        return memory_text("");
    print(look, out);
    if (fclose(out) != 0 || length == 0) {
        free(text);
        return memory_text("");
    }
    text[length - (text[length - 1] == '\n')] = '\0';
    return text;
}

static json_t *lines_of(const char *text)
{
    json_t *lines = json_array();

    for (size_t length; *text; text += length + (text[length] == '\n')) {
        length = strcspn(text, "\n");
        (void)json_array_append_new(lines, json_stringn(text, length));
    }
    return lines;
}

json_t *capacity_json(const struct capacity_look *look)
{
    char *state = text_of(look, capacity_look_print_state);
    char *limits = text_of(look, capacity_look_print_limits);
    bool is_known = look->snapshot.capacity.open.kind == OPEN_ORDERS_KNOWN;

    json_t *object =
        json_pack("{s:o, s:s, s:o, s:I, s:b, s:I}", "open_orders",
                  is_known ? json_integer(look->snapshot.capacity.open.count) : json_null(),
                  "state", state, "limits", lines_of(limits), "allowed_in_a_cycle",
                  (json_int_t)capacity_look_allowed(look), "supers_only",
                  look->allowance.supers_only, "in_flight", (json_int_t)look->allowance.in_flight);
    free(state);
    free(limits);
    return object;
}

json_t *capacity_json_safe_mode(const struct capacity_look *look)
{
    const struct snapshot *snapshot = &look->snapshot;
    bool is_set = snapshot->safe_mode, ends = is_set && snapshot->safe_ttl_sec >= 0;
    bool has_reason = is_set && snapshot->safe_reason[0];
    char text[CAPACITY_LOOK_SAFE_MAX], reason[CAPACITY_LOOK_SAFE_MAX], key[KEY_MAX + 1];

    capacity_look_halt_key(look, key);
    capacity_look_safe_text(snapshot->safe_text, text);
    capacity_look_safe_text(snapshot->safe_reason, reason);
    return json_pack("{s:b, s:o, s:o, s:o, s:o}", "set", is_set, "value",
                     is_set ? json_string(text) : json_null(), "ttl_sec",
                     ends ? json_integer(snapshot->safe_ttl_sec) : json_null(), "reason",
                     has_reason ? json_string(reason) : json_null(), "key",
                     is_set ? json_string(escaped(key).text) : json_null());
}
