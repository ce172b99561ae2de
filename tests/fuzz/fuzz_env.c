/* SPDX-License-Identifier: MIT */
/* Files of variables, as systemd reads them: names are names, values are UTF-8, what is wrong is
 * told with its place. */
#include <ctype.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/options/env_file.h"
#include "tests/fuzz/target.h"

static void check_variable(const struct env_files *files, const struct env_variable *variable)
{
    MUST(*variable->name && !isdigit((unsigned char)*variable->name));
    for (const char *at = variable->name; *at; at++)
        MUST(isalnum((unsigned char)*at) || *at == '_');
    MUST(utf8_valid(variable->value, strlen(variable->value)));
    MUST(strchr(variable->place, ':'));
    const struct env_variable *found = env_files_find(files, variable->name);
    MUST(found && found >= variable && strcmp(found->name, variable->name) == 0);
}

static void check_complaints(const struct complaints *complaints)
{
    for (size_t i = 0; i < complaints->count; i++) {
        const char *line = complaints->lines[i];
        MUST(*line && !strchr(line, '\n') && utf8_valid(line, strlen(line)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct env_files files = {0};
    struct complaints complaints = {0};

    env_files_read(&files, input_file(bytes, length), &complaints);
    for (size_t i = 0; i < files.count; i++)
        check_variable(&files, &files.list[i]);
    check_complaints(&complaints);
    MUST(!memchr(bytes, '\0', length) || (complaints.count > 0 && files.count == 0));
    env_files_free(&files);
    complaints_free(&complaints);
    return 0;
}
