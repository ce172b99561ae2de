/* SPDX-License-Identifier: MIT */
#include "ctl/frame/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <time.h>

#include "ctl/frame/keyboard.h"

enum { NAP_NS_MAX = 50000000 };

static volatile sig_atomic_t is_asked;

static void on_stop(int number)
{
    (void)number;
    is_asked = 1;
    keyboard_give_back(); /* the second one ends the process */
}

/* Without SA_RESTART, so that a nap ends at once. */
void interrupt_watch(void)
{
    const struct sigaction action = {.sa_handler = on_stop, .sa_flags = (int)SA_RESETHAND};

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
