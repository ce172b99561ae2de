"""Waiting for what must happen, with a deadline and a good word when it does not."""

import os
import time
from pathlib import Path

# Under valgrind everything takes its time.
SLOWNESS = 5 if os.environ.get("QUANTUM_WRAP") else 1
# For an event that must come. Only a test that fails waits so long, so there is room for a machine with other work.
PATIENCE_SEC = 60 * SLOWNESS
CORES = len(os.sched_getaffinity(0))
FULL = os.environ.get("QUANTUM_TEST_FULL") == "1"
POLL_SEC = 0.005


def soon(seconds):
    """How long something may take here and now that takes at most `seconds` where nobody else works: for what the programs
    promise to do in a time, and for nothing else."""
    running = int(Path("/proc/loadavg").read_text().split()[3].split("/")[0])
    return seconds * SLOWNESS * max(1, os.getloadavg()[0] / CORES, running / CORES)


def wait_until(what, condition, seconds=None, context=lambda: ""):
    """The first true value of condition(); an AssertionError that says what did not come."""
    seconds = PATIENCE_SEC if seconds is None else seconds
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what}{context()}")
        time.sleep(POLL_SEC)
