/* SPDX-License-Identifier: MIT */
#include "common/base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <unistd.h>

void output_hold_streams(void)
{
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++)
        if (fcntl(stream, F_GETFD) < 0)
            (void)!open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

struct output_size output_size(FILE *out)
{
    struct winsize size = {0};

    if (ioctl(fileno(out), TIOCGWINSZ, &size) != 0)
        return (struct output_size){0};
    return (struct output_size){size.ws_col, size.ws_row};
}

static bool is_left_alone(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO};

    return poll(&out, 1, 0) == 1 && out.revents & (POLLERR | POLLHUP);
}

/* What an earlier write failed of is forgotten by now. It is most likely so still, and one more
 * write says what. */
static int reason_again(void)
{
    clearerr(stdout);
    return putchar('\n') == EOF || fflush(stdout) != 0 ? errno : EIO;
}

int output_finish(void)
{
    int error = fflush(stdout) == 0 ? 0 : errno;

    if ((error == 0 && !ferror(stdout)) || error == EPIPE || is_left_alone())
        return 0;
    return -(error != 0 ? error : reason_again());
}
