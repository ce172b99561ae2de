/* SPDX-License-Identifier: MIT */
/*
 * What every program's command line has in common: --help, --version, --config, --log-level, and a
 * flag for each option; with services also --check-config, --env-file, --list-options and
 * --list-metrics. A tool that has a usual file of variables takes --env-file, too.
 *
 * program_start() reads file, environment and flags into the settings of `options`, which hold
 * their defaults since options_init(), and says whether the program is to run. It prints help,
 * version and complaints itself; the exit status is the caller's to return from main(). A program
 * with commands hands it the words before the command, which program_command_at() finds.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "common/options/options.h"

enum exit_status { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* A flag of one program that is no option: "--skip-backlog". */
struct program_switch {
    const char *name; /* NULL ends the list */
    const char *help;
    bool *given;
};

struct program {
    const char *name;        /* "quantum-router" */
    const char *purpose;     /* one line for --help */
    const char *config_path; /* read without --config, if it exists: "/etc/quantum/router.conf" */
    /* Variables that are read without --env-file, if the file exists and may be read, and count
     * less than the environment; NULL: none. A service has none, its unit says which. */
    const char *env_path;
    /* Has --check-config, --env-file and --list-options. */
    bool is_service;
    /* Checks what one row cannot see and fills in what is left unset; complains with
     * options_complain(), and about values that contradict each other with
     * options_complain_between(). May be called again when values have changed; may be NULL. */
    void (*check)(struct options *options, struct complaints *complaints);
    /* What is allowed, but odd enough to be said, for --check-config; may be NULL. */
    void (*warn)(const struct options *options, struct complaints *warnings);
    const struct program_switch *switches; /* NULL: it has none */
    /* Keys of the options that --help tells, ended by NULL, where --help=all tells the rest. NULL:
     * --help tells all. */
    const char *const *usual;
    /* Prints the list of commands for --help; NULL: the program has none. */
    void (*help_commands)(FILE *out);
    /* Prints the table of metrics for --list-metrics; a service's. */
    void (*list_metrics)(FILE *out);
};

/* What was asked for was printed; or it could not be, and that was said. */
enum { PROGRAM_ANSWERED = 1, PROGRAM_UNHEARD = 2 };

/* Returns 0 to run, one of the two above when all was done, negative when it was refused and said
 * so. `ret_config` is the file that was read, or NULL; it lives as long as argv. */
int program_start(const struct program *program, struct options *options, int argc, char **argv,
                  const char **ret_config) __attribute__((warn_unused_result));

/* The exit status of one that does not run, by what program_start() returned. */
int program_exit_status(int started);

/* Whether it takes --env-file. */
static inline bool program_has_env_file(const struct program *program)
{
    return program->is_service || program->env_path;
}

/* The usual file when it exists, or else NULL. */
const char *program_usual_config(const struct program *program);

/* The index of the first word that is neither a flag nor the value of one: the command; argc when
 * there is none. Complains about nothing, which is for program_start() to do. */
int program_command_at(const struct program *program, const struct options *options, int argc,
                       char **argv);
