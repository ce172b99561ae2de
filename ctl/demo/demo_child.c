/* SPDX-License-Identifier: MIT */
#include "ctl/demo/demo_child.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/memory.h"

struct launch {
    const char *path;
    char *const *words;
    char *const *environment;
    int output;
    int report; /* the errno of a failure goes here; exec closes it */
    pid_t parent;
};

static void reset_signals(void)
{
    sigset_t none;

    (void)signal(SIGPIPE, SIG_DFL);
    (void)signal(SIGINT, SIG_DFL);
    (void)signal(SIGHUP, SIG_DFL);
    (void)signal(SIGQUIT, SIG_DFL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static int redirect(int output)
{
    int nothing = open("/dev/null", O_RDONLY);

    if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
        dup2(output, STDERR_FILENO) < 0)
        return -1;
    return close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
}

/* In the child. The parent may have died before the kernel was told to watch it. */
__attribute__((noreturn)) static void become(const struct launch *launch)
{
    (void)setsid();
    reset_signals();
    bool is_watched = prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;
    if (is_watched && getppid() == launch->parent && redirect(launch->output) == 0)
        (void)execve(launch->path, launch->words, launch->environment);
    int error = errno;
    (void)!write(launch->report, &error, sizeof error);
    (void)kill(getpid(), SIGKILL); /* nothing of the parent's is flushed or run on the way out */
    abort();
}

/* 0 when the end of the report came first: exec has closed it. */
static int await_exec(int report)
{
    int error = 0;
    ssize_t length;

    do
        length = read(report, &error, sizeof error);
    while (length < 0 && errno == EINTR);
    return length == (ssize_t)sizeof error ? -error : 0;
}

int demo_child_start(struct demo_child *child, const char *path, char *const *words,
                     char *const *environment, int output)
{
    int report[2];

    assert(child->pid == 0 && "started once");
    if (pipe2(report, O_CLOEXEC) != 0)
        return -errno;
    struct launch launch = {path, words, environment, output, report[1], getpid()};
    pid_t pid = fork();
    if (pid == 0)
        become(&launch);
    int result = pid < 0 ? -errno : 0;
    (void)close(report[1]);
    if (result == 0) {
        child->pid = pid;
        result = await_exec(report[0]);
    }
    (void)close(report[0]);
    return result;
}

static void reap(struct demo_child *child, int options)
{
    pid_t pid;

    if (child->pid == 0 || child->is_over)
        return;
    do
        pid = waitpid(child->pid, &child->status, options);
    while (pid < 0 && errno == EINTR);
    child->is_over = pid != 0;
}

bool demo_child_runs(struct demo_child *child)
{
    reap(child, WNOHANG);
    return child->pid != 0 && !child->is_over;
}

void demo_child_signal(const struct demo_child *child, int number)
{
    if (child->pid != 0 && !child->is_over)
        (void)kill(child->pid, number);
}

void demo_child_end(struct demo_child *child)
{
    demo_child_signal(child, SIGKILL);
    reap(child, 0);
}

char *demo_child_fate(const struct demo_child *child)
{
    if (WIFSIGNALED(child->status))
        return memory_format("was killed by signal %d", WTERMSIG(child->status));
    return memory_format("ended with status %d", WEXITSTATUS(child->status));
}
