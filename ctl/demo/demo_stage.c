/* SPDX-License-Identifier: MIT */
#include "ctl/demo/demo_stage.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <linux/close_range.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/escape.h"
#include "common/base/file.h"
#include "common/base/memory.h"
#include "common/service/http.h"

#define TEMPLATE   "quantum-demo-XXXXXX"
#define PATH_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+"

enum {
    PARENT_MAX = 70, /* with the names below it, a socket's address has 107 bytes */
    PORT_FIRST = 20001,
    PORT_COUNT = 12000, /* those that the kernel gives away by itself begin at 32768 */
    FILES_OPEN_MAX = 8,
    LAST_WORDS = 8, /* lines */
    LOG_READ_MAX = 1 << 27,
};

/* --- what went wrong */

/* On stderr, behind two blanks each. */
static void tell_last_lines(const char *text)
{
    const char *start = text + strlen(text);
    unsigned lines = 0;

    while (start > text && lines <= LAST_WORDS)
        lines += *--start == '\n';
    start += start > text || *start == '\n';
    while (*start != '\0') {
        size_t length = strcspn(start, "\n");
        char *line = memory_bytes(start, length);
        (void)fprintf(stderr, "  %s\n", escaped(line).text);
        free(line);
        start += length + (start[length] == '\n');
    }
}

struct demo_service *demo_stage_ended(struct demo_stage *stage)
{
    for (size_t i = 0; i < DEMO_SERVICES; i++) {
        struct demo_service *service = &stage->services[i];
        if (service->pid != 0 && !demo_service_runs(service))
            return service;
    }
    return NULL;
}

int demo_stage_fail(struct demo_stage *stage, const char *format, ...)
{
    const struct demo_service *ended = demo_stage_ended(stage);
    char *log = NULL;
    size_t length = 0;
    va_list arguments;

    if (ended && file_read(ended->log, LOG_READ_MAX, &log, &length) < 0)
        length = 0;
    va_start(arguments, format);
    char *error = memory_format_list(format, arguments);
    va_end(arguments);
    (void)command_fail(stage->ask.command, "%s%s", error, length > 0 ? "; its last words:" : "");
    if (log)
        tell_last_lines(log);
    free(error);
    free(log);
    return -EIO;
}

int demo_stage_order(struct demo_stage *stage, const char *words)
{
    struct command order = {0};
    redisReply *reply;

    for (; *words; words += strspn(words, " ")) {
        size_t length = strcspn(words, " ");
        command_add_bytes(&order, words, length);
        words += length;
    }
    if (ask_for(&stage->ask, "Redis refused a command", &order, &reply) < 0)
        return -EIO;
    freeReplyObject(reply);
    return 0;
}

/* --- the folder, programs and ports */

/* Below $TMPDIR, or below /tmp where $TMPDIR is too long for the name of a socket or would have to
 * be quoted. */
static const char *parent_folder(void)
{
    const char *parent = getenv("TMPDIR");
    bool fits = parent && parent[0] == '/' && strlen(parent) <= PARENT_MAX &&
                strspn(parent, PATH_CHARS) == strlen(parent);

    return fits ? parent : "/tmp";
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)about;
    (void)kind;
    (void)place;
    (void)remove(path);
    return 0;
}

/* In the first of these folders that has it; NULL: none does. */
static char *program_in(const char *folders, const char *name)
{
    struct stat about;

    while (*folders) {
        size_t length = strcspn(folders, ":");
        char *path = memory_format("%.*s/%s", (int)length, folders, name);
        if (length > 0 && stat(path, &about) == 0 && S_ISREG(about.st_mode) &&
            access(path, X_OK) == 0)
            return path;
        free(path);
        folders += length + (folders[length] == ':');
    }
    return NULL;
}

char *demo_stage_program(const char *name)
{
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    const char *path = getenv("PATH");

    self[length > 0 ? length : 0] = '\0';
    const char *end = strrchr(self, '/');
    char *folders = memory_format("%.*s:%s", end ? (int)(end - self) : 0, self, path ? path : "");
    char *program = program_in(folders, name);
    free(folders);
    return program;
}

/* A loopback port that nobody listens on, or empty when all are taken. Two demos that start
 * together begin at different ports. */
static char *free_address(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    unsigned start = (unsigned)getpid() % PORT_COUNT;

    for (unsigned i = 0; i < PORT_COUNT; i++) {
        unsigned port = PORT_FIRST + (start + i) % PORT_COUNT;
        int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        address.sin_port = htons((uint16_t)port);
        bool is_free = bind(probe, (const struct sockaddr *)&address, sizeof address) == 0;
        if (probe >= 0)
            (void)close(probe);
        if (is_free)
            return memory_format("127.0.0.1:%u", port);
    }
    return memory_text("");
}

/* --- a process */

static void reset_signals(void)
{
    static const int numbers[] = {SIGPIPE, SIGINT, SIGHUP, SIGQUIT};
    sigset_t none;

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        (void)signal(numbers[i], SIG_DFL);
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

/* In the child. The parent may have died before the kernel was told to watch it. What goes wrong is
 * the last word of its log; nothing of the parent's is flushed or run on the way out. */
__attribute__((noreturn)) static void become(char *const *words, char *const *environment,
                                             int output, pid_t parent)
{
    (void)setsid();
    reset_signals();
    bool is_watched = prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;
    if (is_watched && getppid() == parent && redirect(output) == 0)
        (void)execve(words[0], words, environment);
    (void)dprintf(output, "%s cannot be started: %s\n", words[0], strerror(errno));
    (void)kill(getpid(), SIGKILL);
    abort();
}

/* PATH is the only variable that it gets. */
static int start(struct demo_stage *stage, struct demo_service *service, char *const *words)
{
    char *path = memory_format("PATH=%s", getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin");
    char *environment[] = {path, NULL};
    pid_t parent = getpid(), pid = -1;

    service->file = open(service->log, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (service->file >= 0)
        pid = fork();
    if (pid == 0)
        become(words, environment, service->file, parent);
    free(path);
    if (pid < 0)
        return demo_stage_fail(stage, "%s cannot be started: %s", words[0], strerror(errno));
    service->pid = pid;
    return 0;
}

static void reap(struct demo_service *service, int options)
{
    pid_t pid;

    if (service->pid == 0 || service->is_over)
        return;
    do
        pid = waitpid(service->pid, &service->status, options);
    while (pid < 0 && errno == EINTR);
    service->is_over = pid != 0;
}

bool demo_service_runs(struct demo_service *service)
{
    reap(service, WNOHANG);
    return service->pid != 0 && !service->is_over;
}

void demo_service_signal(const struct demo_service *service, int number)
{
    if (service->pid != 0 && !service->is_over)
        (void)kill(service->pid, number);
}

void demo_service_end(struct demo_service *service)
{
    demo_service_signal(service, SIGKILL);
    reap(service, 0);
}

char *demo_service_fate(const struct demo_service *service)
{
    if (WIFSIGNALED(service->status))
        return memory_format("was killed by signal %d", WTERMSIG(service->status));
    return memory_format("ended with status %d", WEXITSTATUS(service->status));
}

/* --- logs */

static void hand_over(struct demo_service *service, void (*on_line)(void *owner, const char *line),
                      void *owner)
{
    char *line = service->bytes;
    char *end;

    service->bytes[service->length] = '\0';
    while ((end = memchr(line, '\n', service->length - (size_t)(line - service->bytes))) != NULL) {
        *end = '\0';
        service->lines++;
        on_line(owner, line);
        line = end + 1;
    }
    if (line == service->bytes && service->length == DEMO_LOG_LINE_MAX) {
        on_line(owner, line);
        line += service->length;
    }
    service->length -= (size_t)(line - service->bytes);
    memmove(service->bytes, line, service->length);
}

/* A long file that was read is emptied. A line that was written since the last read is lost, which
 * is rare and does not matter. */
void demo_service_read(struct demo_service *service, void (*on_line)(void *owner, const char *line),
                       void *owner)
{
    ssize_t length;

    while (service->file >= 0 &&
           (length = pread(service->file, service->bytes + service->length,
                           DEMO_LOG_LINE_MAX - service->length, (off_t)service->offset)) > 0) {
        service->offset += (uint64_t)length;
        service->length += (size_t)length;
        hand_over(service, on_line, owner);
    }
    if (service->offset >= DEMO_LOG_FILE_MAX && ftruncate(service->file, 0) == 0)
        service->offset = 0;
}

/* --- who plays */

/* The router's defaults, and where this Redis is. */
static void read_settings(struct demo_stage *stage)
{
    struct complaints complaints = {0};
    char *url = memory_format("unix://%s", stage->socket);

    options_init(&stage->options, &router_options, &stage->settings);
    (void)options_read_flag(&stage->options, "redis.url", url, &complaints);
    router_settings_check(&stage->options, &complaints);
    assert(complaints.count == 0 && "the defaults and a plain path");
    free(url);
}

/* Valkey does as well, where it is all there is. */
static const char *redis_name(void)
{
    static const char *const names[] = {"redis-server", "valkey-server"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *program = demo_stage_program(names[i]);
        bool is_there = program;
        free(program);
        if (is_there)
            return names[i];
    }
    return names[0];
}

static int open_folder(struct demo_stage *stage)
{
    const char *const names[DEMO_SERVICES] = {
        [DEMO_REDIS] = redis_name(),
        [DEMO_ROUTER] = "quantum-router",
        [DEMO_EXECUTOR] = "quantum-executor",
        [DEMO_WEB] = CTL_NAME,
    };
    static const char *const logs[DEMO_SERVICES] = {"redis", "router", "executor", "web"};
    char *folder = memory_format("%s/" TEMPLATE, parent_folder());

    if (!mkdtemp(folder)) {
        (void)demo_stage_fail(stage,
                              "no temporary folder can be made: %s; set TMPDIR to one that can",
                              strerror(errno));
        free(folder);
        return -EIO;
    }
    stage->folder = folder;
    stage->socket = memory_format("%s/redis.sock", folder);
    for (size_t i = 0; i < DEMO_SERVICES; i++) {
        stage->services[i] = (struct demo_service){.name = names[i], .file = -1};
        stage->services[i].log = memory_format("%s/%s.log", folder, logs[i]);
    }
    read_settings(stage);
    return 0;
}

static int write_config(struct demo_stage *stage, const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    bool is_bad = !file || fputs(text, file) == EOF;

    if (file)
        is_bad = fclose(file) != 0 || is_bad;
    return is_bad ? demo_stage_fail(stage, "%s cannot be written: %s", path, strerror(errno)) : 0;
}

/* With a configuration of its own behind the option. No path needs escapes: see parent_folder(). */
static int start_with(struct demo_stage *stage, struct demo_service *service, const char *option,
                      const char *text)
{
    char *program = demo_stage_program(service->name);
    char *config = memory_format("%s%s/%s.conf", option, stage->folder, service->name);
    int result;

    if (!program)
        result = demo_stage_fail(stage,
                                 *option ? "%s is neither beside " CTL_NAME
                                           " nor on the PATH; build it, or put it there"
                                         : "%s is not on the PATH; install it: "
                                           "apt-get install redis-server",
                                 service->name);
    else
        result = write_config(stage, config + strlen(option), text);
    if (result == 0)
        result = start(stage, service, (char *[]){program, config, NULL});
    free(config);
    free(program);
    return result;
}

int demo_stage_open(struct demo_stage *stage, const struct ctl_command *command)
{
    stage->ask.command = command;
    if (open_folder(stage) < 0)
        return -EIO;
    char *text = memory_format("port 0\nunixsocket %s\nunixsocketperm 700\ndir %s\nsave \"\"\n"
                               "appendonly no\n",
                               stage->socket, stage->folder);
    int result = start_with(stage, &stage->services[DEMO_REDIS], "", text);
    free(text);
    return result;
}

int demo_stage_connect(struct demo_stage *stage)
{
    struct client *client = client_new(&stage->settings.redis, CTL_NAME);

    if (access(stage->socket, F_OK) == 0 && client_open(client) == 0) {
        stage->ask.client = client;
        return 0;
    }
    client_free(client);
    return 1;
}

/* Time passes faster here, and so the windows of the executor's rates are shorter. */
static char *changes_of(const struct demo_stage *stage, size_t which, double seconds)
{
    if (which == DEMO_ROUTER)
        return memory_format("window : { seconds = %.2f; };\nmetrics : { listen = \"%s\"; };\n",
                             seconds, stage->metrics);
    return memory_format("venue : { safe_drain = false; };\n"
                         "paper : { hold_sec = %.2f; poll_ms = 50; };\n"
                         "guards : { global_rate_max = 1000; symbol_rate_sec = 1; };\n"
                         "metrics : { listen = \"\"; };\n",
                         seconds);
}

static char *configuration_of(const struct demo_stage *stage, size_t which, double seconds)
{
    char *changes = changes_of(stage, which, seconds);
    char *text = memory_format("# What this demo changes; everything else is at its default.\n"
                               "redis : { url = \"unix://%s\"; };\n%s",
                               stage->socket, changes);

    free(changes);
    return text;
}

/* The executor may not have been started, and so its configuration is written here, too. */
static int start_page(struct demo_stage *stage, const char *executor_text)
{
    char *router = memory_format("--config=%s/quantum-router.conf", stage->folder);
    char *executor = memory_format("--executor-config=%s/quantum-executor.conf", stage->folder);
    char *program = demo_stage_program(CTL_NAME), web[] = "web";

    stage->page = free_address();
    char *listen = memory_format("--listen=%s", stage->page);
    int result = program ? write_config(stage, strchr(executor, '=') + 1, executor_text)
                         : demo_stage_fail(stage, CTL_NAME " is not there any more");
    if (result == 0)
        result = start(stage, &stage->services[DEMO_WEB],
                       (char *[]){program, router, web, listen, executor, NULL});
    free(listen);
    free(program);
    free(executor);
    free(router);
    return result;
}

int demo_stage_start(struct demo_stage *stage, size_t which, double seconds)
{
    if (which == DEMO_ROUTER)
        stage->metrics = http_is_built_in() ? free_address() : memory_text("");
    char *text = configuration_of(stage, which, seconds);
    int result = which == DEMO_WEB ? start_page(stage, text)
                                   : start_with(stage, &stage->services[which], "--config=", text);
    free(text);
    return result;
}

/* Redis goes last, or the services would tell that it is lost. */
void demo_stage_close(struct demo_stage *stage)
{
    for (size_t i = DEMO_SERVICES; i-- > 0;) {
        struct demo_service *service = &stage->services[i];
        if (i == DEMO_REDIS)
            client_free(stage->ask.client);
        demo_service_end(service);
        if (service->log && service->file >= 0)
            (void)close(service->file);
        free(service->log);
    }
    if (stage->folder) {
        (void)nftw(stage->folder, remove_one, FILES_OPEN_MAX, FTW_DEPTH | FTW_PHYS);
        router_settings_release(&stage->settings);
        options_release(&stage->options);
    }
    free(stage->folder);
    free(stage->socket);
    free(stage->metrics);
    free(stage->page);
    *stage = (struct demo_stage){0};
}
