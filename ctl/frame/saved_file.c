/* SPDX-License-Identifier: MIT */
#include "ctl/frame/saved_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/options/program.h"

static bool write_to(const char *path, bool (*write)(FILE *out, const void *what), const void *what)
{
    FILE *out = fopen(path, "wxe");

    if (!out)
        return false;
    bool is_written = write(out, what) && !ferror(out);
    return fclose(out) == 0 && is_written;
}

int saved_file_write(const struct ctl_command *command, const char *path,
                     bool (*write)(FILE *out, const void *what), const void *what)
{
    char *beside = memory_format("%s.%ld", path, (long)getpid());
    bool is_saved = write_to(beside, write, what) && rename(beside, path) == 0;
    int error = errno;

    if (!is_saved)
        (void)unlink(beside);
    free(beside);
    return is_saved ? EXIT_DONE
                    : command_fail(command, "%s cannot be written: %s", escaped(path).text,
                                   strerror(error));
}
