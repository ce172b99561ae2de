"""Waiting for what must happen, with a deadline and a good word when it does not."""

import os
import time

# Under valgrind everything takes its time.
SLOWNESS = 5 if os.environ.get("QUANTUM_WRAP") else 1
PATIENCE_SEC = 15 * SLOWNESS
FULL = os.environ.get("QUANTUM_TEST_FULL") == "1"
POLL_SEC = 0.005


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
