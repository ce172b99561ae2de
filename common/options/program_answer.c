/* SPDX-License-Identifier: MIT */
#include "common/options/program_answer.h"

#include <string.h>

#include "common/base/output.h"
#include "common/base/version.h"
#include "common/options/program_help.h"
#include "common/options/program_values.h"

static void print_warnings(const struct program *program, const struct options *options)
{
    struct complaints warnings = {0};
    if (program->warn != NULL)
        program->warn(options, &warnings);
    for (size_t i = 0; i < warnings.count; i++)
        (void)fprintf(stderr, "%s: warning: %s\n", program->name, warnings.lines[i]);
    complaints_free(&warnings);
}

static void print(const struct program *program, const struct options *options,
                  enum program_question question)
{
    switch (question) {
    case ASKED_HELP:
        program_help(stdout, program, options);
        break;
    case ASKED_VERSION:
        (void)printf("%s %s\n", program->name, quantum_version);
        break;
    case ASKED_OPTIONS:
        program_values_list(stdout, options);
        break;
    case ASKED_VALUES:
        print_warnings(program, options);
        program_values_print(stdout, options);
        break;
    }
}

int program_answer(const struct program *program, const struct options *options,
                   enum program_question question)
{
    print(program, options, question);
    int result = output_finish();

    if (result == 0)
        return PROGRAM_ANSWERED;
    (void)fprintf(stderr, "%s: stdout cannot be written: %s\n", program->name, strerror(-result));
    return PROGRAM_UNHEARD;
}

int program_exit_status(int started)
{
    if (started < 0)
        return EXIT_USAGE;
    return started == PROGRAM_UNHEARD ? EXIT_FAILED : EXIT_DONE;
}
