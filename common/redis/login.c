/* SPDX-License-Identifier: MIT */
#include "common/redis/login.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/memory.h"

enum { PASSWORD_MAX = 512 };

/* Of a credential systemd says who may read it; an access list for a user looks like group rights.
 */
static mode_t rights_refused(const char *path)
{
    const char *credentials = getenv("CREDENTIALS_DIRECTORY");
    size_t length = credentials ? strlen(credentials) : 0;
    bool is_credential = length > 0 && !strncmp(path, credentials, length) && path[length] == '/';

    return is_credential ? S_IRWXO | S_IWGRP | S_IXGRP : S_IRWXO | S_IRWXG;
}

char *login_read_password(const char *path, const char **ret_reason)
{
    char bytes[PASSWORD_MAX + 2];
    struct stat about;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    *ret_reason = file < 0 ? strerror(errno) : NULL;
    if (file < 0)
        return NULL;
    ssize_t length = read(file, bytes, sizeof bytes);
    bool ended = length > 0 && bytes[length - 1] == '\n';
    if (length < 0 || fstat(file, &about) != 0)
        *ret_reason = strerror(errno);
    else if (about.st_mode & rights_refused(path))
        *ret_reason = "others than its owner may use it; chmod 0400 it";
    else if (length - ended > PASSWORD_MAX)
        *ret_reason = "it is longer than 512 bytes";
    else if (memchr(bytes, '\0', (size_t)length))
        *ret_reason = "it has a NUL byte";
    (void)close(file);
    char *password = *ret_reason ? NULL : memory_bytes(bytes, (size_t)(length - ended));
    explicit_bzero(bytes, sizeof bytes);
    return password;
}

/* One that is being replaced, or is empty, changes nothing: the last one is tried. */
static char *password_now(const struct redis_address *address)
{
    const char *reason;
    char *password =
        address->password_file ? login_read_password(address->password_file, &reason) : NULL;

    if (password && password[0])
        return password;
    free(password);
    return address->password ? memory_text(address->password) : NULL;
}

bool login_command(const struct redis_address *address, struct command *command)
{
    char *password = password_now(address);

    if (!password)
        return false;
    command_add(command, "AUTH");
    if (address->user)
        command_add(command, address->user);
    command_add(command, password);
    explicit_bzero(password, strlen(password));
    free(password);
    return true;
}
