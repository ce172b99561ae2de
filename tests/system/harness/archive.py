"""quantumctl archive at work, and what it keeps, read as its README says that anybody may."""

import contextlib
import time

import readmes
from harness.names import RESULTS, SIGNALS
from harness.process import ROOT, clean_environment, kill_hard, program, spawn
from harness.waiting import wait_until

DECISIONS = "quantum:stream:router.decision"
SETTINGS = "quantum:router:settings"
STREAMS = {"decision": DECISIONS, "signal": SIGNALS, "result": RESULTS}
QUICK = "--every=0.1"

(CODE,) = [block.text for block in readmes.blocks((ROOT / "ctl/archive/README.md").read_text(), "python")]
READER = {}
exec(CODE, READER)


class Archive:
    """A folder, and the one that writes there; what it says, as it comes."""

    def __init__(self, rig, *words, folder=None, url=None, start=True, **env):
        self.rig = rig
        self.folder = folder or rig.folder / f"archive{time.monotonic_ns()}"
        self.words = words
        self.env = clean_environment({"REDIS_URL": url or rig.redis.url, **env})
        self.log = rig.folder / f"archive{time.monotonic_ns()}.log"
        self.at = 0
        self.process = None
        if start:
            self.start()

    def start(self):
        with open(self.log, "ab") as log:
            command = [*program("quantumctl"), "archive", QUICK, *self.words, self.folder]
            self.process = spawn(command, log, log, self.env)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        assert "Sanitizer" not in self.log.read_text() and "runtime error" not in self.log.read_text(), self.told()

    def kill(self):
        if self.process:
            kill_hard(self.process)

    def stop(self):
        self.process.terminate()
        assert self.process.wait(60) == 0, self.told()

    def told(self):
        return "\n" + self.log.read_text()

    def expect(self, text):
        """The next line that holds it; what is read is behind."""

        def look():
            lines = self.log.read_text().split("\n")[:-1]
            for n, line in enumerate(lines[self.at :], self.at):
                if text in line:
                    self.at = n + 1
                    return line
            return None

        return wait_until(f"a line with {text!r}", look, context=self.told)

    # --- what is kept

    def files(self):
        return sorted(path.name for path in self.folder.glob("*.qra"))

    def entries(self, *names):
        """(kind, id, fields) of all days, or of these files; of one that goes meanwhile none."""
        for name in names or self.files():
            with contextlib.suppress(FileNotFoundError):
                yield from READER["entries"]((self.folder / name).read_bytes())

    def of(self, kind):
        return [(id, fields) for found, id, fields in self.entries() if found == kind]

    def gaps(self):
        return [{name.decode(): value.decode() for name, value in fields.items()} for _, fields in self.of("gap")]

    def expect_kept(self):
        """Each stream as it is now, entry by entry, once."""
        for kind, stream in STREAMS.items():
            wanted = [(id.decode(), fields) for id, fields in self.rig.redis.raw.xrange(stream)]
            wait_until(f"all of {stream}", lambda: self.of(kind) == wanted, context=self.told)
