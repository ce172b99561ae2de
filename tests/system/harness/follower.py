"""quantumctl capacity follow at work, after the hashes of a neighbour; what it says, as it comes."""

import signal
import time

from harness.names import HELD
from harness.process import clean_environment, kill_hard, program, spawn
from harness.waiting import SLOWNESS, wait_until

FROM = HELD + ":*"
QUICK = "--interval=0.1"


class Follower:
    def __init__(self, rig, *words, url=None, **env):
        self.rig = rig
        self.log = rig.folder / f"follow{time.monotonic_ns()}.log"
        with open(self.log, "wb") as log:
            command = [*program("quantumctl"), "capacity", "follow", f"--from={FROM}", QUICK, *words]
            self.process = spawn(command, log, log, clean_environment({"REDIS_URL": url or rig.redis.url, **env}))
        self.at = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        kill_hard(self.process)
        assert "Sanitizer" not in self.log.read_text() and "runtime error" not in self.log.read_text(), self.told()

    def lines(self):
        return self.log.read_text().split("\n")[:-1]

    def told(self):
        return "\n" + "\n".join(self.lines())

    def expect(self, text):
        """The next line that holds it; what is read is behind."""
        return self.expect_meanwhile(text, lambda: None)

    def expect_meanwhile(self, text, act):
        """The same, and before each try this is done."""

        def look():
            act()
            for n, line in enumerate(self.lines()[self.at :], self.at):
                if text in line:
                    self.at = n + 1
                    return line
            return None

        return wait_until(f"a line with {text!r}", look, context=self.told)

    def expect_silence(self, looks=3):
        """Nothing new while it looks so often: the keys' time to live is set again each time."""
        before = self.lines()
        for _ in range(looks):
            await_look(self.rig)
        assert self.lines() == before, self.told()

    def stop(self, number=signal.SIGTERM):
        began = time.monotonic()
        self.process.send_signal(number)
        assert self.process.wait(10 * SLOWNESS) == 0, self.told()
        return time.monotonic() - began


def await_look(rig):
    """Another look was taken: SCAN was asked once more, and what follows it too."""

    def scans():
        return rig.db.info("commandstats").get("cmdstat_evalsha", {}).get("calls", 0)

    seen = scans()
    wait_until("another look", lambda: scans() > seen + 1)
