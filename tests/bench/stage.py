"""Where a measurement takes place: a Redis of its own on a loopback port, a filled stream, and the processes of one run."""

import json
import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from harness.names import GROUP, INTENTS, OPEN_ORDERS, SIGNALS
from harness.process import kill_hard, spawn
from harness.redis import RedisServer, free_port
from harness.waiting import wait_until

HELD_MAX = 5100  # a full window, and a thousand ACKs that are on their way
FOREVER = {"SIGNAL_MAX_AGE_SEC": "1000000"}  # what is fresh stays fresh
STALE_MS = 1700000000000


class Stage:
    def __init__(self, programs):
        self.programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="quantum-bench-"))
        self.redis = RedisServer(self.folder, port=free_port())
        self.db = self.redis.db

    def __enter__(self):
        self.redis.start()
        return self

    def __exit__(self, *_):
        self.redis.close()
        shutil.rmtree(self.folder)

    def fill(self, count, first=0, passing=333, symbols=50, stale=False):
        words = [count, first, passing, symbols, STALE_MS if stale else 0]
        self.run("bench-fill", self.redis.port, SIGNALS, *words)

    def run(self, name, *words):
        """One of the small programs; what it printed."""
        done = subprocess.run(
            [self.programs[name], *map(str, words)], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"{name} failed: {done.stderr.strip()}")
        return done.stdout

    def rewind(self, open_orders=0):
        """All is as if the stream had just been filled and nobody had read it."""
        for key in self.db.scan_iter(count=1000):
            if key != SIGNALS:
                self.db.delete(key)
        if self.db.exists(SIGNALS):
            self.db.xgroup_destroy(SIGNALS, GROUP)
        self.db.execute_command("XGROUP", "CREATE", SIGNALS, GROUP, "0", "MKSTREAM", "ENTRIESREAD", "0")
        self.db.set(OPEN_ORDERS, open_orders)

    def environment(self, **more):
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "REDIS_URL": f"redis://127.0.0.1:{self.redis.port}",
            "METRICS_LISTEN": f"127.0.0.1:{free_port()}",
            **more,
        }

    @contextmanager
    def process(self, words, stdout=subprocess.DEVNULL, **environment):
        """Runs in the block, and is ended behind it."""
        with open(self.folder / "log", "ab") as log:
            child = spawn(words, stdout, log, self.environment(**environment))
        try:
            yield child
            child.terminate()
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                pass
        finally:
            kill_hard(child)
            if child.stdout:
                child.stdout.close()

    def router(self, **environment):
        """With the default configuration, but for where things are."""
        return self.process([self.programs.router], **environment)

    def floor(self):
        return self.process([self.programs["bench-floor"], self.redis.port, SIGNALS, GROUP, "floor"])

    def watch(self, child, entries, held=HELD_MAX, seconds=120):
        """Waits until a child has worked off the stream; what bench-watch tells, with the child's CPU last."""
        words = [self.redis.port, SIGNALS, GROUP, entries, held, seconds, self.redis.process.pid, child.pid]
        told = json.loads(self.run("bench-watch", *words).splitlines()[-1])
        told["rate"] = told["settled"] / told["seconds"]
        return told

    def group(self):
        return next(group for group in self.db.xinfo_groups(SIGNALS) if group["name"] == GROUP)

    def expect_settled(self, seconds=30):
        """Everything is read, nothing is pending."""
        wait_until("all to be read and acknowledged",
                   lambda: self.group()["lag"] == 0 and self.group()["pending"] == 0, seconds)

    def intents(self):
        return [json.loads(fields["payload"]) for _, fields in self.db.xrange(INTENTS)]
