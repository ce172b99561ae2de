/* SPDX-License-Identifier: MIT */
#include "ctl/status/unit_look.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/memory.h"

extern char **environ;

enum { ANSWER_MAX = 1024 };

static bool start(const char *unit, int output, pid_t *ret_pid)
{
    char *name = memory_text(unit);
    char program[] = "systemctl", verb[] = "show",
         which[] = "--property=LoadState,ActiveState,SubState";
    char *const words[] = {program, verb, which, name, NULL};
    posix_spawn_file_actions_t actions;

    bool is_started =
        posix_spawn_file_actions_init(&actions) == 0 &&
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO) == 0 &&
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) == 0 &&
        posix_spawnp(ret_pid, words[0], &actions, NULL, words, environ) == 0;
    (void)posix_spawn_file_actions_destroy(&actions);
    free(name);
    return is_started;
}

static void read_answer(int from, char ret_text[static ANSWER_MAX])
{
    size_t length = 0;
    ssize_t got;

    while (length < ANSWER_MAX - 1 &&
           (got = read(from, ret_text + length, ANSWER_MAX - 1 - length)) > 0)
        length += (size_t)got;
    ret_text[length] = '\0';
}

static bool ask(const char *unit, char ret_text[static ANSWER_MAX])
{
    int ends[2], status = -1;
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return false;
    bool is_started = start(unit, ends[1], &pid);
    (void)close(ends[1]);
    if (is_started) {
        read_answer(ends[0], ret_text);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            continue;
    }
    (void)close(ends[0]);
    return is_started && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void take(const char *text, const char *name, char *ret_value, size_t room)
{
    const char *at = strstr(text, name);

    ret_value[0] = '\0';
    if (!at)
        return;
    at += strlen(name);
    (void)snprintf(ret_value, room, "%.*s", (int)strcspn(at, "\n"), at);
}

bool unit_look(const char *unit, struct unit_look *ret_look)
{
    char text[ANSWER_MAX];

    if (!ask(unit, text))
        return false;
    take(text, "LoadState=", ret_look->load, sizeof ret_look->load);
    take(text, "ActiveState=", ret_look->active, sizeof ret_look->active);
    take(text, "SubState=", ret_look->sub, sizeof ret_look->sub);
    ret_look->is_installed = strcmp(ret_look->load, "not-found") != 0;
    return *ret_look->load != '\0'; /* in a chroot it succeeds, and says nothing */
}
