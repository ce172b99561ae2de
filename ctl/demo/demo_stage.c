/* SPDX-License-Identifier: MIT */
#include "ctl/demo/demo_stage.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/escape.h"
#include "common/base/file.h"
#include "common/base/memory.h"
#include "common/redis/reply.h"
#include "common/service/http.h"
#include "ctl/command.h"
#include "ctl/demo/demo_folder.h"

enum {
    SIGNALS_KEPT = 100000, /* about 30 MB, and at the highest rate more than a minute */
    LAST_WORDS = 8,        /* lines */
    LOG_READ_MAX = 1 << 27,
};

__attribute__((format(printf, 2, 3))) static int fail(struct demo_stage *stage, const char *format,
                                                      ...)
{
    va_list arguments;

    if (!stage->error) {
        va_start(arguments, format);
        stage->error = memory_format_list(format, arguments);
        va_end(arguments);
    }
    return -EIO;
}

const char *demo_stage_error(const struct demo_stage *stage)
{
    return stage->error ? stage->error : "";
}

/* The router's defaults, and where this Redis is. */
static void settle_settings(struct demo_stage *stage)
{
    struct complaints complaints = {0};
    char *url = memory_format("unix://%s", stage->socket);

    options_init(&stage->options, &router_options, &stage->settings);
    (void)options_read_flag(&stage->options, "redis.url", url, &complaints);
    router_settings_check(&stage->options, &complaints);
    assert(complaints.count == 0 && "the defaults and a plain path");
    free(url);
}

static int open_folder(struct demo_stage *stage)
{
    stage->folder = demo_folder_new();
    if (!stage->folder)
        return fail(stage, "no temporary folder can be made: %s; set TMPDIR to one that can",
                    strerror(errno));
    stage->socket = memory_format("%s/redis.sock", stage->folder);
    stage->redis_log = memory_format("%s/redis.log", stage->folder);
    stage->router_log = memory_format("%s/router.log", stage->folder);
    stage->executor_log = memory_format("%s/executor.log", stage->folder);
    settle_settings(stage);
    return 0;
}

/* The PATH is all that they need. */
static int start(struct demo_stage *stage, struct demo_child *child, char *const *words,
                 const char *log)
{
    char *path = memory_format("PATH=%s", getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin");
    char *environment[] = {path, NULL};
    int output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    int result =
        output < 0 ? -errno : demo_child_start(child, words[0], words, environment, output);
    if (result < 0)
        (void)fail(stage, "%s cannot be started: %s", words[0], strerror(-result));
    if (output >= 0)
        (void)close(output);
    free(path);
    return result;
}

int demo_stage_open(struct demo_stage *stage)
{
    stage->tail.file = stage->executor_tail.file = -1;
    char *program = demo_program_on_path("redis-server");
    if (!program)
        return fail(stage, "redis-server is not on the PATH; install it: "
                           "apt-get install redis-server");
    int result = open_folder(stage);
    if (result == 0) {
        char port[] = "--port", zero[] = "0", socket[] = "--unixsocket",
             mode[] = "--unixsocketperm", owner[] = "700", dir[] = "--dir", save[] = "--save",
             none[] = "", append[] = "--appendonly", no[] = "no";
        char *words[] = {program, port,          zero, socket, stage->socket, mode, owner,
                         dir,     stage->folder, save, none,   append,        no,   NULL};
        result = start(stage, &stage->redis, words, stage->redis_log);
    }
    free(program);
    return result;
}

int demo_stage_connect(struct demo_stage *stage)
{
    struct client *client = client_new(&stage->settings.redis, CTL_NAME);

    if (access(stage->socket, F_OK) == 0 && client_open(client) == 0) {
        stage->client = client;
        return 0;
    }
    client_free(client);
    return 1;
}

/* The paths need no escapes: see demo_folder_new(). */
static int write_config(struct demo_stage *stage, const char *path, const char *changes)
{
    FILE *file = fopen(path, "we");

    if (!file)
        return fail(stage, "%s cannot be written: %s", path, strerror(errno));
    (void)fprintf(file,
                  "# What this demo changes; everything else is at its default.\n"
                  "redis : { url = \"unix://%s\"; };\n%s",
                  stage->socket, changes);
    bool is_bad = ferror(file) != 0;
    if (fclose(file) != 0 || is_bad)
        return fail(stage, "%s cannot be written: %s", path, strerror(errno));
    return 0;
}

static int open_tail(struct demo_stage *stage, const char *log, struct demo_tail *tail)
{
    int file = open(log, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    if (file < 0)
        return fail(stage, "%s cannot be opened: %s", log, strerror(errno));
    demo_tail_init(tail, file);
    return 0;
}

/* A service, its log, and how it is started. */
struct service {
    const char *name;
    const char *log;
    struct demo_child *child;
    struct demo_tail *tail;
};

static int start_service(struct demo_stage *stage, const struct service *service,
                         const char *changes)
{
    char *program = demo_program_beside(service->name);
    char flag[] = "--config";

    if (!program)
        return fail(stage,
                    "%s is neither beside " CTL_NAME " nor on the PATH; build it, or put it there",
                    service->name);
    char *config = memory_format("%s/%s.conf", stage->folder, service->name);
    char *words[] = {program, flag, config, NULL};
    int result = open_tail(stage, service->log, service->tail);
    if (result == 0)
        result = write_config(stage, config, changes);
    if (result == 0)
        result = start(stage, service->child, words, service->log);
    free(config);
    free(program);
    return result;
}

int demo_stage_start_router(struct demo_stage *stage, double window_seconds)
{
    const struct service service = {"quantum-router", stage->router_log, &stage->router,
                                    &stage->tail};
    unsigned port = http_is_built_in() ? demo_port_free() : 0;

    stage->metrics = port > 0 ? memory_format("127.0.0.1:%u", port) : memory_text("");
    char *changes = memory_format("window : { seconds = %.2f; };\n"
                                  "metrics : { listen = \"%s\"; };\n",
                                  window_seconds, stage->metrics);
    int result = start_service(stage, &service, changes);
    free(changes);
    return result;
}

/* Time passes faster here, and so the rates' windows are shorter. */
int demo_stage_start_executor(struct demo_stage *stage, double hold_seconds)
{
    const struct service service = {"quantum-executor", stage->executor_log, &stage->executor,
                                    &stage->executor_tail};
    char *changes = memory_format("venue : { safe_drain = false; };\n"
                                  "paper : { hold_sec = %.2f; poll_ms = 50; };\n"
                                  "guards : { global_rate_max = 1000; symbol_rate_sec = 1; };\n"
                                  "metrics : { listen = \"\"; };\n",
                                  hold_seconds);

    int result = start_service(stage, &service, changes);
    free(changes);
    return result;
}

static int check_child(struct demo_stage *stage, struct demo_child *child, const char *name)
{
    if (child->pid == 0 || demo_child_runs(child))
        return 0;
    char *fate = demo_child_fate(child);
    int result = fail(stage, "%s %s before its time", name, fate);
    free(fate);
    return result;
}

int demo_stage_check(struct demo_stage *stage)
{
    int result = check_child(stage, &stage->redis, "redis-server");

    if (result == 0)
        result = check_child(stage, &stage->router, "quantum-router");
    return result < 0 ? result : check_child(stage, &stage->executor, "quantum-executor");
}

int demo_stage_ask(struct demo_stage *stage, struct command *command, redisReply **ret_reply)
{
    redisReply *reply;

    if (client_waiting(stage->client) > 0) { /* since it failed */
        command_free(command);
        return fail(stage, "%s", client_error(stage->client));
    }
    if (client_ask(stage->client, command, &reply) < 0)
        return fail(stage, "%s", client_error(stage->client));
    if (reply_is_error(reply)) {
        int result = fail(stage, "Redis refused a command: %s", reply_complaint(reply));
        freeReplyObject(reply);
        return result;
    }
    *ret_reply = reply;
    return 0;
}

static int tell(struct demo_stage *stage, struct command *command)
{
    redisReply *reply = NULL;
    int result = demo_stage_ask(stage, command, &reply);

    if (result == 0)
        freeReplyObject(reply);
    return result;
}

int demo_stage_set(struct demo_stage *stage, const char *key, const char *value)
{
    struct command command = {0};

    command_add_all(&command, value ? "SET" : "DEL", key, value, NULL);
    return tell(stage, &command);
}

int demo_stage_trim(struct demo_stage *stage)
{
    struct command command = {0};

    command_add_all(&command, "XTRIM", stage->settings.keys.signals, "MAXLEN", "~", NULL);
    command_add_int(&command, SIGNALS_KEPT);
    return tell(stage, &command);
}

static char *last_lines(const char *text)
{
    const char *start = text + strlen(text);
    unsigned lines = 0;
    char *words = memory_text("");

    while (start > text && lines <= LAST_WORDS)
        lines += *--start == '\n';
    start += start > text || *start == '\n';
    while (*start != '\0') {
        size_t length = strcspn(start, "\n");
        char *line = memory_bytes(start, length);
        char *longer = memory_format("%s  %s\n", words, escaped(line).text);
        free(words);
        free(line);
        words = longer;
        start += length + (start[length] == '\n');
    }
    return words;
}

char *demo_stage_last_words(struct demo_stage *stage)
{
    const char *log = NULL;
    char *text;
    size_t length;

    if (stage->redis.is_over)
        log = stage->redis_log;
    else if (stage->router.is_over)
        log = stage->router_log;
    else if (stage->executor.is_over)
        log = stage->executor_log;
    if (!log || file_read(log, LOG_READ_MAX, &text, &length) < 0)
        return memory_text("");
    char *words = last_lines(text);
    free(text);
    return words;
}

void demo_stage_close(struct demo_stage *stage)
{
    demo_child_end(&stage->router);
    demo_child_end(&stage->executor);
    client_free(stage->client);
    demo_child_end(&stage->redis);
    demo_tail_deinit(&stage->tail);
    demo_tail_deinit(&stage->executor_tail);
    if (stage->folder) {
        demo_folder_remove(stage->folder);
        router_settings_release(&stage->settings);
        options_release(&stage->options);
    }
    free(stage->folder);
    free(stage->socket);
    free(stage->redis_log);
    free(stage->router_log);
    free(stage->executor_log);
    free(stage->metrics);
    free(stage->error);
    *stage = (struct demo_stage){.tail.file = -1, .executor_tail.file = -1};
}
