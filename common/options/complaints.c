/* SPDX-License-Identifier: MIT */
#include "common/options/complaints.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/memory.h"

/* One complaint is one line, whatever its author forgot to escape. */
static void flatten(char *line)
{
    for (; *line != '\0'; line++) {
        unsigned char byte = (unsigned char)*line;
        if (byte < 0x20 || byte == 0x7f)
            *line = '?';
    }
}

void complain(struct complaints *list, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    char *line = memory_format_list(format, arguments);
    va_end(arguments);
    flatten(line);
    list->lines = memory_resize(list->lines, list->count + 1, sizeof *list->lines);
    list->lines[list->count++] = line;
}

void complaints_print(const struct complaints *list, const char *program)
{
    for (size_t i = 0; i < list->count; i++)
        (void)fprintf(stderr, "%s: %s\n", program, list->lines[i]);
}

void complaints_free(struct complaints *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->lines[i]);
    free(list->lines);
    *list = (struct complaints){0};
}
