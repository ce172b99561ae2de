/* SPDX-License-Identifier: MIT */
#include "common/trade/terms.h"

#include <math.h>
#include <string.h>

#include "common/base/calendar.h"

enum { SYMBOL_MIN = 3 };

/* Seconds since 1970 beyond this are milliseconds: the year 5138, or March 1973. */
static const double seconds_max = 1e11;
static const double ms_max = 253402300799999.0; /* the year 9999 */

static bool is_symbol_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool terms_is_symbol(const char *bytes, size_t length)
{
    if (length < SYMBOL_MIN || length > SYMBOL_MAX)
        return false;
    for (size_t i = 0; i < length; i++)
        if (!is_symbol_char(bytes[i]))
            return false;
    return true;
}

static bool take_symbol(struct value text, char ret_symbol[static SYMBOL_MAX + 1])
{
    char symbol[SYMBOL_MAX + 1];

    if (text.kind != VALUE_TEXT)
        return false;
    text = value_trim(text);
    for (size_t i = 0; i < text.length && i < SYMBOL_MAX; i++) {
        char c = text.bytes[i];
        symbol[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    if (!terms_is_symbol(symbol, text.length))
        return false;
    memcpy(ret_symbol, symbol, text.length);
    ret_symbol[text.length] = '\0';
    return true;
}

bool terms_read_symbol(const struct fields *fields, char ret_symbol[static SYMBOL_MAX + 1])
{
    return take_symbol(fields_get(fields, "symbol"), ret_symbol);
}

bool terms_take_symbol(const char *bytes, size_t length, char ret_symbol[static SYMBOL_MAX + 1])
{
    return take_symbol((struct value){.kind = VALUE_TEXT, .bytes = bytes, .length = length},
                       ret_symbol);
}

bool terms_read_truth(const struct fields *fields, const char *name)
{
    struct value value = fields_get(fields, name);

    if (value.kind == VALUE_BOOL)
        return value.truth;
    return value_is_word(&value, "true") || value_is_word(&value, "1");
}

static bool read_epoch(double epoch, int64_t *ret_ms)
{
    double ms = epoch < seconds_max ? epoch * 1000.0 : epoch;

    if (!(ms >= 0 && ms <= ms_max))
        return false;
    *ret_ms = (int64_t)llround(ms);
    return true;
}

static bool take_moment(struct value value, int64_t *ret_ms)
{
    double epoch;

    if (value.kind == VALUE_TEXT)
        value = value_trim(value);
    if (value_number(&value, &epoch))
        return read_epoch(epoch, ret_ms);
    return value.kind == VALUE_TEXT && value.length > 0 &&
           calendar_read_iso(value.bytes, value.length, ret_ms);
}

bool terms_read_moment(const struct fields *fields, int64_t *ret_ms)
{
    return take_moment(fields_get(fields, "timestamp"), ret_ms);
}

bool terms_take_moment(const char *bytes, size_t length, int64_t *ret_ms)
{
    return take_moment((struct value){.kind = VALUE_TEXT, .bytes = bytes, .length = length},
                       ret_ms);
}

bool terms_take_amount(const char *bytes, size_t length, double *ret_amount)
{
    double amount;

    if (!number_read(bytes, length, &amount) || fabs(amount) > TERMS_NUMBER_MAX)
        return false;
    *ret_amount = amount;
    return true;
}

bool terms_take_price(const char *bytes, size_t length, double *ret_price)
{
    double price;

    if (!terms_take_amount(bytes, length, &price) || price <= 0)
        return false;
    *ret_price = price;
    return true;
}

int64_t terms_born_ms(const struct entry *entry)
{
    return stream_id_time_ms(entry->id);
}
