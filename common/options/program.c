/* SPDX-License-Identifier: MIT */
#include "common/options/program.h"

#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/output.h"
#include "common/base/spelling.h"
#include "common/base/version.h"
#include "common/options/env_file.h"
#include "common/options/options_file.h"
#include "common/options/program_help.h"

#define LEVEL_KEY "log.level"

/* What getopt_long() returns for a flag; those with a letter return it. */
enum flag_code {
    FLAG_HELP = 'h',
    FLAG_VERSION = 'V',
    FLAG_CONFIG = 'c',
    FLAG_STRAY = 1, /* a word that is no flag, as '-' in front of the letters asks for */
    FLAG_NO_VALUE = ':',
    FLAG_UNKNOWN = '?',
    FLAG_LOG_LEVEL = 256,
    FLAG_OPTION, /* a row of the table */
    FLAG_CHECK_CONFIG,
    FLAG_ENV_FILE,
    FLAG_LIST_OPTIONS,
    FLAG_LIST_METRICS,
    FLAG_SWITCH,
};

static const char flag_letters[] = "-:hVc:";
/* The same, but the first word that is no flag ends them. */
static const char leading_letters[] = "+:hVc:";

static const struct option general_flags[] = {
    {"help", optional_argument, NULL, FLAG_HELP},
    {"version", no_argument, NULL, FLAG_VERSION},
    {"config", required_argument, NULL, FLAG_CONFIG},
    {"log-level", required_argument, NULL, FLAG_LOG_LEVEL},
};
#define GENERAL_COUNT (sizeof general_flags / sizeof *general_flags)

static const struct option env_file_flag = {"env-file", required_argument, NULL, FLAG_ENV_FILE};

static const struct option service_flags[] = {
    {"check-config", no_argument, NULL, FLAG_CHECK_CONFIG},
    {"list-options", no_argument, NULL, FLAG_LIST_OPTIONS},
    {"list-metrics", no_argument, NULL, FLAG_LIST_METRICS},
};
#define SERVICE_COUNT (sizeof service_flags / sizeof *service_flags)

/* What is to be printed in place of running; of several the one that counts most is the last. */
enum question {
    ASKED_NOTHING,
    ASKED_VALUES,
    ASKED_METRICS,
    ASKED_OPTIONS,
    ASKED_VERSION,
    ASKED_HELP,
    ASKED_HELP_ALL,
};

/* An option set by a flag, kept until file and environment were read. */
struct assignment {
    const char *key;
    const char *place; /* NULL: "--key" */
    const char *text;
};

struct command_line {
    const struct options *options;
    struct option *known; /* for getopt_long() */
    const struct program_switch *switches;
    const char *config;
    enum question question;
    bool env_file;
    struct env_files variables;
    struct assignment *assignments;
    size_t assignment_count;
    struct complaints *complaints;
};

static size_t count_switches(const struct program_switch *switches)
{
    size_t count = 0;

    while (switches && switches[count].name)
        count++;
    return count;
}

static struct option *known_flags(const struct options *options, const struct program *program)
{
    const struct program_switch *switches = program->switches;
    size_t count = 0;
    size_t most = GENERAL_COUNT + SERVICE_COUNT + 1 + count_switches(switches) + options->row_count;
    struct option *known = memory_array(most + 1, sizeof *known);

    for (size_t i = 0; i < GENERAL_COUNT; i++) {
        if (general_flags[i].val != FLAG_LOG_LEVEL || options_has(options, LEVEL_KEY))
            known[count++] = general_flags[i];
    }
    for (size_t i = 0; program->is_service && i < SERVICE_COUNT; i++) {
        if (service_flags[i].val != FLAG_LIST_METRICS || program->list_metrics)
            known[count++] = service_flags[i];
    }
    if (program_has_env_file(program))
        known[count++] = env_file_flag;
    for (size_t i = 0; i < count_switches(switches); i++)
        known[count++] = (struct option){switches[i].name, no_argument, NULL, FLAG_SWITCH};
    const struct option_origin *origin;
    const struct option_row *row;
    for (size_t i = 0; (row = options_row(options, i, &origin)); i++)
        known[count++] = (struct option){row->key, required_argument, NULL, FLAG_OPTION};
    return known;
}

static void assign(struct command_line *line, const char *key, const char *place, const char *text)
{
    line->assignments =
        memory_resize(line->assignments, line->assignment_count + 1, sizeof *line->assignments);
    line->assignments[line->assignment_count++] = (struct assignment){key, place, text};
}

/* The flag's name in "--name=value", without its dashes. */
static char *long_name(const char *word)
{
    return memory_bytes(word + 2, strcspn(word + 2, "="));
}

static bool is_long(const char *word)
{
    return strncmp(word, "--", 2) == 0;
}

static bool is_known(const struct command_line *line, const char *name)
{
    for (const struct option *flag = line->known; flag->name; flag++) {
        if (strcmp(flag->name, name) == 0)
            return true;
    }
    return false;
}

/* The known flag whose spelling is the most similar, or NULL when none is near. */
static const char *nearest_flag(const struct command_line *line, const char *name)
{
    struct spelling_search search = spelling_search(name);
    const char *nearest = NULL;

    for (const struct option *flag = line->known; flag->name; flag++)
        if (spelling_is_nearer(&search, flag->name, strlen(flag->name)))
            nearest = flag->name;
    return nearest ? nearest : options_nearest(line->options, name);
}

static void complain_unknown_long(struct command_line *line, const char *name)
{
    const char *nearest = nearest_flag(line, name);

    if (nearest)
        complain(line->complaints, "--%s is not an option; did you mean --%s? (see --help)",
                 escaped(name).text, nearest);
    else
        complain(line->complaints, "--%s is not an option (see --help)", escaped(name).text);
}

/* getopt_long() says '?' for a flag that is unknown, ambiguous, or has a value that it does not
 * take. */
static void refuse(struct command_line *line, const char *word)
{
    if (!is_long(word)) {
        char letter[] = {(char)optopt, '\0'};
        complain(line->complaints, "-%s is not an option (see --help)", escaped(letter).text);
        return;
    }
    char *name = long_name(word);
    if (is_known(line, name))
        complain(line->complaints, "--%s takes no value (see --help)", name);
    else
        complain_unknown_long(line, name);
    free(name);
}

static void refuse_without_value(struct command_line *line, const char *word)
{
    if (!is_long(word)) {
        complain(line->complaints, "-%c needs a value (see --help)", optopt);
        return;
    }
    char *name = long_name(word);
    if (is_known(line, name))
        complain(line->complaints, "--%s needs a value (see --help)", name);
    else
        complain_unknown_long(line, name); /* the beginning of a name */
    free(name);
}

static void refuse_stray(struct command_line *line, const char *word)
{
    complain(line->complaints, "'%s' is not expected here: options begin with -- (see --help)",
             escaped(word).text);
}

/* getopt_long() takes any beginning of a name that fits one flag; a typing error must not set
 * something else. */
static bool is_abbreviated(const char *word, const char *name)
{
    if (!is_long(word))
        return false;
    size_t length = strcspn(word + 2, "=");
    return length != strlen(name);
}

static void take_switch(const struct command_line *line, const char *name)
{
    for (size_t i = 0; i < count_switches(line->switches); i++) {
        if (strcmp(line->switches[i].name, name) == 0)
            *line->switches[i].given = true;
    }
}

static void ask(struct command_line *line, enum question question)
{
    line->question = question > line->question ? question : line->question;
}

static void ask_help(struct command_line *line, const char *value)
{
    if (!value)
        ask(line, ASKED_HELP);
    else if (strcmp(value, "all") == 0)
        ask(line, ASKED_HELP_ALL);
    else
        complain(line->complaints, "--help takes no value but all (see --help)");
}

static void take_flag(struct command_line *line, int code, const char *name)
{
    switch (code) {
    case FLAG_HELP:
        ask_help(line, optarg);
        break;
    case FLAG_VERSION:
        ask(line, ASKED_VERSION);
        break;
    case FLAG_CONFIG:
        line->config = optarg;
        break;
    case FLAG_LOG_LEVEL:
        assign(line, LEVEL_KEY, "--log-level", optarg);
        break;
    case FLAG_OPTION:
        assign(line, name, NULL, optarg);
        break;
    case FLAG_CHECK_CONFIG:
        ask(line, ASKED_VALUES);
        break;
    case FLAG_ENV_FILE:
        line->env_file = true;
        env_files_read(&line->variables, optarg, line->complaints);
        break;
    case FLAG_LIST_OPTIONS:
        ask(line, ASKED_OPTIONS);
        break;
    case FLAG_LIST_METRICS:
        ask(line, ASKED_METRICS);
        break;
    case FLAG_SWITCH:
        take_switch(line, name);
        break;
    default:
        abort();
    }
}

/* What getopt_long() made of `word`. */
static void handle(struct command_line *line, int code, int index, const char *word)
{
    const char *name = index >= 0 ? line->known[index].name : NULL;

    if (code == FLAG_STRAY)
        refuse_stray(line, optarg);
    else if (code == FLAG_UNKNOWN || (name && is_abbreviated(word, name)))
        refuse(line, word);
    else if (code == FLAG_NO_VALUE)
        refuse_without_value(line, word);
    else
        take_flag(line, code, name);
}

static void scan(struct command_line *line, int argc, char **argv)
{
    opterr = 0;
    optind = 0; /* begin again, no matter who used it before */
    int next = 1;
    for (;;) {
        const char *word = next < argc ? argv[next] : NULL;
        int index = -1;
        int code = getopt_long(argc, argv, flag_letters, line->known, &index);
        if (code == -1)
            break;
        handle(line, code, index, word);
        next = optind;
    }
    for (int i = optind; i < argc; i++)
        refuse_stray(line, argv[i]);
}

static void apply_assignments(const struct command_line *line, struct options *options)
{
    for (size_t i = 0; i < line->assignment_count; i++) {
        const struct assignment *given = &line->assignments[i];
        char *place = given->place ? memory_text(given->place) : memory_format("--%s", given->key);
        int unknown =
            options_read_text(options, given->key, FROM_FLAG, place, given->text, line->complaints);
        free(place);
        if (unknown != 0)
            abort();
    }
}

const char *program_usual_config(const struct program *program)
{
    bool is_missing = access(program->config_path, F_OK) != 0 && errno == ENOENT;

    return is_missing ? NULL : program->config_path;
}

static void read_usual_variables(const struct command_line *line, const struct program *program,
                                 struct options *options)
{
    struct env_files usual = {0};

    if (!program->env_path || line->env_file)
        return;
    env_files_read_usual(&usual, program->env_path, line->complaints);
    struct variable_source variables = env_files_alone(&usual);
    options_read_usual_variables(options, &variables, line->complaints);
    env_files_free(&usual);
}

/* The cross checks leave out what was refused, so that one error does not hide another. */
static void configure(const struct command_line *line, const struct program *program,
                      struct options *options, const char *config)
{
    struct variable_source variables = env_files_source(&line->variables);

    if (config)
        options_read_file(options, config, line->complaints);
    read_usual_variables(line, program, options);
    options_read_variables(options, &variables, line->complaints);
    apply_assignments(line, options);
    if (program->check)
        program->check(options, line->complaints);
}

static void print_warnings(const struct program *program, const struct options *options)
{
    struct complaints warnings = {0};

    if (program->warn)
        program->warn(options, &warnings);
    for (size_t i = 0; i < warnings.count; i++)
        (void)fprintf(stderr, "%s: warning: %s\n", program->name, warnings.lines[i]);
    complaints_free(&warnings);
}

static void print(const struct program *program, const struct options *options,
                  enum question question)
{
    switch (question) {
    case ASKED_NOTHING:
        break;
    case ASKED_HELP:
    case ASKED_HELP_ALL:
        program_help(stdout, program, options, question == ASKED_HELP_ALL);
        break;
    case ASKED_VERSION:
        (void)printf("%s %s\n", program->name, quantum_version);
        break;
    case ASKED_OPTIONS:
        program_values_list(stdout, options);
        break;
    case ASKED_METRICS:
        program->list_metrics(stdout);
        break;
    case ASKED_VALUES:
        print_warnings(program, options);
        program_values_print(stdout, options);
        break;
    }
}

/* PROGRAM_ANSWERED, or PROGRAM_UNHEARD after saying why. */
static int answer(const struct program *program, const struct options *options,
                  enum question question)
{
    print(program, options, question);
    int result = output_finish();

    if (result == 0)
        return PROGRAM_ANSWERED;
    (void)fprintf(stderr, "%s: stdout cannot be written: %s\n", program->name, strerror(-result));
    return PROGRAM_UNHEARD;
}

/* Each complaint names the place. */
static void note_what_is_wrong(const struct complaints *complaints, const struct program *program,
                               struct options *options)
{
    for (size_t i = 0; i < complaints->count; i++) {
        bool is_usual = program->env_path && strstr(complaints->lines[i], program->env_path);
        options->usual_variables_wrong |= is_usual;
        options->rest_wrong |= !is_usual;
    }
}

static int start(struct command_line *line, const struct program *program, struct options *options,
                 const char **ret_config)
{
    if (line->question > ASKED_VALUES)
        return answer(program, options, line->question);
    const char *config = line->config ? line->config : program_usual_config(program);
    configure(line, program, options, config);
    note_what_is_wrong(line->complaints, program, options);
    if (line->complaints->count > 0)
        return -EINVAL;
    if (line->question == ASKED_VALUES)
        return answer(program, options, ASKED_VALUES);
    *ret_config = config;
    return 0;
}

int program_start(const struct program *program, struct options *options, int argc, char **argv,
                  const char **ret_config)
{
    struct complaints complaints = {0};
    struct command_line line = {.options = options, .complaints = &complaints};

    line.switches = program->switches;
    line.known = known_flags(options, program);
    scan(&line, argc, argv);
    int result = start(&line, program, options, ret_config);
    if (result < 0)
        complaints_print(&complaints, program->name);
    complaints_free(&complaints);
    env_files_free(&line.variables);
    free(line.assignments);
    free(line.known);
    return result;
}

int program_exit_status(int started)
{
    if (started < 0)
        return EXIT_USAGE;
    return started == PROGRAM_UNHEARD ? EXIT_FAILED : EXIT_DONE;
}

int program_command_at(const struct program *program, const struct options *options, int argc,
                       char **argv)
{
    struct option *known = known_flags(options, program);

    opterr = 0;
    optind = 0;
    while (getopt_long(argc, argv, leading_letters, known, NULL) != -1)
        continue;
    free(known);
    return optind;
}
