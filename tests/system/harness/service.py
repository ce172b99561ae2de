"""A running service: its log as it comes, and how it ended."""

import re
import signal
import time
from itertools import pairwise

from harness.process import WRAP, catches, clean_environment, kill_hard, program, spawn
from harness.waiting import PATIENCE_SEC, soon, wait_until

LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[(ERROR|WARNING|INFO|DEBUG)\] (.*)")
DISASTER = re.compile(
    r"AddressSanitizer|LeakSanitizer|runtime error:|Assertion .* failed|out of memory|^==\d+==",
    re.MULTILINE,
)


class Service:
    PROGRAM = None

    def __init__(self, folder, name, flags, env, bare=False):
        self.log_path = folder / f"{name}.log"
        self.killed = False
        self.forgiven = False
        self.told_to_stop = False
        self.tells_the_journal = "JOURNAL_STREAM" in env
        self.at = 0
        with open(self.log_path, "wb") as log:
            self.process = spawn(
                [*program(self.PROGRAM, bare), *flags],
                stdout=log,
                stderr=log,
                env=clean_environment(env),
            )

    def text(self):
        return self.log_path.read_bytes().decode("utf-8", "replace")

    def lines(self):
        """Complete lines only: the last one may still be on its way."""
        return self.text().split("\n")[:-1]

    def messages(self, start=0):
        """The lines behind their time and level."""
        return [LINE.fullmatch(line)[2] for line in self.lines()[start:] if LINE.fullmatch(line)]

    def tail(self, count=40):
        lines = self.lines()
        return f"\n--- the last of {len(lines)} lines of {self.log_path.name}\n" + "\n".join(
            lines[-count:]
        )

    def _find(self, pattern, start):
        lines = self.lines()
        for index in range(start, len(lines)):
            found = re.search(pattern, lines[index])
            if found:
                return index, found
        return None

    def expect(self, pattern, seconds=None):
        """Waits for a line behind the one expected last."""
        index, found = self._await(pattern, self.at, seconds)
        self.at = index + 1
        return found

    def expect_anywhere(self, pattern, seconds=None):
        return self._await(pattern, 0, seconds)[1]

    def _await(self, pattern, start, seconds):
        def look():
            alive = self.process.poll() is None
            found = self._find(pattern, start)
            assert found or alive, f"it ended waiting for {pattern!r}{self.tail()}"
            return found

        return wait_until(f"a line like {pattern!r}", look, seconds, self.tail)

    def forget(self):
        """What was logged so far is expected no more."""
        self.at = len(self.lines())

    def count(self, pattern):
        return sum(1 for line in self.lines() if re.search(pattern, line))

    def expect_count(self, pattern, number):
        """So many lines and no more; a line comes a moment after what it tells of is in Redis."""
        wait_until(f"{number} lines like {pattern!r}", lambda: self.count(pattern) >= number, context=self.tail)
        assert self.count(pattern) == number, self.tail()

    def expect_no_reason_twice(self):
        """Why Redis is lost is told when it changes, not at each attempt."""
        reasons = re.findall("REDIS_LOST (.*) retry_ms=", self.text())
        assert all(one != other for one, other in pairwise(reasons)), self.tail()

    def send(self, number):
        self.told_to_stop = True
        self.process.send_signal(number)

    def catches(self, number):
        return catches(self.process, number)

    def _is_ready_to_stop(self):
        if self.process.poll() is not None:
            return True
        # Valgrind handles every signal itself, from the start.
        has_begun = not WRAP or self.tells_the_journal or bool(self.text())
        return has_begun and self.catches(signal.SIGTERM)

    def kill(self):
        self.killed = True
        kill_hard(self.process)

    def forgive(self):
        """It ended by an assertion that is not ours, and was meant to."""
        self.killed = self.forgiven = True

    def terminate(self, seconds=PATIENCE_SEC):
        """SIGTERM, unless it has had a signal; returns how long it took to end, as a machine without other work has it."""
        if not self.told_to_stop:
            wait_until("a handler of SIGTERM", self._is_ready_to_stop, context=self.tail)
        began = time.monotonic()
        if self.process.poll() is None and not self.told_to_stop:
            self.send(signal.SIGTERM)
        try:
            self.process.wait(seconds)
        except Exception:
            raise AssertionError(f"SIGTERM did not end it in {seconds:g} s{self.tail()}") from None
        return (time.monotonic() - began) / soon(1)

    def close(self):
        """Ends it, and fails when it did not end, or had not lived, as it should."""
        try:
            if not self.killed:
                self.terminate()
        finally:
            kill_hard(self.process)
        self.check()

    def check(self):
        if self.forgiven:
            return
        assert not DISASTER.search(self.text()), self.text()
        if not self.killed:
            assert self.process.returncode == 0, f"exit {self.process.returncode}{self.tail()}"
        for line in self.lines():
            assert LINE.fullmatch(line), f"no log line of ours: {line!r}"
