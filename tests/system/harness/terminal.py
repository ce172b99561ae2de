"""quantumctl on a terminal of so many columns."""

import fcntl
import os
import pty
import struct
import subprocess
import termios

from harness.process import clean_environment, program


def on_terminal(columns, *words, url, **env):
    """What it wrote there, with its colours."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    process = subprocess.Popen([*program("quantumctl"), *words], stdin=theirs, stdout=theirs, stderr=theirs,
                               env=clean_environment({"REDIS_URL": url, "TERM": "xterm", **env}))  # fmt: skip
    os.close(theirs)
    written = bytearray()
    try:
        while chunk := os.read(ours, 65536):
            written += chunk
    except OSError:
        pass  # the last one closed it
    finally:
        os.close(ours)
        process.wait()
    return written.decode().replace("\r\n", "\n")
