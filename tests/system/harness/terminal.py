"""quantumctl on a terminal of so many columns."""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import threading

from harness.process import clean_environment, kill_hard, program
from harness.waiting import PATIENCE_SEC, wait_until

CTRL_C, CTRL_D, CTRL_Z = b"\x03", b"\x04", b"\x1a"

# A shell that has it as a job, and continues it when a line comes.
JOB = ("bash", "-c", 'set -m; "$@"; read -r; fg >/dev/null', "bash")


class Terminal:
    """One that a command runs on, as its foreground process; `text()` is all that it wrote."""

    def __init__(self, columns, *words, url, rows=50, through=(), bare=False, **env):
        self.ours, theirs = pty.openpty()
        self.resize(columns, rows)
        self.modes = termios.tcgetattr(theirs)
        self.process = subprocess.Popen([*through, *program("quantumctl", bare), *words], stdin=theirs, stdout=theirs, stderr=theirs,
                                        start_new_session=True, preexec_fn=self._take,
                                        env=clean_environment({"REDIS_URL": url, "TERM": "xterm", **env}))  # fmt: skip
        self.theirs = theirs
        self.written = bytearray()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _take(self):
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):  # the one who started the tests may ignore them
            signal.signal(number, signal.SIG_DFL)
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def _read(self):
        try:
            while chunk := os.read(self.ours, 65536):
                self.written += chunk
        except OSError:
            pass  # the last one closed it

    def resize(self, columns, rows=50):
        fcntl.ioctl(self.ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def text(self):
        return self.written.decode(errors="replace").replace("\r\n", "\n")

    def expect(self, what, condition):
        wait_until(what, lambda: condition(self.text()), context=self.text)

    def press(self, keys):
        os.write(self.ours, keys)

    def is_as_before(self):
        """Its modes are what they were when the command came."""
        return termios.tcgetattr(self.theirs) == self.modes

    def await_end(self):
        """The exit status."""
        return self.process.wait(PATIENCE_SEC)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        kill_hard(self.process)
        os.close(self.theirs)
        self.reader.join(10)
        os.close(self.ours)


def on_terminal(columns, *words, url, **env):
    """What it wrote there, with its colours."""
    with Terminal(columns, *words, url=url, **env) as terminal:
        terminal.await_end()
    return terminal.text()
