/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/oracle_number.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum state { START, SIGNED, WHOLE, BARE_POINT, POINT, E, E_SIGNED, EXPONENT, WRONG };

static enum state step(enum state state, char c)
{
    switch (c) {
    case '+':
    case '-':
        return state == START ? SIGNED : state == E ? E_SIGNED : WRONG;
    case '.':
        return state == START || state == SIGNED ? BARE_POINT : state == WHOLE ? POINT : WRONG;
    case 'e':
    case 'E':
        return state == WHOLE || state == POINT ? E : WRONG;
    default:
        break;
    }
    if (c < '0' || c > '9')
        return WRONG;
    switch (state) {
    case START:
    case SIGNED:
    case WHOLE:
        return WHOLE;
    case BARE_POINT:
    case POINT:
        return POINT;
    case E:
    case E_SIGNED:
    case EXPONENT:
        return EXPONENT;
    default:
        return WRONG;
    }
}

static char *as_text(const char *bytes, size_t length)
{
    char *text = malloc(length + 1);

    if (!text)
        abort();
    if (length > 0)
        memcpy(text, bytes, length);
    text[length] = '\0';
    return text;
}

bool oracle_number(const char *bytes, size_t length, double *ret_value)
{
    enum state state = START;

    for (size_t i = 0; i < length && state != WRONG; i++)
        state = step(state, bytes[i]);
    if (state != WHOLE && state != POINT && state != EXPONENT)
        return false;
    char *text = as_text(bytes, length);
    *ret_value = strtod(text, NULL);
    free(text);
    return isfinite(*ret_value);
}

bool oracle_integer(const char *bytes, size_t length, int64_t *ret_value)
{
    size_t sign = length > 0 && bytes[0] == '-' ? 1 : 0;

    if (length == sign || length > 20 || (bytes[sign] == '0' && length > 1))
        return false;
    for (size_t i = sign; i < length; i++)
        if (bytes[i] < '0' || bytes[i] > '9')
            return false;
    char *text = as_text(bytes, length);
    errno = 0;
    *ret_value = strtoll(text, NULL, 10);
    free(text);
    return errno == 0;
}
