/* SPDX-License-Identifier: MIT */
#include "common/base/escape.h"

#include <stdint.h>
#include <string.h>

#define MARK          "…"
#define MARK_LENGTH   (sizeof MARK - 1)
#define CHARACTER_MAX 4                   /* bytes of the longest UTF-8 character */
#define PIECE_MAX     (CHARACTER_MAX * 4) /* "\xNN" for each of them */
#define SHOWN_MAX     120                 /* bytes of a foreign text that a message quotes */

/* What the first byte of a character says about the rest; length 0 for a byte that starts none. */
struct lead {
    size_t length;
    uint32_t bits;
    uint32_t least; /* a smaller code point would have a shorter form */
};

static struct lead lead_of(unsigned char byte)
{
    if (byte < 0x80)
        return (struct lead){1, byte, 0};
    if (byte >= 0xc2 && byte <= 0xdf)
        return (struct lead){2, byte & 0x1fU, 0x80};
    if (byte >= 0xe0 && byte <= 0xef)
        return (struct lead){3, byte & 0x0fU, 0x800};
    if (byte >= 0xf0 && byte <= 0xf4)
        return (struct lead){4, byte & 0x07U, 0x10000};
    return (struct lead){0, 0, 0};
}

/* The length of the well-formed character that the bytes begin with; 0 when there is none. */
static size_t character_read(const unsigned char *bytes, size_t length, uint32_t *ret_point)
{
    struct lead lead = lead_of(bytes[0]);

    if (lead.length == 0 || lead.length > length)
        return 0;
    uint32_t point = lead.bits;
    for (size_t i = 1; i < lead.length; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (bytes[i] & 0x3fU);
    }
    if (point < lead.least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
        return 0;
    *ret_point = point;
    return lead.length;
}

static bool is_control(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point <= 0x9f);
}

static bool breaks_line(uint32_t point)
{
    return point == 0x2028 || point == 0x2029;
}

/* What a reader does not see, and what turns text: Unicode's Default_Ignorable_Code_Point, and the
 * marks of annotations behind U+FFF0. */
static bool is_invisible(uint32_t point)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0xad, 0xad},       {0x34f, 0x34f},   {0x61c, 0x61c},     {0x115f, 0x1160},
        {0x17b4, 0x17b5},   {0x180b, 0x180f}, {0x200b, 0x200f},   {0x202a, 0x202e},
        {0x2060, 0x206f},   {0x3164, 0x3164}, {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},
        {0xffa0, 0xffa0},   {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},
        {0xe0000, 0xe0fff},
    };
    size_t i = 0;

    while (i < sizeof ranges / sizeof *ranges && point > ranges[i].last)
        i++;
    return i < sizeof ranges / sizeof *ranges && point >= ranges[i].first;
}

static bool shows_as_itself(uint32_t point)
{
    return !is_control(point) && !breaks_line(point) && !is_invisible(point);
}

static size_t print_hex(const unsigned char *bytes, size_t count, char *ret_piece)
{
    static const char digits[] = "0123456789abcdef";
    char *end = ret_piece;

    for (size_t i = 0; i < count; i++) {
        *end++ = '\\';
        *end++ = 'x';
        *end++ = digits[bytes[i] >> 4];
        *end++ = digits[bytes[i] & 0x0f];
    }
    return (size_t)(end - ret_piece);
}

/* Escapes the one character, or the one stray byte, that the bytes begin with. Returns how many
 * bytes that took. */
static size_t piece_make(const unsigned char *bytes, size_t length, char ret_piece[PIECE_MAX],
                         size_t *ret_piece_length)
{
    uint32_t point = 0;
    size_t taken = character_read(bytes, length, &point);

    if (taken == 0) {
        *ret_piece_length = print_hex(bytes, 1, ret_piece);
        return 1;
    }
    if (point == '\\') {
        ret_piece[0] = '\\';
        ret_piece[1] = '\\';
        *ret_piece_length = 2;
    } else if (shows_as_itself(point)) {
        memcpy(ret_piece, bytes, taken);
        *ret_piece_length = taken;
    } else {
        *ret_piece_length = print_hex(bytes, taken, ret_piece);
    }
    return taken;
}

size_t escape(const char *bytes, size_t length, size_t most, char *ret_text, size_t room)
{
    if (room == 0)
        return 0;
    const unsigned char *source = (const unsigned char *)bytes;
    size_t read = 0;
    size_t written = 0;
    size_t markable = 0; /* the last border behind which the mark has room */
    while (read < length) {
        char piece[PIECE_MAX];
        size_t piece_length;
        size_t taken = piece_make(source + read, length - read, piece, &piece_length);
        if (read + taken > most || written + piece_length >= room)
            break;
        memcpy(ret_text + written, piece, piece_length);
        read += taken;
        written += piece_length;
        if (written + MARK_LENGTH < room)
            markable = written;
    }
    if (read < length) {
        written = markable;
        if (MARK_LENGTH < room) {
            memcpy(ret_text + written, MARK, MARK_LENGTH);
            written += MARK_LENGTH;
        }
    }
    ret_text[written] = '\0';
    return written;
}

bool utf8_well_formed(const char *bytes, size_t length)
{
    const unsigned char *source = (const unsigned char *)bytes;
    size_t read = 0;

    while (read < length) {
        uint32_t point = 0;
        size_t taken = character_read(source + read, length - read, &point);
        if (taken == 0)
            return false;
        read += taken;
    }
    return true;
}

bool utf8_valid(const char *bytes, size_t length)
{
    return !memchr(bytes, '\0', length) && utf8_well_formed(bytes, length);
}

struct escaped escaped(const char *text)
{
    struct escaped shown;

    (void)escape(text, strlen(text), SHOWN_MAX, shown.text, sizeof shown.text);
    return shown;
}

size_t utf8_count(const char *text)
{
    size_t count = 0;

    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}
