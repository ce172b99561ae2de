/* SPDX-License-Identifier: MIT */
#include "ctl/demo/demo_folder.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/memory.h"

#define TEMPLATE   "quantum-demo-XXXXXX"
#define PATH_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+"

enum {
    PARENT_MAX = 70, /* with the names below it, a socket's address has 107 bytes */
    PORT_FIRST = 20001,
    PORT_COUNT = 12000, /* those that the kernel gives away by itself begin at 32768 */
    FILES_OPEN_MAX = 8,
};

static const char *parent_folder(void)
{
    const char *parent = getenv("TMPDIR");
    bool fits = parent && parent[0] == '/' && strlen(parent) <= PARENT_MAX &&
                strspn(parent, PATH_CHARS) == strlen(parent);

    return fits ? parent : "/tmp";
}

char *demo_folder_new(void)
{
    char *folder = memory_format("%s/" TEMPLATE, parent_folder());

    if (mkdtemp(folder))
        return folder;
    int error = errno;
    free(folder);
    errno = error;
    return NULL;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)about;
    (void)kind;
    (void)place;
    (void)remove(path);
    return 0;
}

void demo_folder_remove(const char *folder)
{
    (void)nftw(folder, remove_one, FILES_OPEN_MAX, FTW_DEPTH | FTW_PHYS);
}

static bool can_run(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0 && S_ISREG(about.st_mode) && access(path, X_OK) == 0;
}

/* NULL when it is not in this folder. */
static char *program_in(const char *folder, size_t length, const char *name)
{
    char *path = memory_format("%.*s/%s", (int)length, folder, name);

    if (can_run(path))
        return path;
    free(path);
    return NULL;
}

char *demo_program_on_path(const char *name)
{
    const char *path = getenv("PATH");
    char *program = NULL;

    while (path && !program) {
        size_t length = strcspn(path, ":");
        if (length > 0)
            program = program_in(path, length, name);
        path = path[length] == ':' ? path + length + 1 : NULL;
    }
    return program;
}

char *demo_program_beside(const char *name)
{
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    char *program = NULL;

    if (length > 0) {
        self[length] = '\0';
        program = program_in(self, (size_t)(strrchr(self, '/') - self), name);
    }
    return program ? program : demo_program_on_path(name);
}

static bool port_is_free(unsigned port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_free =
        probe >= 0 && bind(probe, (const struct sockaddr *)&address, sizeof address) == 0;

    if (probe >= 0)
        (void)close(probe);
    return is_free;
}

/* Two demos that start together begin at different ports. */
unsigned demo_port_free(void)
{
    unsigned start = (unsigned)getpid() % PORT_COUNT;

    for (unsigned i = 0; i < PORT_COUNT; i++) {
        unsigned port = PORT_FIRST + (start + i) % PORT_COUNT;
        if (port_is_free(port))
            return port;
    }
    return 0;
}
