/* SPDX-License-Identifier: MIT */
#include "common/trade/carried.h"

#include <float.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/trade/signal.h"
#include "common/trade/terms.h"

/* Prices and quantities: above 0. */
static const char *const amounts[] = {"entry_price", "stop_loss", "take_profit", "quantity"};

static const char *const numbers[] = {"stop_loss_pct", "take_profit_pct", "trail_percent"};

static const char *const texts[] = {
    "model", "strategy", "meta_strategy", "regime", "reason",
};

bool carried_text_fits(const struct value *text)
{
    return text->kind == VALUE_TEXT && text->length <= SIGNAL_TEXT_MAX &&
           utf8_valid(text->bytes, text->length);
}

static json_t *number_within(const struct value *value, double least)
{
    double number;

    if (!value_number(value, &number) || !(number >= least && number <= TERMS_NUMBER_MAX))
        return NULL;
    return value->kind == VALUE_NUMBER ? value_json(value) : json_real(number);
}

static json_t *number_of(const struct value *value)
{
    return number_within(value, -TERMS_NUMBER_MAX);
}

static json_t *amount_of(const struct value *value)
{
    return number_within(value, DBL_TRUE_MIN);
}

static json_t *text_of(const struct value *value)
{
    return carried_text_fits(value) ? json_stringn(value->bytes, value->length) : NULL;
}

/* Of a further name only the owner knows the type: any scalar will do. */
static json_t *scalar_of(const struct value *value)
{
    if (value->kind == VALUE_NUMBER || value->kind == VALUE_BOOL)
        return value_json(value);
    return text_of(value);
}

static void carry(json_t *object, const struct fields *fields, const char *name,
                  json_t *(*read)(const struct value *value))
{
    struct value value = fields_get(fields, name);
    json_t *read_value = value.kind == VALUE_ABSENT ? NULL : read(&value);

    if (read_value)
        (void)json_object_set_new(object, name, read_value);
}

static bool is_among(const char *const *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], name) == 0)
            return true;
    return false;
}

static bool has_a_type(const char *name)
{
    return is_among(amounts, sizeof amounts / sizeof *amounts, name) ||
           is_among(numbers, sizeof numbers / sizeof *numbers, name) ||
           is_among(texts, sizeof texts / sizeof *texts, name);
}

json_t *carried_read(const struct fields *fields, const struct names *further)
{
    json_t *object = json_object();

    for (size_t i = 0; i < sizeof amounts / sizeof *amounts; i++)
        carry(object, fields, amounts[i], amount_of);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        carry(object, fields, numbers[i], number_of);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        carry(object, fields, texts[i], text_of);
    for (size_t i = 0; further && i < further->count; i++)
        if (!has_a_type(further->list[i]))
            carry(object, fields, further->list[i], scalar_of);
    return object;
}
