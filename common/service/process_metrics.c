/* SPDX-License-Identifier: MIT */
#include "common/service/process_metrics.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "common/base/number.h"

enum row {
    CPU_SECONDS,
    OPEN_FDS,
    MAX_FDS,
    VIRTUAL_MEMORY,
    RESIDENT_MEMORY,
    START_TIME,
    THREADS,
    ROW_COUNT,
};

/* Fields of /proc/self/stat, counted from the one behind the name in parentheses; proc(5) counts
 * that one as the third. */
enum stat_field { STAT_THREADS = 20 - 3, STAT_START = 22 - 3, STAT_VSIZE = 23 - 3, STAT_RSS };
enum { STAT_TEXT_MAX = 2048 };

static const struct counter_row rows[ROW_COUNT] = {
    [CPU_SECONDS] = {.name = "cpu_seconds_total",
                     .kind = COUNTER,
                     .help = "Total user and system CPU time spent in seconds."},
    [OPEN_FDS] = {.name = "open_fds", .kind = GAUGE, .help = "Number of open file descriptors."},
    [MAX_FDS] = {.name = "max_fds",
                 .kind = GAUGE,
                 .help = "Maximum number of open file descriptors."},
    [VIRTUAL_MEMORY] = {.name = "virtual_memory_bytes",
                        .kind = GAUGE,
                        .help = "Virtual memory size in bytes."},
    [RESIDENT_MEMORY] = {.name = "resident_memory_bytes",
                         .kind = GAUGE,
                         .help = "Resident memory size in bytes."},
    [START_TIME] = {.name = "start_time_seconds",
                    .kind = GAUGE,
                    .help = "Start time of the process since unix epoch in seconds."},
    [THREADS] = {.name = "threads", .kind = GAUGE, .help = "Number of OS threads in the process."},
};

static const struct counter_table table = {"process_", rows, ROW_COUNT};

static bool read_stat(char ret_text[static STAT_TEXT_MAX])
{
    int file = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);

    if (file < 0)
        return false;
    ssize_t length = read(file, ret_text, STAT_TEXT_MAX - 1);
    (void)close(file);
    if (length <= 0)
        return false;
    ret_text[length] = '\0';
    return true;
}

/* The name may hold anything, blanks and parentheses too: what counts begins behind the last ')'.
 */
static bool stat_number(const char *stat, enum stat_field field, double *ret_value)
{
    const char *at = strrchr(stat, ')');

    if (!at || at[1] != ' ')
        return false;
    at += 2;
    for (int i = 0; i < (int)field; i++) {
        at = strchr(at, ' ');
        if (!at)
            return false;
        at++;
    }
    return number_read(at, strcspn(at, " \n"), ret_value);
}

static double seconds_of(struct timespec time)
{
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* The realtime clock less the process's age. /proc/stat has the moment of the boot, but may be
 * hidden. */
static void take_start_time(struct counters *counters)
{
    struct timespec now, since_boot;
    char stat[STAT_TEXT_MAX];
    double ticks;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)clock_gettime(CLOCK_BOOTTIME, &since_boot);
    double age = 0;
    if (read_stat(stat) && stat_number(stat, STAT_START, &ticks))
        age = seconds_of(since_boot) - ticks / (double)sysconf(_SC_CLK_TCK);
    /* Clocks of a container may begin elsewhere than those of its /proc. */
    if (age < 0)
        age = 0;
    counters_set(counters, START_TIME, 0, number_round(seconds_of(now) - age, 3));
}

static void take_memory(struct counters *counters)
{
    char stat[STAT_TEXT_MAX];
    double value;

    if (!read_stat(stat))
        return;
    if (stat_number(stat, STAT_THREADS, &value))
        counters_set(counters, THREADS, 0, value);
    if (stat_number(stat, STAT_VSIZE, &value))
        counters_set(counters, VIRTUAL_MEMORY, 0, value);
    if (stat_number(stat, STAT_RSS, &value))
        counters_set(counters, RESIDENT_MEMORY, 0, value * (double)sysconf(_SC_PAGESIZE));
}

static void take_open_fds(struct counters *counters)
{
    DIR *folder = opendir("/proc/self/fd");
    double count = -1; /* the folder itself */
    const struct dirent *entry;

    if (!folder)
        return;
    while ((entry = readdir(folder)))
        if (entry->d_name[0] != '.')
            count++;
    (void)closedir(folder);
    counters_set(counters, OPEN_FDS, 0, count);
}

static double seconds_of_timeval(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static void take_usage(struct counters *counters)
{
    struct rusage usage;
    struct rlimit files;

    if (getrusage(RUSAGE_SELF, &usage) == 0)
        counters_set(
            counters, CPU_SECONDS, 0,
            number_round(seconds_of_timeval(usage.ru_utime) + seconds_of_timeval(usage.ru_stime),
                         6));
    if (getrlimit(RLIMIT_NOFILE, &files) == 0)
        counters_set(counters, MAX_FDS, 0, (double)files.rlim_cur);
}

void process_metrics_init(struct process_metrics *metrics)
{
    counters_init(&metrics->counters, &table);
    take_start_time(&metrics->counters);
}

void process_metrics_deinit(struct process_metrics *metrics)
{
    counters_deinit(&metrics->counters);
}

void process_metrics_print(struct process_metrics *metrics, struct page *page)
{
    for (size_t row = 0; row < ROW_COUNT; row++)
        if (row != START_TIME && row != CPU_SECONDS)
            counters_unset(&metrics->counters, row);
    take_usage(&metrics->counters);
    take_memory(&metrics->counters);
    take_open_fds(&metrics->counters);
    counters_print(&metrics->counters, page);
}
