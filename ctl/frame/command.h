/* SPDX-License-Identifier: MIT */
/*
 * A command of quantumctl: what it is called, what it takes, and what runs it.
 *
 * One file or folder per command; the list of all is main's. A command's own options are rows as
 * those of the programs are, read from its flags alone. Its function is called when everything was
 * understood, and returns the exit status. Results go to stdout, everything else to stderr.
 */
#pragma once

#include "common/options/options.h"
#include "common/redis/client.h"
#include "router/settings/settings.h"

#define CTL_NAME "quantumctl"

/* Variables of its own, REDIS_URL among them, where its caller may read the file. */
#define CTL_ENV_PATH "/etc/quantum/quantumctl.env"

struct ask;
struct ctl_command;
struct executor_settings;

struct invocation {
    const struct ctl_command *command;
    const struct router_settings *settings;   /* the router's, so that names and address are */
    const void *values;                       /* of the command's own options */
    const struct names *words;                /* what is no flag */
    const struct executor_settings *executor; /* where the command names its file; else NULL */
    const struct ask *ask;                    /* Redis, where the command asks it; else NULL */
};

/* One of the things that a command does, by its first word. */
struct ctl_action {
    const char *name;
    bool asks;
    int (*run)(const struct invocation *invocation);
};

struct ctl_command {
    const char *name;
    const char *words; /* "SYMBOL SIDE CONFIDENCE [NAME=VALUE]...", or empty */
    size_t words_min, words_max;
    const char *purpose;
    const char *details; /* further lines for --help, examples among them */
    const struct option_row *rows;
    size_t row_count;
    size_t values_size;
    int usage_status; /* exit status after wrong usage; 0: EXIT_USAGE */
    /* An emergency's: what to say when it could not even begin, "NOT halted"; NULL: others. */
    const char *failure_headline;
    /* Gets what goes wrong in place of stderr; NULL: stderr. */
    void (*complain)(const char *line);
    /* What does the same without this program, arguments of redis-cli; the caller frees it. */
    char *(*by_hand)(const struct keys *keys);
    /* Complains about what no single option shows; may be NULL. */
    void (*check)(const struct options *options, const struct names *words,
                  struct complaints *complaints);
    /* Where its values name the executor's file. Its settings are read and sound while it runs;
     * NULL: it needs none. */
    const char *(*executor_file)(const void *values);
    /* A command that does several things names them, ended by one without a name; else `asks` and
     * `run` are its own. What asks has an open connection while it runs. */
    const struct ctl_action *actions;
    bool asks;
    int (*run)(const struct invocation *invocation);
};

/* The action that the first word names, or NULL. */
const struct ctl_action *command_action(const struct ctl_command *command,
                                        const struct names *words);

/* The exit status after wrong usage in front of or behind the command, or of none (NULL). */
int command_usage_status(const struct ctl_command *command);

/* The columns of a help text: what the terminal has, and no more than is read with ease. */
size_t command_help_columns(void);

/* Whether the words behind the command ask for its help. */
bool command_wants_help(int argc, char **argv);
int command_help(const struct ctl_command *command);

/* Reads the words behind the command and runs it. */
int command_run(const struct ctl_command *command, const struct router_settings *settings, int argc,
                char **argv);

/* One line on stderr, in front of it the command's name. Returns EXIT_FAILED. */
int command_fail(const struct ctl_command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A client that is open, or NULL after saying why not and what to do. */
struct client *command_connect(const struct ctl_command *command,
                               const struct router_settings *settings);

/* What was printed has reached stdout, or its reader has left: EXIT_DONE; or EXIT_FAILED after
 * saying why not. */
int command_done(const struct ctl_command *command);

/* The members of a row, and of a command, that every one has: where the value goes, what it may be,
 * the default. */
#define TAKES_SWITCH(at) .type = OPTION_BOOL, .offset = (at), .fallback = "false", .alone = "true"
#define TAKES_TEXT(at, bytes_max, otherwise)                                                       \
    .type = OPTION_TEXT, .offset = (at), .max = (bytes_max), .fallback = (otherwise)
#define TAKES_NAMES(at, otherwise) .type = OPTION_NAMES, .offset = (at), .fallback = (otherwise)
#define TAKES_CHOICE(at, names, otherwise)                                                         \
    .type = OPTION_CHOICE, .offset = (at), .choices = (names), .fallback = (otherwise)
#define TAKES_INT(at, least, most, otherwise)                                                      \
    .type = OPTION_INT, .offset = (at), .min = (least), .max = (most), .fallback = (otherwise)
#define TAKES_REAL(at, least, most, otherwise)                                                     \
    .type = OPTION_REAL, .offset = (at), .min = (least), .max = (most), .fallback = (otherwise)

#define COMMAND_OPTIONS(list, values)                                                              \
    .rows = (list), .row_count = sizeof(list) / sizeof *(list), .values_size = sizeof(values)

/* Whether a command does what it says, or only says it: --mode=dry-run|live, dry-run unless asked.
 */
enum live_mode { MODE_DRY_RUN, MODE_LIVE };

extern const char *const live_mode_names[];

#define LIVE_MODE_ROW(at)                                                                          \
    {                                                                                              \
        .key = "mode", .type = OPTION_CHOICE, .offset = (at), .choices = live_mode_names,          \
        .fallback = "dry-run", .help = "dry-run only says what it would do; live does it"          \
    }

/* Says at the end of a dry run that it was one. */
void live_mode_conclude(int mode);

/*
 * What to do about a Redis that was not reached or does not let us in, by what it or the system
 * said. Pure.
 */

const char *advice_on(const char *reason);

/*
 * What remains when an emergency's command cannot begin, because the configuration is refused: that
 * it was not done, the same command without what is wrong, and redis-cli.
 */

/* Silent for most commands, which can wait, and for none (NULL). */
void fallback_tell(const struct ctl_command *command, const struct options *options,
                   const struct router_settings *settings);
