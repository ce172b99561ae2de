/* SPDX-License-Identifier: MIT */
#include "common/base/calendar.h"

#include <assert.h>
#include <stdio.h>

/* Days are counted in eras of 400 years that begin on 1 March, so that the leap day is the last of
 * its year. */
enum { DAYS_PER_ERA = 146097, DAYS_TO_1970 = 719468 };

static const int64_t LAST_MS = 253402300799999; /* 9999-12-31T23:59:59.999Z */

struct date {
    int year;
    unsigned month; /* 1 to 12 */
    unsigned day;   /* 1 to 31 */
};

static int64_t days_of_date(struct date date)
{
    int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    int64_t era = year / 400;
    int64_t year_of_era = year - era * 400;
    int64_t month_from_march = (date.month + 9) % 12;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970;
}

static struct date date_of_days(int64_t days)
{
    int64_t shifted = days + DAYS_TO_1970;
    int64_t era = shifted / DAYS_PER_ERA;
    int64_t day_of_era = shifted - era * DAYS_PER_ERA;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    unsigned month =
        (unsigned)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);

    return (struct date){
        .year = (int)(year_of_era + era * 400 + (month <= 2)),
        .month = month,
        .day = (unsigned)(day_of_year - (153 * month_from_march + 2) / 5 + 1),
    };
}

static int64_t clamp(int64_t ms)
{
    return ms < 0 ? 0 : ms > LAST_MS ? LAST_MS : ms;
}

void calendar_iso(int64_t ms, char ret_text[static CALENDAR_ISO_MAX])
{
    int64_t moment = clamp(ms);
    struct date date = date_of_days(moment / CALENDAR_MS_PER_DAY);
    int64_t of_day = moment % CALENDAR_MS_PER_DAY;

    (void)snprintf(ret_text, CALENDAR_ISO_MAX, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", date.year,
                   date.month, date.day, (int)(of_day / 3600000), (int)(of_day / 60000 % 60),
                   (int)(of_day / 1000 % 60), (int)(of_day % 1000));
}

void calendar_day(int64_t ms, char ret_text[static CALENDAR_DAY_MAX])
{
    struct date date = date_of_days(clamp(ms) / CALENDAR_MS_PER_DAY);

    (void)snprintf(ret_text, CALENDAR_DAY_MAX, "%04d%02u%02u", date.year, date.month, date.day);
}

int64_t calendar_next_midnight(int64_t ms)
{
    return (clamp(ms) / CALENDAR_MS_PER_DAY + 1) * CALENDAR_MS_PER_DAY;
}

/* What is still to be read. */
struct reader {
    const char *at;
    const char *end;
};

static bool read_digits(struct reader *reader, unsigned count, unsigned *ret_value)
{
    unsigned value = 0;

    if ((size_t)(reader->end - reader->at) < count)
        return false;
    for (unsigned i = 0; i < count; i++) {
        char digit = *reader->at++;
        if (digit < '0' || digit > '9')
            return false;
        value = value * 10 + (unsigned)(digit - '0');
    }
    *ret_value = value;
    return true;
}

static bool read_char(struct reader *reader, char wanted)
{
    if (reader->at == reader->end || *reader->at != wanted)
        return false;
    reader->at++;
    return true;
}

static bool read_date(struct reader *reader, int64_t *ret_days)
{
    static const unsigned days_in_month[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    unsigned year, month, day;

    if (!read_digits(reader, 4, &year) || !read_char(reader, '-') ||
        !read_digits(reader, 2, &month) || !read_char(reader, '-') || !read_digits(reader, 2, &day))
        return false;
    if (year < 1970 || month < 1 || month > 12 || day < 1)
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (day > days_in_month[month - 1] + (month == 2 && leap))
        return false;
    *ret_days = days_of_date((struct date){(int)year, month, day});
    return true;
}

/* Any number of digits; those past the millisecond are cut off. */
static bool read_fraction(struct reader *reader, int64_t *ret_ms)
{
    const char *start = reader->at;
    int64_t ms = 0;
    int64_t weight = 100;

    while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9') {
        ms += weight * (*reader->at++ - '0');
        weight /= 10;
    }
    *ret_ms = ms;
    return reader->at > start;
}

static bool read_time(struct reader *reader, int64_t *ret_ms)
{
    unsigned hour, minute, second = 0;
    int64_t fraction_ms = 0;

    if (!read_digits(reader, 2, &hour) || !read_char(reader, ':') ||
        !read_digits(reader, 2, &minute))
        return false;
    if (read_char(reader, ':')) {
        if (!read_digits(reader, 2, &second))
            return false;
        if (read_char(reader, '.') && !read_fraction(reader, &fraction_ms))
            return false;
    }
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    *ret_ms = ((int64_t)hour * 3600 + minute * 60 + second) * 1000 + fraction_ms;
    return true;
}

static bool read_zone(struct reader *reader, int64_t *ret_offset_ms)
{
    unsigned hours, minutes;
    int64_t sign = 1;

    *ret_offset_ms = 0;
    if (reader->at == reader->end || read_char(reader, 'Z') || read_char(reader, 'z'))
        return true;
    if (read_char(reader, '-'))
        sign = -1;
    else if (!read_char(reader, '+'))
        return false;
    if (!read_digits(reader, 2, &hours))
        return false;
    (void)read_char(reader, ':');
    if (!read_digits(reader, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *ret_offset_ms = sign * ((int64_t)hours * 60 + minutes) * 60000;
    return true;
}

bool calendar_read_iso(const char *bytes, size_t length, int64_t *ret_ms)
{
    struct reader reader = {bytes, bytes + length};
    int64_t days, of_day_ms, offset_ms;

    assert(bytes);
    if (!read_date(&reader, &days))
        return false;
    if (!read_char(&reader, 'T') && !read_char(&reader, 't') && !read_char(&reader, ' '))
        return false;
    if (!read_time(&reader, &of_day_ms) || !read_zone(&reader, &offset_ms) ||
        reader.at != reader.end)
        return false;
    *ret_ms = days * CALENDAR_MS_PER_DAY + of_day_ms - offset_ms;
    return true;
}
