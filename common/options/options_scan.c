/* SPDX-License-Identifier: MIT */
/*
 * Follows the lexer of libconfig 1.5 (scanner.l): names are [A-Za-z*][-A-Za-z0-9_*]*, numbers are
 * taken as long as they get and need nothing behind them, hexadecimal ones have no sign. What it
 * does to integers: those without L are read with 64 bits and cut to 32, those with L clamp,
 * hexadecimal ones wrap to negative.
 */
#include "common/options/options_scan.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/number.h"

#define SHOWN_MAX 40 /* bytes of a literal that a complaint quotes */

static const char digits[] = "0123456789";
static const char hex_digits[] = "0123456789abcdefABCDEF";
static const char name_letters[] = "-_*0123456789"
                                   "abcdefghijklmnopqrstuvwxyz"
                                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char dotted_letters[] = ".-_*0123456789"
                                     "abcdefghijklmnopqrstuvwxyz"
                                     "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

struct scanner {
    const char *at;
    unsigned line;
    const char *path;
    struct complaints *complaints;
    struct options_scan scan;
};

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool is_one_of(char letter, const char *set)
{
    return letter != '\0' && strchr(set, letter);
}

static void mark_bad(struct scanner *scanner)
{
    struct options_scan *scan = &scanner->scan;

    scan->bad_lines = memory_resize(scan->bad_lines, scan->bad_count + 1, sizeof *scan->bad_lines);
    scan->bad_lines[scan->bad_count++] = scanner->line;
}

static void complain_whole_file(struct scanner *scanner, const char *problem)
{
    complain(scanner->complaints, "%s:%u: %s", scanner->path, scanner->line, problem);
    scanner->scan.readable = false;
}

/* Goes to `end`, counting the lines on the way. */
static void go_to(struct scanner *scanner, const char *end)
{
    for (; scanner->at < end; scanner->at++)
        scanner->line += *scanner->at == '\n';
}

static void skip_line_comment(struct scanner *scanner)
{
    scanner->at += strcspn(scanner->at, "\n");
}

static void skip_block_comment(struct scanner *scanner)
{
    const char *close = strstr(scanner->at + 2, "*/");

    if (close) {
        go_to(scanner, close + 2);
        return;
    }
    complain_whole_file(scanner, "this comment is never closed; write */ at its end");
    scanner->at += strlen(scanner->at);
}

static void check_string_escape(struct scanner *scanner, const char *backslash)
{
    if (!starts_with(backslash, "\\x00"))
        return;
    complain(scanner->complaints, "%s:%u: a string cannot hold \\x00", scanner->path,
             scanner->line);
    mark_bad(scanner);
}

static void skip_string(struct scanner *scanner)
{
    const char *at = scanner->at + 1;

    while (*at != '"' && *at != '\0') {
        if (*at == '\\') {
            check_string_escape(scanner, at);
            at++;
        }
        if (*at != '\0')
            at++;
    }
    if (*at == '\0')
        complain_whole_file(scanner, "this string is never closed; write \" at its end");
    go_to(scanner, *at == '"' ? at + 1 : at);
}

static void refuse_include(struct scanner *scanner)
{
    complain_whole_file(scanner, "@include is not supported; put everything into one file");
    scanner->at++;
}

static bool read_magnitude(const char *text, size_t length, unsigned base, uint64_t *ret_value)
{
    uint64_t value = 0;

    for (size_t i = 0; i < length; i++) {
        const char *digit = strchr(hex_digits, text[i]);
        unsigned worth = (unsigned)(digit - hex_digits);
        if (worth > 15) /* the second six letters are the first six in capitals */
            worth -= 6;
        if (__builtin_mul_overflow(value, base, &value) ||
            __builtin_add_overflow(value, worth, &value))
            return false;
    }
    *ret_value = value;
    return true;
}

static int shown_length(const char *start, const char *end)
{
    return end - start < SHOWN_MAX ? (int)(end - start) : SHOWN_MAX;
}

static bool fits(uint64_t magnitude, bool negative, unsigned bits)
{
    uint64_t limit = UINT64_C(1) << (bits - 1);

    return magnitude < limit || (negative && magnitude == limit);
}

static void complain_integer(struct scanner *scanner, const char *start, const char *end,
                             bool fits_64)
{
    int length = shown_length(start, end);
    const char *cut = length < end - start ? "…" : "";

    if (fits_64)
        complain(scanner->complaints, "%s:%u: integer %.*s does not fit 32 bits; write %.*sL",
                 scanner->path, scanner->line, length, start, length, start);
    else
        complain(scanner->complaints, "%s:%u: integer %.*s%s does not fit 64 bits", scanner->path,
                 scanner->line, length, start, cut);
    mark_bad(scanner);
}

/* An integer whose digits are the last `count` bytes of [scanner->at, end); an L or two may follow.
 */
static void scan_integer(struct scanner *scanner, const char *end, size_t count, unsigned base)
{
    const char *start = scanner->at;
    bool negative = *start == '-';
    bool is_long = *end == 'L';
    uint64_t magnitude = 0;
    bool fits_64 =
        read_magnitude(end - count, count, base, &magnitude) && fits(magnitude, negative, 64);

    if (!fits_64 || (!is_long && !fits(magnitude, negative, 32)))
        complain_integer(scanner, start, end, fits_64);
    scanner->at = end + (is_long ? 1 + (end[1] == 'L') : 0);
}

static void scan_float(struct scanner *scanner, const char *end)
{
    const char *start = scanner->at;
    double value;

    if (!number_read(start, (size_t)(end - start), &value)) {
        complain(scanner->complaints, "%s:%u: '%.*s' is not a finite number", scanner->path,
                 scanner->line, shown_length(start, end), start);
        mark_bad(scanner);
    }
    scanner->at = end;
}

/* 012 is 12 to libconfig 1.5 and 10 to later ones; 08 is nothing to these. */
static bool refuse_zeros(struct scanner *scanner, const char *first, const char *end)
{
    const char *start = scanner->at;
    const char *plain = first;

    while (plain[0] == '0' && is_one_of(plain[1], digits))
        plain++;
    if (plain == first)
        return false;
    complain(scanner->complaints,
             "%s:%u: number %.*s begins with a zero, which some versions of libconfig read as "
             "octal; write %s%.*s",
             scanner->path, scanner->line, shown_length(start, end), start,
             *start == '-' ? "-" : "", shown_length(plain, end), plain);
    mark_bad(scanner);
    scanner->at = end + (end[0] == 'L' ? 1 + (end[1] == 'L') : 0);
    return true;
}

/* The end of an exponent, or where it would start when there is none. */
static const char *exponent_end(const char *at)
{
    if (*at != 'e' && *at != 'E')
        return at;
    const char *first = at + 1 + is_one_of(at[1], "+-");
    size_t count = strspn(first, digits);
    return count > 0 ? first + count : at;
}

static void scan_decimal(struct scanner *scanner)
{
    const char *first = scanner->at + is_one_of(*scanner->at, "+-");
    size_t count = strspn(first, digits);
    const char *end = first + count;

    if (*end == '.')
        end += 1 + strspn(end + 1, digits);
    end = exponent_end(end);
    if (refuse_zeros(scanner, first, end))
        return;
    if (end > first + count)
        scan_float(scanner, end);
    else
        scan_integer(scanner, end, count, 10);
}

static bool at_hex(const char *at)
{
    return at[0] == '0' && (at[1] == 'x' || at[1] == 'X') && is_one_of(at[2], hex_digits);
}

/* 0b101, 0o17, 0q17 and -0x1f, which libconfig has taken since 1.8. */
static bool at_later_base(const char *at)
{
    bool is_signed = is_one_of(*at, "+-");

    at += is_signed;
    return at[0] == '0' && is_one_of(at[1], is_signed ? "bBoOqQxX" : "bBoOqQ") &&
           is_one_of(at[2], hex_digits);
}

static void refuse_base(struct scanner *scanner)
{
    const char *start = scanner->at;
    const char *end = start + 1 + strspn(start + 1, name_letters);

    complain(scanner->complaints,
             "%s:%u: '%.*s' is a number to some versions of libconfig only; write it in decimal",
             scanner->path, scanner->line, shown_length(start, end), start);
    scanner->scan.readable = false;
    scanner->at = end;
}

static bool at_decimal(const char *at)
{
    at += is_one_of(*at, "+-");
    return is_one_of(*at, digits) || *at == '.';
}

static void scan_hex(struct scanner *scanner)
{
    size_t count = strspn(scanner->at + 2, hex_digits);

    scan_integer(scanner, scanner->at + 2 + count, count, 16);
}

static bool is_name_of_setting(const char *end)
{
    return is_one_of(end[strspn(end, " \t")], "=:");
}

/* What to write for start.option; NULL when there are more dots, or more letters than are shown. */
static char *grouped(const char *start, const char *dot, const char *end)
{
    if (end - start > SHOWN_MAX || memchr(dot + 1, '.', (size_t)(end - dot - 1)))
        return NULL;
    return memory_format("%.*s: { %.*s = …; };", (int)(dot - start), start, (int)(end - dot - 1),
                         dot + 1);
}

/* "capacity.max_open = 12" is how flags and --check-config spell it. */
static void refuse_dots(struct scanner *scanner, const char *start, const char *dot)
{
    const char *end = start + strspn(start, dotted_letters);
    int length = shown_length(start, end);
    char *advice = grouped(start, dot, end);

    if (is_name_of_setting(end))
        complain(scanner->complaints, "%s:%u: %.*s: a name has no dots here; write %s",
                 scanner->path, scanner->line, length, start,
                 advice ? advice : "its groups as name: { … };");
    else
        complain(scanner->complaints, "%s:%u: %.*s: this is no value; a text stands in quotes",
                 scanner->path, scanner->line, length, start);
    free(advice);
    scanner->scan.readable = false;
    scanner->at = end;
}

static void scan_name(struct scanner *scanner)
{
    const char *start = scanner->at;
    const char *dot = start + strspn(start, name_letters);

    scanner->at = dot;
    if (dot[0] == '.' && is_one_of(dot[1], name_letters))
        refuse_dots(scanner, start, dot);
}

/* Any other letter; counts what opens and closes. */
static void scan_bracket(struct scanner *scanner)
{
    struct options_scan *scan = &scanner->scan;

    if (is_one_of(*scanner->at, "{[(") && scan->depth++ == 0) {
        scan->open_line = scanner->line;
        scan->open = *scanner->at;
    } else if (is_one_of(*scanner->at, "}])") && scan->depth > 0) {
        scan->depth--;
    }
    go_to(scanner, scanner->at + 1);
}

/* Steps over one token; a name may begin with a letter or '*' only, which the branches before have
 * made sure. */
static void scan_token(struct scanner *scanner)
{
    const char *at = scanner->at;

    if (*at == '#' || starts_with(at, "//"))
        skip_line_comment(scanner);
    else if (starts_with(at, "/*"))
        skip_block_comment(scanner);
    else if (*at == '"')
        skip_string(scanner);
    else if (starts_with(at, "@include"))
        refuse_include(scanner);
    else if (at_later_base(at))
        refuse_base(scanner);
    else if (at_hex(at))
        scan_hex(scanner);
    else if (at_decimal(at))
        scan_decimal(scanner);
    else if (is_one_of(*at, name_letters) && *at != '-' && *at != '_')
        scan_name(scanner);
    else
        scan_bracket(scanner);
}

void options_scan(const char *text, const char *path, struct complaints *complaints,
                  struct options_scan *ret_scan)
{
    struct scanner scanner = {.at = text, .line = 1, .path = path, .complaints = complaints};

    scanner.scan.readable = true;
    while (*scanner.at != '\0')
        scan_token(&scanner);
    scanner.scan.lines = scanner.line;
    *ret_scan = scanner.scan;
}

bool options_scan_is_bad(const struct options_scan *scan, unsigned line)
{
    for (size_t i = 0; i < scan->bad_count; i++) {
        if (scan->bad_lines[i] == line)
            return true;
    }
    return false;
}

void options_scan_free(struct options_scan *scan)
{
    free(scan->bad_lines);
    *scan = (struct options_scan){0};
}
