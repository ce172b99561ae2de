"""A router without signals sleeps: each window it asks Redis once, when the window is over, and wakes seldom meanwhile."""

import time
from itertools import pairwise
from pathlib import Path

from harness.names import COMMIT, OPEN_ORDERS, SIGNALS

WAKE_UPS_PER_SEC = 20


def questions(rig, seconds):
    """The calls of the decision's two scripts: which one, and when Redis heard it."""
    heard = []
    with rig.redis.client().monitor() as monitor:
        for told in monitor.listen():
            words = told["command"].split(" ")
            first_key = words[3] if words[0] == "EVALSHA" else ""
            if first_key in (OPEN_ORDERS, SIGNALS):
                heard.append(("look" if first_key == OPEN_ORDERS else "commit", told["time"]))
            if heard and heard[-1][1] - heard[0][1] > seconds:
                return heard


def commits(rig):
    """What a commit writes of itself; the lease's end stands beside it."""
    return {name: value for name, value in rig.db.hgetall(COMMIT).items() if name != "held_until"}


def wake_ups(pid):
    """How often it slept and was woken, or was put aside, so far."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if "_ctxt_switches:" in line)


def test_a_window_asks_once(rig):
    rig.start_open_router(1, CANDIDATE_WINDOW_SEC="0.6")
    before = commits(rig)
    heard = questions(rig, 2.5)
    assert {name for name, _ in heard} == {"look"}
    # However late the machine wakes it for one, and in time for the next.
    assert all(later - sooner > 0.2 for (_, sooner), (_, later) in pairwise(heard)), heard
    assert commits(rig) == before


def test_wakes_seldom(rig):
    router = rig.start_open_router(1, CANDIDATE_WINDOW_SEC="3")
    began, before = time.monotonic(), wake_ups(router.process.pid)
    questions(rig, 2.5)
    assert wake_ups(router.process.pid) - before < WAKE_UPS_PER_SEC * (time.monotonic() - began)
