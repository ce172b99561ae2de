/* SPDX-License-Identifier: MIT */
/*
 * What the demo plays on: a temporary folder, in it a Redis of its own on a unix socket, a router
 * and an executor with configurations of their own, all without anything of the caller's
 * environment.
 *
 * demo_stage_open() starts Redis, demo_stage_connect() is asked until it answers, then come the
 * services. demo_stage_close() ends what still runs and removes the folder, at any point. What goes
 * wrong is told where it does.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "ctl/frame/ask.h"
#include "router/settings/settings.h"

enum { DEMO_REDIS, DEMO_ROUTER, DEMO_EXECUTOR, DEMO_WEB, DEMO_SERVICES };

enum {
    DEMO_LOG_LINE_MAX = 8192,     /* longer ones come in pieces */
    DEMO_LOG_FILE_MAX = 64 << 20, /* about ten hours of a demo */
};

/* A process, and its log, read as it grows. The process never outlives this one: it is killed when
 * the caller dies, for whatever reason. It runs in a session of its own, so that a Ctrl-C or a
 * closed terminal reaches it only through the caller, with nothing open but its log. */
struct demo_service {
    const char *name;
    char *log;
    pid_t pid; /* 0: not started */
    bool is_over;
    int status; /* as waitpid() has it */
    int file;   /* the log; negative: not open */
    uint64_t offset;
    uint64_t lines; /* that were read */
    size_t length;
    char bytes[DEMO_LOG_LINE_MAX + 1]; /* a line that has no end yet */
};

struct demo_stage {
    struct ask ask;
    char *folder;
    char *socket;
    char *metrics; /* host:port, or empty: this build has no HTTP */
    char *page;    /* the same of the page; NULL: it was not asked for */
    struct options options;
    struct router_settings settings; /* the router's, as far as a client needs them */
    struct demo_service services[DEMO_SERVICES];
};

/* Negative: it went wrong and was told. */
int demo_stage_open(struct demo_stage *stage, const struct ctl_command *command)
    __attribute__((warn_unused_result));

/* 1: not yet. */
int demo_stage_connect(struct demo_stage *stage) __attribute__((warn_unused_result));

/* `seconds` are those of the router's window; with the executor, on paper, a position is held for
 * so long; the page needs the executor's, for it reads both configurations. */
int demo_stage_start(struct demo_stage *stage, size_t which, double seconds)
    __attribute__((warn_unused_result));

/* Hands over each line that it has logged since, without its newline. It never waits,
 * and the file does not grow for ever. */
void demo_service_read(struct demo_service *service, void (*on_line)(void *owner, const char *line),
                       void *owner);

/* Whether it still runs. */
bool demo_service_runs(struct demo_service *service);
void demo_service_signal(const struct demo_service *service, int number);

/* Kills it if it still runs, and waits for it. */
void demo_service_end(struct demo_service *service);

/* "ended with status 2", "was killed by signal 9"; the caller frees it. */
char *demo_service_fate(const struct demo_service *service);

/* One that was started and no longer runs, or NULL. */
struct demo_service *demo_stage_ended(struct demo_stage *stage);

/* Tells what went wrong, and the last lines of the log of a process that has ended. Returns a
 * negative number. */
int demo_stage_fail(struct demo_stage *stage, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Has Redis do this: words with blanks between. */
int demo_stage_order(struct demo_stage *stage, const char *words)
    __attribute__((warn_unused_result));

void demo_stage_close(struct demo_stage *stage);

/* A program beside the one that runs, or else on the PATH; NULL when it is not there. The caller
 * frees it. */
char *demo_stage_program(const char *name);
