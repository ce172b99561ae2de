/* SPDX-License-Identifier: MIT */
#include "tests/unit/diversion.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

struct diversion diversion_begin(FILE *stream)
{
    struct diversion diversion = {stream, tmpfile(), dup(fileno(stream))};
    assert_non_null(diversion.file);
    assert_int_equal(fflush(stream), 0);
    assert_true(dup2(fileno(diversion.file), fileno(stream)) >= 0);
    return diversion;
}

void diversion_end(struct diversion *diversion, char *ret_text, size_t room)
{
    assert_int_equal(fflush(diversion->stream), 0);
    assert_true(dup2(diversion->saved, fileno(diversion->stream)) >= 0);
    close(diversion->saved);
    assert_int_equal(fseek(diversion->file, 0, SEEK_SET), 0);
    ret_text[fread(ret_text, 1, room - 1, diversion->file)] = '\0';
    assert_int_equal(fclose(diversion->file), 0);
}

void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}
