"""A name server that does not answer (F20)."""

import os
import time
import urllib.request

from harness.process import BUILD, SANITIZERS
from harness.redis import free_port
from harness.waiting import soon

# The library must not come before the sanitizer's own, but may.
HANGING = {
    "LD_PRELOAD": str(BUILD / "hang_names.so"),
    "ASAN_OPTIONS": SANITIZERS["ASAN_OPTIONS"] + ":verify_asan_link_order=0",
}


def test_f20_name_that_hangs(stage):
    """The loop turns, tries again and again, and ends when it is told to."""
    port = free_port()
    listen = {"METRICS_LISTEN": f"127.0.0.1:{port}"}
    router = stage.start_router(
        *stage.quick("a"), url="redis://hangs.example:6379", bare=True, **{**stage.env, **HANGING, **listen}
    )
    router.expect("REDIS_LOST resolving the host name timed out", seconds=soon(5))
    assert threads_of(router) > 1, "nobody looks the name up"
    for _ in range(5):
        assert answers(port)
    router.expect_count("REDIS_LOST", 1)
    began = time.monotonic()
    answers(port)
    assert time.monotonic() - began < soon(1)
    assert router.terminate() < 1.3


def answers(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=soon(2)) as page:
        return page.status == 200


def threads_of(router):
    """Each name that is looked up has one, until they are all taken."""
    return len(os.listdir(f"/proc/{router.process.pid}/task"))
