/* SPDX-License-Identifier: MIT */
#include "ctl/frame/interrupt.h"

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* What ends a process and can be caught, but for those that are a wish (interrupt.h). */
static const int endings[] = {SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
enum { ENDINGS = sizeof endings / sizeof *endings };

static struct sigaction before[ENDINGS];
static struct termios modes; /* as they were */
static volatile sig_atomic_t is_wanted, is_taken;

static bool is_in_foreground(void)
{
    return tcgetpgrp(STDIN_FILENO) == getpgrp();
}

static void take(void)
{
    struct termios ours;

    if (is_taken || !is_in_foreground() || tcgetattr(STDIN_FILENO, &modes) != 0)
        return;
    ours = modes;
    ours.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    ours.c_cc[VMIN] = 1;
    ours.c_cc[VTIME] = 0;
    is_taken = tcsetattr(STDIN_FILENO, TCSANOW, &ours) == 0;
}

static void restore(void)
{
    if (is_taken && is_in_foreground())
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &modes);
    is_taken = 0;
}

void keyboard_give_back(void)
{
    is_wanted = 0;
    restore();
}

/* The one who handled it before does so again. */
static void on_ending(int number)
{
    keyboard_give_back();
    for (size_t i = 0; i < ENDINGS; i++)
        if (endings[i] == number)
            (void)sigaction(number, &before[i], NULL);
    (void)raise(number);
}

/* Stops here, and goes on here. */
static void on_stop(int number)
{
    const struct sigaction again = {.sa_handler = on_stop,
                                    .sa_flags = (int)(SA_RESETHAND | SA_NODEFER)};

    restore();
    (void)raise(number);
    (void)sigaction(number, &again, NULL);
    if (is_wanted)
        take();
}

void keyboard_take(void)
{
    const struct sigaction ending = {.sa_handler = on_ending, .sa_flags = SA_NODEFER};
    const struct sigaction stop = {.sa_handler = on_stop,
                                   .sa_flags = (int)(SA_RESETHAND | SA_NODEFER)};

    if (isatty(STDIN_FILENO) != 1)
        return;
    is_wanted = 1;
    (void)atexit(keyboard_give_back);
    for (size_t i = 0; i < ENDINGS; i++)
        (void)sigaction(endings[i], &ending, &before[i]);
    (void)sigaction(SIGTSTP, &stop, NULL);
    take();
}

static bool is_waiting(void)
{
    struct pollfd keys = {.fd = STDIN_FILENO, .events = POLLIN};

    return poll(&keys, 1, 0) == 1 && keys.revents == POLLIN;
}

bool keyboard_pressed(const char *keys)
{
    char pressed[64];
    bool is_one = false;

    if (is_wanted)
        take();
    while (!is_one && is_taken && is_in_foreground() && is_waiting()) {
        ssize_t count = read(STDIN_FILENO, pressed, sizeof pressed);
        if (count <= 0)
            break;
        for (ssize_t i = 0; i < count; i++)
            is_one = is_one || (pressed[i] != '\0' && strchr(keys, pressed[i]));
    }
    return is_one;
}

enum { NAP_NS_MAX = 50000000 };

static volatile sig_atomic_t is_asked;

static void on_interrupt(int number)
{
    (void)number;
    is_asked = 1;
    keyboard_give_back(); /* the second one ends the process */
}

/* Without SA_RESTART, so that a nap ends at once. */
void interrupt_watch(void)
{
    const struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};

    is_asked = 0;
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGHUP, &action, NULL);
}

bool interrupt_is_asked(void)
{
    return is_asked != 0;
}

void interrupt_nap(uint64_t nap_ns)
{
    struct timespec nap = {.tv_nsec = (long)(nap_ns < NAP_NS_MAX ? nap_ns : NAP_NS_MAX)};

    (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL);
}
