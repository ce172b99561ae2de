/* SPDX-License-Identifier: MIT */
/*
 * For LD_PRELOAD: lets the n-th call of one kind fail, and tells who made it.
 *
 *   FAIL_CALL    allocate (malloc and the like), read, write or connect; of the last three only
 * those on sockets FAIL_AT      n, from 1; 0 fails none and only counts FAIL_ON      if set, all
 * further calls fail too FAIL_REPORT  a file: "failed OBJECT" when it happens, OBJECT being the
 * file that the caller is part of; "counted N" when the process ends by itself
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum call { ALLOCATE, READ, WRITE, CONNECT, CALLS };

static const char *const names[] = {"allocate", "read", "write", "connect"};

static struct {
    bool ready;
    enum call call;
    unsigned long at;
    bool sticky;
    int report;
    unsigned long count;
} plan;

/* The C library's own: to look them up by dlsym() would allocate. */
void *usual_malloc(size_t size) __asm__("__libc_malloc");
void *usual_calloc(size_t count, size_t size) __asm__("__libc_calloc");
void *usual_realloc(void *old, size_t size) __asm__("__libc_realloc");

static void report(const char *text, const char *value)
{
    char line[512];
    int length = snprintf(line, sizeof line, "%s %s\n", text, value);
    ssize_t written = plan.report >= 0 ? write(plan.report, line, (size_t)length) : 0;

    (void)written;
}

__attribute__((constructor)) static void begin(void)
{
    const char *call = getenv("FAIL_CALL"), *at = getenv("FAIL_AT");
    const char *path = getenv("FAIL_REPORT");

    plan.call = CALLS;
    for (enum call i = ALLOCATE; call && i < CALLS; i++)
        if (strcmp(names[i], call) == 0)
            plan.call = i;
    plan.at = at ? strtoul(at, NULL, 10) : 0;
    plan.sticky = getenv("FAIL_ON") != NULL;
    plan.report = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    plan.ready = true;
}

__attribute__((destructor)) static void end(void)
{
    char count[32];

    plan.at = 0;
    (void)snprintf(count, sizeof count, "%lu", plan.count);
    report("counted", count);
}

/* Once only; and what telling it allocates must not fail. */
static void tell(const void *caller)
{
    Dl_info info;
    unsigned long at = plan.at;

    plan.ready = false;
    report("failed", dladdr(caller, &info) && info.dli_fname ? info.dli_fname : "?");
    plan.at = at;
    plan.ready = true;
}

static bool fails(enum call call, const void *caller)
{
    if (!plan.ready || plan.call != call)
        return false;
    unsigned long number = __atomic_add_fetch(&plan.count, 1, __ATOMIC_RELAXED);
    if (plan.at == 0 || number < plan.at || (number > plan.at && !plan.sticky))
        return false;
    if (number == plan.at)
        tell(caller);
    return true;
}

#define FAILS(call) fails(call, __builtin_return_address(0))

static void *refuse(void)
{
    errno = ENOMEM;
    return NULL;
}

/* --- memory */

void *malloc(size_t size)
{
    return FAILS(ALLOCATE) ? refuse() : usual_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return FAILS(ALLOCATE) ? refuse() : usual_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return FAILS(ALLOCATE) ? refuse() : usual_realloc(old, size);
}

void *reallocarray(void *old, size_t count, size_t size)
{
    size_t bytes;

    if (FAILS(ALLOCATE) || __builtin_mul_overflow(count, size, &bytes))
        return refuse();
    return usual_realloc(old, bytes);
}

/* --- sockets */

static bool is_socket(int file)
{
    struct stat status;

    return fstat(file, &status) == 0 && S_ISSOCK(status.st_mode);
}

static void *next(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);

    if (!found)
        abort();
    return found;
}

static ssize_t lost(void)
{
    errno = ECONNRESET;
    return -1;
}

ssize_t read(int file, void *bytes, size_t size)
{
    static ssize_t (*usual)(int, void *, size_t);

    if (!usual)
        *(void **)&usual = next("read");
    return plan.call == READ && is_socket(file) && FAILS(READ) ? lost() : usual(file, bytes, size);
}

ssize_t write(int file, const void *bytes, size_t size)
{
    static ssize_t (*usual)(int, const void *, size_t);

    if (!usual)
        *(void **)&usual = next("write");
    return plan.call == WRITE && is_socket(file) && FAILS(WRITE) ? lost()
                                                                 : usual(file, bytes, size);
}

/* Newer versions of hiredis read and write so. */
ssize_t recv(int file, void *bytes, size_t size, int flags)
{
    static ssize_t (*usual)(int, void *, size_t, int);

    if (!usual)
        *(void **)&usual = next("recv");
    return FAILS(READ) ? lost() : usual(file, bytes, size, flags);
}

ssize_t send(int file, const void *bytes, size_t size, int flags)
{
    static ssize_t (*usual)(int, const void *, size_t, int);

    if (!usual)
        *(void **)&usual = next("send");
    return FAILS(WRITE) ? lost() : usual(file, bytes, size, flags);
}

int connect(int file, __CONST_SOCKADDR_ARG address, socklen_t size)
{
    static int (*usual)(int, __CONST_SOCKADDR_ARG, socklen_t);

    if (!usual)
        *(void **)&usual = next("connect");
    if (FAILS(CONNECT)) {
        errno = ECONNREFUSED;
        return -1;
    }
    return usual(file, address, size);
}
