"""A program of Prometheus' of one's own: it listens on a port of its own and says when it is ready."""

import subprocess
import urllib.request

from harness.process import kill_hard, spawn
from harness.redis import free_port
from harness.waiting import PATIENCE_SEC, wait_until


class Watcher:
    def __init__(self, folder, program, *flags):
        self.port = free_port()
        self.log = folder / f"{program}.log"
        with open(self.log, "wb") as log:
            self.process = spawn([program, f"--web.listen-address=127.0.0.1:{self.port}", *flags], stdout=log, stderr=subprocess.STDOUT)
        wait_until(f"{program} is ready", self._answers, context=self.log.read_text)

    def _answers(self):
        assert self.process.poll() is None, self.log.read_text()
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=PATIENCE_SEC).status == 200
        except OSError:
            return False

    def close(self):
        kill_hard(self.process)
